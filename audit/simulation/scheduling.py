"""The scheduler: keeps schedules and sensors, and follows every change of them."""

from datetime import datetime

from audit.simulation import calendar
from audit.simulation.actors import SYSTEM, Origin
from audit.simulation.cron import cron
from audit.simulation.document import Document
from audit.simulation.flow_changes import schedule_details
from audit.simulation.responses import run
from audit.simulation.world import Context, Flow, Process, Resource, World

_WATCHED_HOURS = (6, 20)  # UTC; outside, sensors have nothing to see
_WEEKEND_SLOWDOWN = 4


def keep_schedule(world: World, id: str) -> Process:
    """Run a flow whenever its schedule says so, for as long as the schedule stands as it is.

    Every change of the schedule starts this anew, and the old process ends.
    """
    schedule = Resource("schedule", id)
    revision = world.revision(schedule)
    document = world.document("schedule", id)
    if document is None or document["schedule"]["paused"]:
        return
    timing = document["schedule"]
    while fires_at := cron(timing["cron"]).next_after(world.now, timing.get("timezone", "UTC")):
        yield fires_at
        # Punctual to some seconds.
        yield world.after(seconds=world.rng.uniform(0.1, 4))
        if world.revision(schedule) != revision or world.document("schedule", id) is None:
            return
        flow = world.flows.get(id)
        if flow is not None and _may_run(world, flow):
            world.start(run(world, flow, "schedule", world.company.machines.scheduler.origin))


def change_schedule(
    world: World,
    schedule: Resource,
    origin: Origin,
    document: Document,
    summary: str,
    *,
    key: str = "",
    **details: str,
) -> None:
    """Save a schedule; the scheduler takes it up at once."""
    flow = world.flows[schedule.id]
    told = schedule_details(flow.spec, world.revision(schedule) + 1) | details
    context = Context(deployment="prod", details=told, summary=summary, key=key)
    world.update(origin, "schedule.updated", schedule, document, context)
    world.start(keep_schedule(world, schedule.id))


def keep_sensor(world: World, flow_id: str) -> Process:
    """Run a flow whenever its sensor sees something, mostly by day."""
    while flow_id in world.flows:
        yield _next_sighting(world)
        sensor = world.document("sensor", f"{flow_id}_sensor")
        flow = world.flows.get(flow_id)
        if sensor and flow and sensor["status"] == "RUNNING" and _may_run(world, flow):
            world.start(run(world, flow, "sensor", SYSTEM))


def _next_sighting(world: World) -> datetime:
    first, last = _WATCHED_HOURS
    sensors = max(1, len(world.all("sensor")))
    mean_minutes = (last - first) * 60 * sensors / world.tempo.sensor_runs
    if world.now.weekday() >= 5:
        mean_minutes *= _WEEKEND_SLOWDOWN
    at = world.after(minutes=world.rng.expovariate(1 / mean_minutes))
    while not first <= at.hour < last:
        at = calendar.at(at.date(), at.hour + 1 + world.rng.random(), "UTC")
    return at


def _may_run(world: World, flow: Flow) -> bool:
    document = world.document("flow", flow.spec.id)
    is_enabled = document is not None and not document["disabled"]
    return is_enabled and flow.spec.id not in world.staged
