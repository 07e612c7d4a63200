"""Events as the rows of the list: what each cell says, and the link it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from audit.access import OrganizationRequest
from audit.browsing.highlighting import Excerpt, Marker
from audit.event_types import registry
from audit.models import ActorKind, Change, Event, Outcome
from audit.web.columns import Column
from audit.web.refinement import Choice, Refinement
from audit.web.user_agents import readable
from audit.web.zone import PARAMETER

_TAGS_SHOWN: Final = 6
# Characters of a tag that a row can show at all; its link and its panel have the whole.
_LEGIBLE: Final = 90

#: Who is not a person is told by an icon, a person by initials.
_ICONS: Mapping[str, str] = MappingProxyType(
    {
        ActorKind.SERVICE_ACCOUNT: "bot",
        ActorKind.AGENT_TOKEN: "key-round",
        ActorKind.SYSTEM: "server",
    }
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A detail of an event."""

    key: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row says in one column.

    The template knows by name how those of ``columns.DEFAULT`` look. Any other is a value to
    filter by or a text, or nothing where the event has none.
    """

    name: str
    style: str
    label: str
    choice: Choice | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    event: Event
    detail_url: str
    panel_url: str
    show: str
    is_open: bool
    actor: Choice
    actor_kind: str
    actor_id: str  # where the name does not say it already
    actor_icon: str
    impersonator: Choice | None
    event_type: Choice
    resource: Choice | None
    change: Choice | None
    outcome: Choice | None
    deployment: Choice | None
    branch: Choice | None
    tags: list[Tag]
    folded: list[Tag]
    cells: list[Cell]
    excerpts: list[Excerpt] = field(default_factory=list)  # where it was found, if no cell says so
    carrier: str = ""  # the cell they stand in


def rows(
    request: OrganizationRequest,
    events: Iterable[Event],
    refinement: Refinement,
    columns: Sequence[Column],
    marker: Marker,
) -> list[Row]:
    zone = request.GET.get(PARAMETER)
    suffix = f"?{PARAMETER}={zone}" if zone and "&" not in zone and "#" not in zone else ""
    asked = urlencode({"q": marker.asked}) if marker else ""
    panel_suffix = f"{suffix}{'&' if suffix else '?'}{asked}" if asked else suffix
    made = [
        _row(request, event, refinement, columns, (suffix, panel_suffix), marker)
        for event in events
    ]
    return [_with_excerpts(row, marker) for row in made] if marker else made


def _row(
    request: OrganizationRequest,
    event: Event,
    refinement: Refinement,
    columns: Sequence[Column],
    suffixes: tuple[str, str],
    marker: Marker,
) -> Row:
    choose, id = refinement.choice, str(event.id)
    tags = _tags(event, refinement, marker)
    page = reverse("audit:event-detail", args=[request.organization.slug, id])
    return Row(
        event=event,
        detail_url=page + suffixes[0],
        panel_url=page + suffixes[1],
        show=refinement.place(open=id),
        is_open=id == request.GET.get("open"),
        actor=choose("actor", event.actor_id, event.actor_name),
        actor_kind=event.get_actor_kind_display(),
        actor_id=_unsaid(event.actor_id, event.actor_name),
        actor_icon=_ICONS.get(event.actor_kind, ""),
        impersonator=choose("impersonator", event.impersonator) if event.impersonator else None,
        event_type=choose("event_type", event.event_type, registry.label(event.event_type)),
        resource=_resource(event, refinement),
        change=_change(event, refinement),
        outcome=_outcome(event, refinement),
        deployment=_deployment(event, refinement),
        branch=_branch(event, refinement),
        tags=tags[:_TAGS_SHOWN],
        folded=tags[_TAGS_SHOWN:],
        cells=[_cell(event, refinement, column) for column in columns],
    )


def _unsaid(id: str, name: str) -> str:
    return id if name and id.casefold() != name.casefold() else ""


def _tags(event: Event, refinement: Refinement, marker: Marker) -> list[Tag]:
    tags = [
        Tag(key, refinement.choice("tag", f"{key}:{value}", _legible(value)))
        for key, value in event.details.items()
    ]
    if len(tags) > _TAGS_SHOWN:
        # What is asked for is never folded away.
        tags.sort(key=lambda tag: not (tag.choice.state or marker.spans(tag.choice.text)))
    return tags


def _legible(text: str) -> str:
    return text if len(text) <= _LEGIBLE else text[:_LEGIBLE] + "…"


def _resource(event: Event, refinement: Refinement) -> Choice | None:
    if not (event.resource_type and event.resource_id):
        return None
    name = event.resource_name or event.resource_id
    value = f"{event.resource_type}/{event.resource_id}"
    return refinement.choice("resource", value, _legible(name))


def _change(event: Event, refinement: Refinement) -> Choice | None:
    if event.change == Change.OTHER:
        return None
    return refinement.choice("change", event.change, event.get_change_display())


def _outcome(event: Event, refinement: Refinement) -> Choice | None:
    """Nothing is said of what went well."""
    if event.outcome == Outcome.SUCCESS:
        return None
    said = "Failed" if event.outcome == Outcome.FAILURE else "Denied"
    return refinement.choice("outcome", event.outcome, said)


def _deployment(event: Event, refinement: Refinement) -> Choice | None:
    """A branch deployment is not told twice."""
    if event.deployment in ("", event.branch_deployment):
        return None
    return refinement.choice("deployment", event.deployment)


def _branch(event: Event, refinement: Refinement) -> Choice | None:
    if not event.branch_deployment:
        return None
    return refinement.choice("branch_deployment", event.branch_deployment)


# --- What was searched for ----------------------------------------------------------------------

# Where there is most room, the first that is among the columns.
_CARRIERS: Final = ("details", "event", "actor")


def _with_excerpts(row: Row, marker: Marker) -> Row:
    """The row, saying why it was found where its cells don't."""
    excerpts = marker.unseen(_shown(row), _searched(row.event))
    names = [cell.name for cell in row.cells]
    carrier = next((name for name in _CARRIERS if name in names), names[-1])
    return replace(row, excerpts=excerpts, carrier=carrier) if excerpts else row


def _shown(row: Row) -> Iterator[str]:
    """The texts that stand in the cells of a row."""
    for cell in row.cells:
        if cell.name == "actor":
            yield from (
                row.actor.text,
                row.actor_id,
                row.impersonator.text if row.impersonator else "",
            )
        elif cell.name == "event":
            yield from (row.event_type.text, row.resource.text if row.resource else "")
        elif cell.name == "deployment":
            yield row.deployment.text if row.deployment else ""
        elif cell.name == "details":
            yield from (tag.choice.text for tag in row.tags)
        else:
            yield cell.choice.text if cell.choice else cell.text


def _searched(event: Event) -> Iterator[tuple[str, str]]:
    """All texts of an event that words are searched in, with what to call them."""
    yield "summary", event.summary
    yield "event", registry.label(event.event_type)
    yield "resource", event.resource_name
    yield "resource", event.resource_id
    yield "resource type", event.resource_type
    yield "actor", event.actor_name
    yield "actor", event.actor_id
    yield "impersonator", event.impersonator
    yield "deployment", event.deployment
    yield from event.details.items()


# --- Columns that can be chosen -----------------------------------------------------------------


def _cell(event: Event, refinement: Refinement, column: Column) -> Cell:
    choice, text = None, ""
    if column.key:
        choice = _detail(event, refinement, column.key)
    elif column.name in _CHOICES:
        choice = _CHOICES[column.name](event, refinement)
    elif column.name in _TEXTS:
        text = _TEXTS[column.name](event)
    return Cell(column.name, column.style, column.label, choice, text)


def _detail(event: Event, refinement: Refinement, key: str) -> Choice | None:
    value = event.details.get(key)
    return None if value is None else refinement.choice("tag", f"{key}:{value}", _legible(value))


def _any_outcome(event: Event, refinement: Refinement) -> Choice:
    return refinement.choice("outcome", event.outcome, event.get_outcome_display())


def _plain(param: str) -> Callable[[Event, Refinement], Choice | None]:
    """A column of the event that is the value of its filter."""

    def choice(event: Event, refinement: Refinement) -> Choice | None:
        value = getattr(event, param)
        return refinement.choice(param, value, _legible(value)) if value else None

    return choice


_CHOICES: Mapping[str, Callable[[Event, Refinement], Choice | None]] = MappingProxyType(
    {
        "resource": _resource,
        "outcome": _any_outcome,
        "session": _plain("session"),
        "ip": _plain("ip"),
        "request": _plain("request_id"),
    }
)
_TEXTS: Mapping[str, Callable[[Event], str]] = MappingProxyType(
    {
        "summary": lambda event: event.summary,
        "client": lambda event: readable(event.user_agent) if event.user_agent else "",
    }
)
