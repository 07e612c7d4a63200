"""Which columns the list of events has, and in what order.

The address says it, as in ``columns=time,actor,details.namespace``; where it does not, the
viewer's browser remembers. It is the browser and not the person, because what fits depends on
the screen; and it is remembered only where somebody chooses columns, never by following a link.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from audit.recording.reading import problem_with_key
from audit.web.zone import COOKIE_AGE

PARAMETER: Final = "columns"
#: More than fit on any screen, and few enough that a page stays a page.
MAX_COLUMNS: Final = 12
_DETAILS_PREFIX: Final = "details."
_COOKIE: Final = "columns"
# Bytes. Browsers keep 4,096 with the name and the attributes; what is longer is not remembered.
_MAX_COOKIE: Final = 3_000


class InvalidColumns(ValueError):
    """Not columns a list can have. The message is a sentence that names the parameter."""


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is as the address has it; ``key`` is that of the details it shows, if any."""

    name: str
    label: str
    key: str = ""

    @property
    def style(self) -> str:
        """The class of its cells: those of details keys are all alike."""
        return _STYLES.get(self.name, "other")


_STYLES: Final = {"time": "when", "actor": "who", "event": "what", "deployment": "where"} | {
    name: name for name in ("change", "details", "summary")
}
_TIME: Final = Column("time", "Time")
_ALL: Final = (
    _TIME,
    Column("actor", "Actor"),
    Column("event", "Event"),
    Column("change", "Change"),
    Column("deployment", "Deployment"),
    Column("details", "Details"),
    Column("resource", "Resource"),
    Column("outcome", "Outcome"),
    Column("summary", "Summary"),
    Column("session", "Session"),
    Column("ip", "IP address"),
    Column("request", "Request"),
    Column("client", "Client"),
    Column("recorded", "Recorded"),
)
#: Those of an event itself, by name.
OWN: Final[Mapping[str, Column]] = {column.name: column for column in _ALL}
DEFAULT: Final = _ALL[:6]


def of_details(key: str) -> Column:
    """The column of a details key. Raises InvalidColumns if no event can have the key."""
    if reason := problem_with_key(key):
        raise InvalidColumns(f"{PARAMETER} names details “{key[:80]}”, but {reason}.")
    return Column(f"{_DETAILS_PREFIX}{key}", key, key)


def parse(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these names, each once; the time is always there, and first.

    Raises InvalidColumns.
    """
    columns = tuple(dict.fromkeys((_TIME, *map(_named, names))))
    if len(columns) > MAX_COLUMNS:
        raise InvalidColumns(f"At most {MAX_COLUMNS} columns can be shown, not {len(columns)}.")
    return columns


def read(text: str) -> tuple[Column, ...]:
    """The columns that a text lists. Raises InvalidColumns."""
    return parse(filter(None, _split(text)))


def write(columns: Iterable[Column]) -> str:
    """As the address has them; ``read`` gives equal ones."""
    return ",".join(re.sub(r"([\\,])", r"\\\1", column.name) for column in columns)


def asked(query: QueryDict) -> tuple[Column, ...] | None:
    """What an address asks for, None if nothing. Raises InvalidColumns."""
    given = ",".join(filter(None, query.getlist(PARAMETER)))
    return read(given) if given else None


def shown(request: HttpRequest) -> tuple[Column, ...]:
    """What the address asks for, else what is remembered. Raises InvalidColumns."""
    return asked(request.GET) or remembered(request)


def remembered(request: HttpRequest) -> tuple[Column, ...]:
    """What the viewer chose last; what every list begins with where that is nothing."""
    try:
        return read(unquote(request.COOKIES.get(_COOKIE, ""))) if _has_cookie(request) else DEFAULT
    except InvalidColumns:
        return DEFAULT


def remember(response: HttpResponse, organization: str, columns: Sequence[Column]) -> None:
    """Keep the choice for a year, for this organisation: another has other details."""
    value, path = quote(write(columns), safe=",."), f"/{organization}/"
    if tuple(columns) == DEFAULT or len(value) > _MAX_COOKIE:
        response.delete_cookie(_COOKIE, path=path, samesite="Lax")
        return
    response.set_cookie(
        _COOKIE,
        value,
        max_age=COOKIE_AGE,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _has_cookie(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(_COOKIE))


def _named(name: str) -> Column:
    if name in OWN:
        return OWN[name]
    if name.startswith(_DETAILS_PREFIX):
        return of_details(name.removeprefix(_DETAILS_PREFIX))
    raise InvalidColumns(
        f"{PARAMETER} names “{name[:80]}”, which is no column: there are {', '.join(OWN)},"
        " and details.KEY for any details key."
    )


def _split(text: str) -> list[str]:
    """At the commas; a backslash takes the meaning from the character after it."""
    names = re.findall(r"(?:[^,\\]|\\.|\\\Z)+", text, re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL) for name in names]
