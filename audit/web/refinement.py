"""Links that change one filter of a page's address and keep all else that it asks for.

A page has about a thousand of them, so each is made once, and not by ``{% querystring %}``, which
takes the whole address apart every time (thirty times as long, measured over 450 links).
"""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from audit.browsing import Value
from audit.web.columns import PARAMETER as COLUMNS
from audit.web.zone import PARAMETER

type State = Literal["", "included", "excluded"]

#: ``?live=1`` is the list that grows.
LIVE: Final = "live"
# They name a place in one list of results; another list has other places.
_PLACE: Final = frozenset({"cursor", "newer", "open"})
# They say how events are shown, not which.
_SHAPE: Final = frozenset({PARAMETER, COLUMNS, LIVE})
# Characters; servers refuse a request line of 8,190, some of 4,094.
_MAX_QUERY: Final = 4_000
# Kept readable: none of them ends a value.
_SAFE: Final = ":/@,"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be filtered by.

    ``attributes`` are those of its link, which adds the value, excludes it where it is included
    already, and takes it away where it is excluded. Empty where the address would be too long
    for a server. ``count`` events have it, if that is known.
    """

    param: str
    value: str
    text: str
    attributes: SafeString
    state: State
    count: int | None = None


class Refinement:
    """What the address of the page asks for, and the addresses one step away."""

    def __init__(self, query: QueryDict) -> None:
        self._asked = {name: [v for v in values if v] for name, values in query.lists()}
        self._filters = {name: v for name, v in self._asked.items() if name not in _PLACE and v}
        self._choices: dict[tuple[str, str], tuple[SafeString, State]] = {}
        self._others: dict[str, str] = {}

    def choice(self, param: str, value: str, text: str = "") -> Choice:
        key = param, value
        if key not in self._choices:
            href, state = self._toggled(param, value)
            self._choices[key] = _attributes(param, value, href, state), state
        attributes, state = self._choices[key]
        return Choice(param, value, text or value, attributes, state)

    def toggled(self, param: str, value: Value) -> str:
        """The page with ``value`` the other way round: excluded, or included again."""
        return self._with(param, value, Value(value.text, not value.excluded))

    def dropping(self, param: str, value: Value) -> str:
        """The page without one value."""
        return self._with(param, value, None)

    def without(self, *params: str) -> str:
        """The first page, with nothing asked of these parameters."""
        return "?" + _encoded({n: v for n, v in self._filters.items() if n not in params})

    @property
    def nothing(self) -> str:
        """The page without a filter, that shows events in the same way."""
        return "?" + _encoded({n: v for n, v in self._filters.items() if n in _SHAPE})

    def setting(self, **values: str) -> str:
        """The first page, with these parameters set; an empty value takes one away."""
        asked = {n: v for n, v in self._filters.items() if n not in values}
        return "?" + _encoded(asked | {n: [v] for n, v in values.items() if v})

    def place(self, **place: object) -> str:
        """This list of results at another place in it: ``cursor``, ``newer`` or ``open``."""
        asked = self._asked if "open" in place else self._filters
        set_ = {name: [str(value)] for name, value in place.items() if value}
        return "?" + _encoded({n: v for n, v in asked.items() if n not in place} | set_)

    @property
    def here(self) -> str:
        """This very page; empty where its address would be too long for a server."""
        href = "?" + _encoded(self._asked)
        return href if len(href) <= _MAX_QUERY else ""

    @property
    def closed(self) -> str:
        """This very page with no event shown in full."""
        return self.place(open="")

    def hidden(self, *params: str) -> list[tuple[str, str]]:
        """The filters as the fields of a form that sets ``params`` itself."""
        others = {n: v for n, v in self._filters.items() if n not in params}
        return [(name, value) for name, values in others.items() for value in values]

    def _toggled(self, param: str, value: str) -> tuple[str, State]:
        included, excluded = Value(value), Value(value, excluded=True)
        given = {Value.parse(raw) for raw in self._filters.get(param, ())}
        if included in given:
            return self._with(param, included, excluded), "included"
        if excluded in given:
            return self._with(param, excluded, None), "excluded"
        return self._with(param, None, included), ""

    def _with(self, param: str, old: Value | None, new: Value | None) -> str:
        values = [raw for raw in self._filters.get(param, ()) if Value.parse(raw) != old]
        if new:
            values.append(str(new))
        if param not in self._others:
            self._others[param] = _encoded(self._filters, but=param)
        own = _encoded({param: values})
        href = "?" + "&".join(part for part in (self._others[param], own) if part)
        return href if len(href) <= _MAX_QUERY else ""


def _attributes(param: str, value: str, href: str, state: State) -> SafeString:
    if not href:
        return mark_safe("")
    name = "data-tag" if param == "tag" else f'data-facet="{param}" data-value'
    told = f'href="{escape(href)}" {name}="{escape(value)}"'
    return mark_safe(f'{told} data-state="{state}"' if state else told)  # noqa: S308 -- escaped


def _encoded(asked: dict[str, list[str]], but: str = "") -> str:
    kept = {name: values for name, values in asked.items() if values and name != but}
    return urlencode(kept, doseq=True, safe=_SAFE)
