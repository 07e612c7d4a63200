"""From URL parameters to criteria, and back to URLs without one of them.

A parameter may be given several times: its values are alternatives, different parameters (and
different keys of ``tag``) all apply. A leading ``-`` excludes; ``\\-`` is a dash that belongs to
the value.
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

from audit.browsing.criteria import Criterion, Period, tag_criteria
from audit.browsing.fields import FIELDS, InvalidValue
from audit.browsing.moments import InvalidMoment, describe_moment, parse_moment
from audit.event_types import registry
from audit.models import ActorKind, Change, Event, EventQuerySet, Outcome

MAX_VALUES = 50  # in one request; more is a list, and belongs into an export

# Parameters that name a place in one list of results; another list has other places.
_PLACE = ("cursor", "newer", "open")


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
    """``since`` or ``until``; cleans to a moment, in the zone that is active."""

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


class EventFilterForm(forms.Form):
    """The parameters together."""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        given = sum(len(values) for values in cleaned.values() if isinstance(values, tuple))
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
        }

    def filter_queryset(self, queryset: EventQuerySet) -> EventQuerySet:
        if self.errors:
            return queryset.none()
        period = Period(self.since, self.until)
        return queryset.matching(*self.criteria, *([period] if period != Period() else ()))

    @property
    def since(self) -> datetime | None:
        return self._cleaned.get("since")

    @property
    def until(self) -> datetime | None:
        return self._cleaned.get("until")

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """What the parameters ask for, apart from the time."""
        return tuple(self._criteria())

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """One for each value and each end of the time range, in the order of the form."""
        return tuple(self._chips())

    def values(self, param: str) -> tuple[Value, ...]:
        """The values given for a parameter; none if one of them is wrong."""
        return self._cleaned.get(param) or ()

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
            if param in ("since", "until"):
                yield from self._moment_chip(param)
            for value in self.values(param) if param in FIELDS else ():
                label, text = FIELDS[param].label, _in_words(param, value.text)
                without = self.without(param, value)
                yield Chip(param, str(value), label, text, value.excluded, without)

    def _moment_chip(self, param: str) -> Iterator[Chip]:
        if at := self._cleaned.get(param):
            raw = self.data[param]
            text = describe_moment(param, raw, at, timezone.get_current_timezone())
            without = {param: None, **dict.fromkeys(_PLACE)}
            yield Chip(param, raw, "Time", text, False, without)


def _in_words(param: str, value: str) -> str:
    closed = {"change": Change, "actor_kind": ActorKind, "outcome": Outcome}
    if param == "event_type":
        return registry.label(value)
    return str(closed[param](value).label) if param in closed else value
