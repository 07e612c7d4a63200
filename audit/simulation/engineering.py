"""What people of the data teams do with flows, schedules, sensors and executions."""

from functools import partial

from audit.simulation import automation
from audit.simulation.actors import Origin, Person
from audit.simulation.executions import execution_details, new_id
from audit.simulation.flow_changes import (
    break_flow,
    create_flow,
    create_schedule,
    delete_flow,
    flow_resource,
    roll_back,
    save_flow,
)
from audit.simulation.flow_defects import break_flow as defective
from audit.simulation.flow_edits import edit_flow as edited
from audit.simulation.flow_edits import toggle_flow as toggled
from audit.simulation.flows import CRITICAL
from audit.simulation.responses import run
from audit.simulation.scheduling import change_schedule, keep_schedule
from audit.simulation.world import Context, Flow, Process, Resource, World

_OWN_TEAM_SHARE = 0.88
_FOCUS_SHARE = 0.7
_DEFECT_SHARE = 0.035
_MOST_PAUSED = 2
_FEWEST_FLOWS_OF_A_TEAM = 3


def choose_focus(world: World, person: Person) -> None:
    """Decide which flow a session is about."""
    world.focus.pop(person.email, None)
    flow = _pick_flow(world, person)
    if flow is not None:
        world.focus[person.email] = flow.spec.id


def try_foreign_run(world: World, person: Person, origin: Origin) -> None:
    """Press Launch on a flow of another team, and be refused."""
    flows = [flow for flow in world.flows.values() if flow.spec.team != person.team]
    if not flows:
        return
    flow = world.rng.choice(flows)
    details = {
        "namespace": flow.spec.namespace,
        "flow_id": flow.spec.id,
        "reason": f"needs LAUNCHER in {flow.spec.namespace}",
    }
    context = Context(
        deployment="prod",
        details=details,
        summary="Was not allowed to start it",
        outcome="denied",
    )
    world.log(origin, "run.launched", Resource("run", new_id(world), flow.spec.id), context)


def edit_flow(world: World, person: Person, origin: Origin) -> None:
    flow = _pick_flow(world, person)
    if flow is None:
        return
    current = world.document(*flow_resource(flow).key)
    if current is None:
        return
    may_break = flow.defect is None and flow.spec.id not in CRITICAL
    if may_break and world.rng.random() < _DEFECT_SHARE:
        broken = defective(current, flow.spec, world.rng)
        if broken is not None:
            break_flow(world, flow, origin, *broken)
            return
    document, summary = edited(current, flow.spec, world.rng)
    save_flow(world, flow, origin, document, summary)


def roll_back_flow(world: World, person: Person, origin: Origin) -> None:
    flow = _pick_flow(world, person)
    if flow is not None:
        roll_back(world, flow, origin)


def toggle_flow(world: World, person: Person, origin: Origin) -> None:
    """Disable a flow, and enable it again later."""
    flow = _pick_flow(world, person)
    current = world.document(*flow_resource(flow).key) if flow else None
    if flow is None or current is None or flow.spec.id in CRITICAL:
        return
    document, summary = toggled(current)
    save_flow(world, flow, origin, document, summary)
    if document["disabled"]:
        world.leave_for_later(origin, partial(_enable_again, world, flow))


def build_flow(world: World, person: Person, origin: Origin) -> None:
    """The next flow on the list of the person's team; its schedule comes after."""
    for spec in world.company.later_flows:
        is_new = spec.id not in world.flows and spec.id not in world.retired
        if is_new and spec.team == person.team:
            create_flow(world, spec, origin)
            world.leave_for_later(origin, partial(_schedule_it, world, spec.id))
            return
    edit_flow(world, person, origin)


def retire_flow(world: World, person: Person, origin: Origin) -> None:
    """Delete a flow that was built lately; the old ones are needed."""
    later = {spec.id for spec in world.company.later_flows}
    for id, flow in world.flows.items():
        if id in later and flow.spec.team == person.team and not flow.is_attended:
            delete_flow(world, flow, origin)
            world.retired.add(id)
            return


def edit_schedule(world: World, person: Person, origin: Origin) -> None:
    schedule = _pick(world, person, "schedule")
    if schedule is not None and (document := world.document(*schedule.key)):
        change_schedule(world, schedule, origin, *automation.edit_schedule(document, world.rng))


def pause_schedule(world: World, person: Person, origin: Origin) -> None:
    """Pause a schedule, and resume it later; never more than a few at a time."""
    paused = [one for one in world.free("schedule") if _is_paused(world, one)]
    schedule = _pick(world, person, "schedule")
    if schedule is None or schedule in paused or len(paused) >= _MOST_PAUSED:
        return
    document = world.document(*schedule.key)
    if document is not None:
        change_schedule(world, schedule, origin, *automation.pause_schedule(document, True))
        world.leave_for_later(origin, partial(_resume, world, schedule))


def edit_sensor(world: World, person: Person, origin: Origin) -> None:
    sensor = _pick(world, person, "sensor")
    document = world.document(*sensor.key) if sensor else None
    if sensor is None or document is None:
        return
    if document["status"] == "STOPPED" or world.rng.random() < 0.4:
        changed, summary = automation.toggle_sensor(document)
    else:
        changed, summary = automation.edit_sensor(document, world.rng)
    details = {
        "namespace": changed["namespace"],
        "flow_id": changed["flow"]["id"],
        "code_location": changed["code_location"],
        "cursor": changed["cursor"],
    }
    context = Context(deployment="prod", details=details, summary=summary)
    world.update(origin, "sensor.updated", sensor, changed, context)


def launch_run(world: World, person: Person, origin: Origin) -> None:
    """Start a flow by hand, in production or staging."""
    flow = _pick_flow(world, person)
    if flow is None:
        return
    id, deployment = new_id(world), world.rng.choice(["prod", "prod", "staging"])
    record_launch(world, flow, origin, id, deployment)
    scheduler = world.company.machines.scheduler.origin
    begins_at = world.after(seconds=world.rng.uniform(0.4, 3))
    process = run(world, flow, "manual", scheduler, id=id, deployment=deployment)
    world.start(process, begins_at)


def record_launch(
    world: World,
    flow: Flow,
    origin: Origin,
    id: str,
    deployment: str = "prod",
    *,
    summary: str = "",
    key: str = "",
) -> None:
    details = execution_details(world, flow, id) | {"code_location": flow.spec.team}
    context = Context(deployment=deployment, details=details, summary=summary, key=key)
    world.log(origin, "run.launched", Resource("run", id, flow.spec.id), context)


def launch_backfill(world: World, person: Person, origin: Origin) -> None:
    """Recompute some days: one run for each."""
    flow = _pick_flow(world, person)
    if flow is None or not flow.spec.cron:
        return
    days = world.rng.randrange(2, 6)
    id = f"bf_{world.rng.getrandbits(32):08x}"
    details = {"backfill_id": id, "namespace": flow.spec.namespace, "flow_id": flow.spec.id}
    details |= {"partitions": str(days)}
    context = Context(
        deployment="prod", details=details, summary=f"Asked for {days} days of {flow.spec.id} again"
    )
    world.log(origin, "backfill.launched", Resource("backfill", id, flow.spec.id), context)
    scheduler = world.company.machines.scheduler.origin
    for day in range(days):
        begins_at = world.after(minutes=day * flow.spec.minutes * 0.8, seconds=3)
        world.start(run(world, flow, "backfill", scheduler), begins_at)


def kill_execution(world: World, person: Person, origin: Origin) -> None:
    """Start something by mistake, see it, and stop it."""
    flow = _pick_flow(world, person)
    if flow is not None:
        id = new_id(world)
        record_launch(world, flow, origin, id)
        world.start(_kill(world, flow, id, origin), world.after(seconds=world.rng.uniform(12, 35)))


def _kill(world: World, flow: Flow, id: str, origin: Origin) -> Process:
    details = execution_details(world, flow, id)
    details |= {
        "reason": world.rng.choice(["wrong partition", "wrong deployment", "started twice"])
    }
    context = Context(deployment="prod", details=details, summary=f"Killed: {details['reason']}")
    world.log(origin, "execution.killed", Resource("execution", id, flow.spec.id), context)
    yield from ()


def _enable_again(world: World, flow: Flow, origin: Origin) -> None:
    current = world.document(*flow_resource(flow).key)
    if current is not None and current["disabled"]:
        document, summary = toggled(current)
        save_flow(world, flow, origin, document, summary)


def _schedule_it(world: World, id: str, origin: Origin) -> None:
    flow = world.flows.get(id)
    if flow is not None and world.document("schedule", id) is None:
        create_schedule(world, flow.spec, origin, world.rng)
        world.start(keep_schedule(world, id))


def _resume(world: World, schedule: Resource, origin: Origin) -> None:
    document = world.document(*schedule.key)
    if document is not None and document["schedule"]["paused"]:
        change_schedule(world, schedule, origin, *automation.pause_schedule(document, False))


def _pick_flow(world: World, person: Person) -> Flow | None:
    resource = _pick(world, person, "flow")
    return world.flows[resource.id] if resource else None


def _pick(world: World, person: Person, type: str) -> Resource | None:
    """A flow, schedule or sensor: the one in focus, or another, mostly of the person's team."""
    free = world.free(type)
    focus = world.focus.get(person.email)
    if focus and world.rng.random() < _FOCUS_SHARE:
        focused = [one for one in free if one.id.removesuffix("_sensor") == focus]
        if focused:
            return focused[0]
    own = [resource for resource in free if _team(world, resource) == person.team]
    if own and world.rng.random() < _OWN_TEAM_SHARE:
        return world.rng.choice(own)
    return world.rng.choice(free) if free else None


def _team(world: World, resource: Resource) -> str:
    flow = world.flows.get(resource.id.removesuffix("_sensor"))
    return flow.spec.team if flow else ""


def _is_paused(world: World, schedule: Resource) -> bool:
    document = world.document(*schedule.key)
    return document is not None and bool(document["schedule"]["paused"])
