"""The parameters of a search, read from a call's address and described for OpenAPI."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest

from audit.api.authentication import Caller
from audit.api.problems import Problem
from audit.api.searching import DEFAULT_PAGE, MAX_PAGE, PARAMETERS, InvalidSearch, Search
from audit.browsing import FIELDS

_MOMENT: Final = (
    "2026-11-22T13:00:00Z, 2026-11-22 or relative, as now-24h. Without a zone it is UTC."
)
_TEXTS: Final = {
    "since": f"From this moment on: {_MOMENT}",
    "until": f"Up to this moment: {_MOMENT}",
    "as_of": f"The log as it was at this moment: {_MOMENT}",
    "q": "A query, as in the search box (docs/search.md).",
}
_PAGE: Final[dict[str, dict[str, Any]]] = {
    "cursor": {
        "schema": {"type": "string"},
        "description": "Where the page begins: follow rel=next of the header Link.",
    },
    "limit": {
        "schema": {
            "type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE,
        },
        "description": f"Events on a page, up to {MAX_PAGE:,}.",
    },
    "documents": {
        "schema": {"type": "boolean", "default": False},
        "description": "Whether events come with before and after.",
    },
}  # fmt: skip


def _values(name: str) -> dict[str, Any]:
    return {
        "schema": {"type": "array", "items": {"type": "string"}},
        "description": f"{FIELDS[name].label}. Given several times the values are alternatives;"
        " a leading - excludes.",
    }


def _described(name: str) -> dict[str, Any]:
    if name in _PAGE:
        more = _PAGE[name]
    elif name in FIELDS:
        more = _values(name)
    else:
        more = {"schema": {"type": "string"}, "description": _TEXTS[name]}
    return {"name": name, "in": "query", "required": False, **more}


#: OpenAPI's parameters of what is filtered, and of pages.
FILTERING: Final = [_described(name) for name in PARAMETERS]
PAGING: Final = [_described(name) for name in _PAGE]


def search_of(request: HttpRequest, caller: Caller, *also: str) -> Search:
    """The search of an address, which may hold the parameters ``also``, and no other ones.

    Raises Problem 400.
    """
    known = {*PARAMETERS, *also}
    if unknown := sorted(set(request.GET) - known):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            f"There is no parameter {', '.join(unknown)}. Details are tag=key:value.",
        )
    asked = {name: request.GET.getlist(name) for name in PARAMETERS if name in request.GET}
    return Search(caller, asked)


def page_parameters(request: HttpRequest) -> tuple[int, str | None, bool]:
    """The size, the cursor and whether documents are wanted. Raises Problem 400."""
    limit = request.GET.get("limit", str(DEFAULT_PAGE))
    if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit[:9]) <= MAX_PAGE:
        raise Problem(HTTPStatus.BAD_REQUEST, f"limit is 1 to {MAX_PAGE:,}, not “{limit}”.")
    documents = request.GET.get("documents", "false")
    if documents not in ("true", "false"):
        raise Problem(HTTPStatus.BAD_REQUEST, f"documents is true or false, not “{documents}”.")
    return int(limit), request.GET.get("cursor"), documents == "true"


def as_problem(error: InvalidSearch) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        str(error),
        more={"errors": {k: [*v] for k, v in error.errors.items()}},
    )
