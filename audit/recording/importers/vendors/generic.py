"""``json`` and ``csv``: any records at all, read as the operator maps them."""

from dataclasses import replace
from functools import partial

from audit.recording.importers.item import Options, Refused
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts, address_in
from audit.recording.importers.vendors.fields import path_of
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import change_of

_OUTCOMES = {
    **dict.fromkeys(("failure", "failed", "fail", "error", "false"), "failure"),
    **dict.fromkeys(("denied", "deny", "forbidden", "unauthorized"), "denied"),
}


def mapped(vendor: Vendor, options: Options) -> Vendor:
    """The format as this operator maps it."""
    return replace(vendor, draft=partial(_draft, options))


def _draft(options: Options, facts: Facts) -> Draft:
    occurred_at = take_time(facts, *_paths(options, "occurred_at", ("occurred_at",)))
    event_type = _take(options, facts, "event_type")
    if not event_type and not {"event_type"} & (options.given.keys() | options.defaults.keys()):
        raise Refused("has no event type: --map event_type=PATH says where it is")
    draft = Draft(
        occurred_at=occurred_at,
        event_type=event_type,
        actor=Actor(
            kind=_take(options, facts, "actor.kind"),
            id=_take(options, facts, "actor.id"),
            name=_take(options, facts, "actor.name"),
            impersonator=_take(options, facts, "actor.impersonator"),
        ),
        change=change_of(_take(options, facts, "change") or event_type),
        outcome=_OUTCOMES.get(_take(options, facts, "outcome").lower(), "success"),
        resource_type=_take(options, facts, "resource.type"),
        resource_id=_take(options, facts, "resource.id"),
        resource_name=_take(options, facts, "resource.name"),
        deployment=_take(options, facts, "deployment"),
        branch_deployment=_take(options, facts, "branch_deployment"),
        summary=_take(options, facts, "summary"),
        session=_take(options, facts, "session"),
        ip=address_in(_take(options, facts, "ip")),
        user_agent=_take(options, facts, "user_agent"),
        request_id=_take(options, facts, "request_id"),
        source_id=_take(options, facts, "id"),
    )
    sides = {name: facts.take(*_paths(options, name, ())) for name in ("before", "after")}
    for name, value in sides.items():
        if value is not None:
            setattr(draft, name, value)
            draft.reads_changes = True
    return draft


def _paths(options: Options, field: str, otherwise: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(path_of, options.mapping.get(field, otherwise)))


def _take(options: Options, facts: Facts, field: str) -> str:
    return facts.take_text(*_paths(options, field, ()))


def _unmapped(facts: Facts) -> Draft:
    raise NotImplementedError


JSON = Vendor(
    name="json",
    description="any JSON records, read as --map and --set say",
    draft=_unmapped,
)
CSV = Vendor(
    name="csv",
    description="any table with a line of names, read as --map and --set say",
    draft=_unmapped,
    endings=(".csv",),
)
