"""Saving, rolling back, creating and deleting flows, with what hangs on them."""

from random import Random

from audit.simulation.actors import Origin
from audit.simulation.automation import schedule_document
from audit.simulation.catalogue import FlowSpec
from audit.simulation.document import Document
from audit.simulation.flow_defects import Defect
from audit.simulation.flows import flow_document
from audit.simulation.world import Context, Flow, Resource, World

_KEPT_REVISIONS = 8


def flow_resource(flow: Flow) -> Resource:
    return Resource("flow", flow.spec.id, flow.spec.title)


def schedule_resource(spec: FlowSpec) -> Resource:
    return Resource("schedule", spec.id, spec.title)


def save_flow(
    world: World,
    flow: Flow,
    origin: Origin,
    document: Document,
    summary: str,
    *,
    key: str = "",
    **details: str,
) -> None:
    """Make ``document`` the flow's next revision."""
    resource = flow_resource(flow)
    current = world.document(*resource.key)
    if current is None:
        return
    revision = world.revision(resource)
    flow.history = [*flow.history, (revision, current)][-_KEPT_REVISIONS:]
    context = Context(
        deployment="prod",
        details=_details(flow, revision + 1) | details,
        summary=summary,
        key=key,
    )
    world.update(origin, "flow.updated", resource, document, context)


def break_flow(
    world: World, flow: Flow, origin: Origin, document: Document, summary: str, defect: Defect
) -> None:
    """Save an edit that makes every execution fail until somebody puts it right."""
    resource = flow_resource(flow)
    current = world.document(*resource.key)
    if current is not None and flow.defect is None:
        flow.good = (world.revision(resource), current)
        save_flow(world, flow, origin, document, summary)
        flow.defect = defect


def roll_back(world: World, flow: Flow, origin: Origin, *, key: str = "") -> bool:
    """Return to the last revision that worked, or to the one before; False if there is none."""
    target = flow.good or (flow.history[-1] if flow.history else None)
    if target is None or target[1] == world.document("flow", flow.spec.id):
        return False
    revision, document = target
    summary = f"Rolled back to revision {revision}"
    save_flow(world, flow, origin, document, summary, key=key, rolled_back_to=str(revision))
    flow.defect, flow.good = None, None
    return True


def create_flow(world: World, spec: FlowSpec, origin: Origin) -> Flow:
    flow = Flow(spec)
    world.flows[spec.id] = flow
    context = Context(
        deployment="prod", details=_details(flow, 1), summary=f"Created: {spec.purpose}"
    )
    document = flow_document(spec, world.rng)
    world.create(origin, "flow.created", flow_resource(flow), document, context)
    return flow


def create_schedule(world: World, spec: FlowSpec, origin: Origin, rng: Random) -> None:
    document = schedule_document(spec, rng)
    details = schedule_details(spec, 1)
    context = Context(deployment="prod", details=details, summary=f"Scheduled for {spec.cron}")
    world.create(origin, "schedule.created", schedule_resource(spec), document, context)


def delete_flow(world: World, flow: Flow, origin: Origin) -> None:
    """Delete a flow; its schedule goes first, as the interface demands."""
    schedule = schedule_resource(flow.spec)
    if world.document(*schedule.key) is not None:
        details = schedule_details(flow.spec, world.revision(schedule))
        context = Context(deployment="prod", details=details, summary="Deleted with its flow")
        world.delete(origin, "schedule.deleted", schedule, context)
    resource = flow_resource(flow)
    details = _details(flow, world.revision(resource))
    context = Context(deployment="prod", details=details, summary="Deleted, no longer used")
    world.delete(origin, "flow.deleted", resource, context)
    del world.flows[flow.spec.id]


def schedule_details(spec: FlowSpec, revision: int) -> dict[str, str]:
    return {
        "namespace": spec.namespace,
        "flow_id": spec.id,
        "code_location": spec.team,
        "revision": str(revision),
    }


def _details(flow: Flow, revision: int) -> dict[str, str]:
    return {
        "namespace": flow.spec.namespace,
        "flow_id": flow.spec.id,
        "revision": str(revision),
    }
