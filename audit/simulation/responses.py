"""What follows a failure: an alert, and a person who looks into it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from audit.simulation.actors import Origin, Person
from audit.simulation.executions import execute, execution_details, new_id, send_alert
from audit.simulation.flow_changes import flow_resource, roll_back, save_flow
from audit.simulation.flow_edits import edit_flow
from audit.simulation.flows import CRITICAL
from audit.simulation.sessions import maybe_sign_out, sign_in
from audit.simulation.world import Context, Flow, Process, Resource, World

_ALERTED_SHARE = 0.4
_IGNORED_SHARE = 0.4
_RESOLVED_BY_HAND_SHARE = 0.2
_HARDENED_SHARE = 0.3
_SEARCH_HOURS = 96  # a long weekend


def run(
    world: World,
    flow: Flow,
    trigger: str,
    origin: Origin,
    *,
    id: str = "",
    deployment: str = "prod",
    branch: str = "",
) -> Process:
    """An execution and, if it fails in production, what follows from that."""
    failed = yield from execute(
        world, flow, trigger, origin, id=id, deployment=deployment, branch=branch
    )
    if failed is None or deployment != "prod":
        return
    yield world.after(seconds=world.rng.uniform(2, 20))
    if flow.spec.id in CRITICAL or world.rng.random() < _ALERTED_SHARE:
        send_alert(world, flow, failed)
    is_ignored = flow.defect is None and world.rng.random() < _IGNORED_SHARE
    if not flow.is_attended and not is_ignored:
        yield from _respond(world, flow, failed)


def restart(world: World, flow: Flow, failed: Resource, origin: Origin) -> None:
    """Run a failed execution again, as a new one."""
    id = new_id(world)
    record_restart(world, flow, failed, origin, id)
    scheduler = world.company.machines.scheduler.origin
    world.start(run(world, flow, "restart", scheduler, id=id), world.after(seconds=1))


def record_restart(
    world: World, flow: Flow, failed: Resource, origin: Origin, id: str, key: str = ""
) -> None:
    details = execution_details(world, flow, id) | {"restart_of": failed.id}
    summary = f"Restarted {failed.id} as {id}"
    context = Context(deployment="prod", details=details, summary=summary, key=key)
    world.log(origin, "execution.restarted", failed, context)


def mark_as_succeeded(world: World, flow: Flow, failed: Resource, origin: Origin) -> None:
    """Call a failure a success by hand, because the work was done otherwise."""
    details = execution_details(world, flow, failed.id)
    before = {"id": failed.id, "flow_id": flow.spec.id, "state": "FAILED", "labels": []}
    world.place(failed, before)
    after = before | {"state": "SUCCESS", "labels": ["manually-resolved"]}
    context = Context(
        deployment="prod", details=details, summary="Changed the state from FAILED to SUCCESS"
    )
    world.update(origin, "execution.state_changed", failed, after, context)


def _respond(world: World, flow: Flow, failed: Resource) -> Process:
    responder = _responder(world, flow)
    if responder is None:
        return
    flow.is_attended = True
    person, begins_at = responder
    yield begins_at
    origin = yield from sign_in(world, person)
    yield world.after(minutes=world.rng.uniform(1, 7))
    if world.document(*flow_resource(flow).key) is not None:
        yield from _repair(world, flow, failed, origin)
    # Nobody improves things at three in the morning.
    if world.is_at_work(person, world.now) and world.rng.random() < _HARDENED_SHARE:
        yield world.after(minutes=world.rng.uniform(8, 25))
        _harden(world, flow, origin)
    flow.is_attended = False
    yield world.after(minutes=world.rng.uniform(1, 6))
    maybe_sign_out(world, origin)


def _repair(world: World, flow: Flow, failed: Resource, origin: Origin) -> Process:
    if flow.defect is None and world.rng.random() < _RESOLVED_BY_HAND_SHARE:
        mark_as_succeeded(world, flow, failed, origin)
        return
    if flow.defect is not None:
        roll_back(world, flow, origin)
        yield world.after(minutes=world.rng.uniform(0.5, 4))
    restart(world, flow, failed, origin)


def _harden(world: World, flow: Flow, origin: Origin) -> None:
    """After a failure people make a flow sturdier."""
    current = world.document("flow", flow.spec.id)
    if current is not None and flow_resource(flow).key not in world.reserved:
        document, summary = edit_flow(current, flow.spec, world.rng)
        save_flow(world, flow, origin, document, summary)


def _responder(world: World, flow: Flow) -> tuple[Person, datetime] | None:
    """Who looks into it, and from when: a colleague at work, or whoever is on call."""
    colleagues = world.company.team(flow.spec.team) or world.company.team("platform")
    soon = world.after(minutes=world.rng.uniform(6, 45))
    at_work = [person for person in colleagues if world.is_at_work(person, soon)]
    if at_work:
        return world.rng.choice(at_work), soon
    if flow.spec.id in CRITICAL:
        return world.company.on_call(soon), soon
    return _next_at_work(world, colleagues, soon)


def _next_at_work(
    world: World, people: Sequence[Person], since: datetime
) -> tuple[Person, datetime] | None:
    for hours in range(1, _SEARCH_HOURS):
        moment = since + timedelta(hours=hours)
        at_work = [person for person in people if world.is_at_work(person, moment)]
        if at_work:
            return world.rng.choice(at_work), moment
    return None
