"""From URL parameters to criteria, and back to URLs without one of them.

A parameter may be given several times: its values are alternatives, different parameters (and
different keys of ``tag``) all apply. A leading ``-`` excludes; ``\\-`` is a dash that belongs to
the value. ``q`` holds a query of the grammar (docs/search.md), which applies as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_filters import Filter, FilterSet  # type: ignore[import-untyped]

from audit.browsing import asking
from audit.browsing.criteria import AsOf, Condition, Criterion, Period, tag_criteria
from audit.browsing.fields import FIELDS, InvalidValue
from audit.browsing.grammar import (
    GrammarError,
    Query,
    Remark,
    Term,
    TimeTerm,
    Word,
    from_parameters,
    hints,
    parse,
)
from audit.browsing.misspelt import suggestions
from audit.browsing.moments import InvalidMoment, describe_moment, parse_moment
from audit.event_types import registry
from audit.models import ActorKind, Change, DictionaryEntry, Event, EventQuerySet, Outcome

MAX_VALUES = 50  # in one request; more is a list, and belongs into an export

# Parameters that name a place in one list of results; another list has other places.
_PLACE = ("cursor", "newer", "open")
_MOMENTS = frozenset({"since", "until", "as_of"})


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a parameter."""

    text: str
    excluded: bool = False

    @classmethod
    def parse(cls, raw: str) -> "Value":
        if raw.startswith("-"):
            return cls(raw[1:], excluded=True)
        if raw.startswith(("\\-", "\\\\")):
            return cls(raw[1:])
        return cls(raw)

    def __str__(self) -> str:
        """As the URL writes it."""
        if self.excluded:
            return f"-{self.text}"
        if self.text.startswith(("-", "\\-", "\\\\")):
            return f"\\{self.text}"
        return self.text


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter that can be taken away: ``{% querystring request.GET chip.without %}``."""

    param: str
    value: str  # as the URL has it
    label: str
    text: str
    excluded: bool
    without: dict[str, list[str] | None]


class ValuesField(forms.Field):
    """A parameter given any number of times; cleans to a tuple of Value."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name

    def clean(self, value: list[str] | None) -> tuple[Value, ...]:
        given = dict.fromkeys(Value.parse(raw) for raw in value or () if raw)
        errors, cleaned = [], []
        for item in given:
            try:
                cleaned.append(Value(FIELDS[self.name].clean(item.text), item.excluded))
            except InvalidValue as error:
                errors.append(ValidationError(str(error), code="invalid"))
        if errors:
            raise ValidationError(errors)
        return tuple(dict.fromkeys(cleaned))


class MomentField(forms.Field):
    """``since``, ``until`` or ``as_of``; cleans to a moment, in the zone that is active."""

    def __init__(self, *, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name

    def clean(self, value: str | None) -> datetime | None:
        if not value:
            return None
        zone, now = timezone.get_current_timezone(), timezone.now()
        try:
            return parse_moment(self.name, value, now=now, zone=zone)
        except InvalidMoment as error:
            raise ValidationError(str(error), code="invalid") from None


class QueryError(ValidationError):
    """``remark`` tells the place in the query."""

    def __init__(self, remark: GrammarError) -> None:
        super().__init__(remark.message, code="invalid")
        self.remark = remark


class QueryField(forms.Field):
    """``q``; cleans to a Query that can be asked, and the times in it to a Period."""

    def clean(self, value: str | None) -> tuple[Query, Period]:
        zone, now = timezone.get_current_timezone(), timezone.now()
        try:
            query = parse(value or "")
            asking.check(query)
            return query, Period(*query.period(now=now, zone=zone))
        except GrammarError as error:
            raise QueryError(error) from None


class EventFilterForm(forms.Form):
    """The parameters together."""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        given = sum(len(cleaned.get(name, ())) for name in FIELDS)
        if given > MAX_VALUES:
            raise ValidationError(
                f"At most {MAX_VALUES} values can be filtered by at once, not {given}.",
                code="too_many",
            )
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("since", "since must not be later than until.")
        return cleaned


class ValuesFilter(Filter):  # type: ignore[misc]  # django-filter has no types
    field_class = ValuesField

    def __init__(self, name: str) -> None:
        super().__init__(label=FIELDS[name].label, name=name)


class MomentFilter(Filter):  # type: ignore[misc]
    field_class = MomentField

    def __init__(self, name: str, label: str) -> None:
        super().__init__(label=label, name=name)


class QueryFilter(Filter):  # type: ignore[misc]
    field_class = QueryField


class EventFilterSet(FilterSet):  # type: ignore[misc]
    """The filters of the log. ``qs`` is empty while there are ``errors``."""

    class Meta:
        model = Event
        fields = ()
        form = EventFilterForm

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        return {
            **{name: ValuesFilter(name) for name in FIELDS},
            "since": MomentFilter("since", "Since"),
            "until": MomentFilter("until", "Until"),
            "as_of": MomentFilter("as_of", "As of"),
            "q": QueryFilter(label="Search"),
        }

    def filter_queryset(self, queryset: EventQuerySet) -> EventQuerySet:
        if self.errors:
            return queryset.none()
        _, of_query = self._query
        periods = [p for p in (Period(self.since, self.until), of_query) if p != Period()]
        return queryset.matching(*self.criteria, *periods)

    @property
    def period(self) -> Period:
        """What the parameters and the query come to together."""
        _, of_query = self._query
        return Period(
            max((at for at in (self.since, of_query.since) if at), default=None),
            min((at for at in (self.until, of_query.until) if at), default=None),
        )

    @property
    def since(self) -> datetime | None:
        return self._cleaned.get("since")

    @property
    def until(self) -> datetime | None:
        return self._cleaned.get("until")

    @property
    def as_of(self) -> datetime | None:
        """The moment whose log is asked for; None for that of now."""
        return self._cleaned.get("as_of")

    @cached_property
    def criteria(self) -> tuple[Condition, ...]:
        """What the parameters ask for, apart from the time."""
        as_of = [AsOf(self.as_of)] if self.as_of else []
        return (*self._criteria(), *self._answer.conditions, *as_of)

    @property
    def query(self) -> Query:
        """What ``q`` asks; nothing if it is wrong."""
        return self._query[0]

    @cached_property
    def query_text(self) -> str:
        """All that the parameters ask, as one query; ``q`` as it is where one of them is wrong."""
        try:
            return from_parameters({name: self.data.getlist(name) for name in self.data}).text
        except GrammarError:
            return str(self.data.get("q", ""))

    @cached_property
    def grammar_error(self) -> GrammarError | None:
        """What is wrong with ``q``, and where."""
        for error in self.form.errors.as_data().get("q", ()):
            if isinstance(error, QueryError):
                return error.remark
        return None

    @cached_property
    def hints(self) -> tuple[Remark, ...]:
        """What is worth saying about ``q``, though it was searched for."""
        if self.errors:
            return ()
        of_words = suggestions(self.query, self.queryset.organization_id, self.queryset.db)
        of_names = hints(self.query, self._known_keys())
        return (*self._answer.remarks, *of_words, *of_names)

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """One for each value and each end of the time range, in the order of the form."""
        return tuple(self._chips())

    def values(self, param: str) -> tuple[Value, ...]:
        """The values given for a parameter; none if one of them is wrong."""
        return self._cleaned.get(param) or ()

    @property
    def facet_values(self) -> list[tuple[str, str]]:
        """The values that are filtered by, as field and value of a facet of the overview."""
        given = [(param, value.text) for param in FIELDS for value in self.values(param)]
        return [_of_details(text) if param == "tag" else (param, text) for param, text in given]

    def adding(self, param: str, value: Value) -> dict[str, list[str] | None]:
        """For ``{% querystring request.GET … %}``: one value more, and the first page.

        Including and excluding the same value would leave nothing, so one replaces the other.
        """
        opposite = Value(value.text, not value.excluded)
        kept = [item for item in self.values(param) if item not in (value, opposite)]
        return {param: [str(item) for item in (*kept, value)], **dict.fromkeys(_PLACE)}

    def without(self, param: str, value: Value) -> dict[str, list[str] | None]:
        """For ``{% querystring request.GET … %}``: one value less, and the first page."""
        kept = [str(item) for item in self.values(param) if item != value]
        return {param: kept or None, **dict.fromkeys(_PLACE)}

    @property
    def _cleaned(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.form.is_valid()
        cleaned: dict[str, Any] = self.form.cleaned_data
        return cleaned

    @property
    def _query(self) -> tuple[Query, Period]:
        return self._cleaned.get("q") or (Query(), Period())

    @cached_property
    def _answer(self) -> asking.Answer:
        if not self.query.terms:
            return asking.Answer()
        return asking.answer(self.query, self.queryset.organization_id, self.queryset.db)

    def _known_keys(self) -> frozenset[str] | None:
        """The details keys in use, where the query names one."""
        if not any(term.key for term in self.query.fields):
            return None
        entries = DictionaryEntry.objects.using(self.queryset.db).filter(
            organization_id=self.queryset.organization_id, field="details"
        )
        return frozenset(entries.values_list("value", flat=True))

    def _criteria(self) -> Iterator[Criterion]:
        for param in FIELDS:
            for excluded in (False, True):
                texts = [v.text for v in self.values(param) if v.excluded == excluded]
                if param == "tag":
                    yield from tag_criteria(texts, excluded=excluded)
                elif texts:
                    yield Criterion(param, tuple(texts), excluded)

    def _chips(self) -> Iterator[Chip]:
        for param in self.filters:
            if param in _MOMENTS:
                yield from self._moment_chip(param)
            for value in self.values(param) if param in FIELDS else ():
                label, text = FIELDS[param].label, _in_words(param, value.text)
                without = self.without(param, value)
                yield Chip(param, str(value), label, text, value.excluded, without)
        for term in self.query.terms:
            yield _chip_of(term, self.query)

    def _moment_chip(self, param: str) -> Iterator[Chip]:
        if at := self._cleaned.get(param):
            raw = self.data[param]
            text = describe_moment(param, raw, at, timezone.get_current_timezone())
            without = {param: None, **dict.fromkeys(_PLACE)}
            yield Chip(param, raw, "Time", text, False, without)


def _chip_of(term: Term, query: Query) -> Chip:
    """A term of ``q``, which goes without the others."""
    left = str(Query(tuple(other for other in query.terms if other is not term)))
    without = {"q": [left] if left else None, **dict.fromkeys(_PLACE)}
    excluded = not isinstance(term, TimeTerm) and term.excluded
    text = str(term)[excluded:]
    if isinstance(term, Word):
        return Chip("q", str(term), "Word", text, excluded, without)
    if isinstance(term, TimeTerm):
        return Chip("q", str(term), "Time", text, excluded, without)
    label, is_tag = FIELDS[term.parameter].label, term.parameter == "tag"
    values = text if is_tag else text.partition(":")[2]
    return Chip("q", str(term), label, values, excluded, without)


def _of_details(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition(":")
    return f"details.{key}", value


def _in_words(param: str, value: str) -> str:
    closed = {"change": Change, "actor_kind": ActorKind, "outcome": Outcome}
    if param == "event_type":
        return registry.label(value)
    return str(closed[param](value).label) if param in closed else value
