"""Executions: started by schedules, sensors and people; most succeed, some do not."""

from collections.abc import Generator
from datetime import datetime

from audit.simulation import texts
from audit.simulation.actors import SYSTEM, Origin
from audit.simulation.flow_defects import Defect
from audit.simulation.world import Context, Flow, Resource, World

#: An execution; gives itself back if it failed.
type Executing = Generator[datetime, None, Resource | None]

_TRANSIENT_SHARE = 0.018
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def execute(
    world: World,
    flow: Flow,
    trigger: str,
    origin: Origin,
    *,
    id: str = "",
    deployment: str = "prod",
    branch: str = "",
) -> Executing:
    """One execution, from start to end."""
    id = id or new_id(world)
    execution = Resource("execution", id, flow.spec.id)
    details = execution_details(world, flow, id) | {"trigger": trigger}
    context = Context(deployment=deployment, branch_deployment=branch, details=details)
    world.log(origin, "execution.started", execution, context)
    lasts = flow.spec.minutes * world.rng.lognormvariate(0, 0.3)
    defect = flow.defect or _mishap(world, flow)
    yield world.after(minutes=lasts * (world.rng.uniform(0.05, 0.7) if defect else 1))
    if defect is None:
        report_success(world, execution, context, lasts)
        return None
    report_failure(world, execution, context, defect)
    return execution


def report_start(world: World, flow: Flow, id: str, trigger: str, key: str) -> Context:
    """A scripted start in production; the context is for the report of its end."""
    details = execution_details(world, flow, id) | {"trigger": trigger}
    context = Context(deployment="prod", details=details, key=key)
    origin = world.company.machines.scheduler.origin
    world.log(origin, "execution.started", Resource("execution", id, flow.spec.id), context)
    return context


def report_success(
    world: World, execution: Resource, started: Context, minutes: float, key: str = ""
) -> None:
    """The agent that ran it tells that it is done."""
    details = dict(started.details or {}) | {"duration": _duration(minutes)}
    agents = world.company.machines.agents
    # An agent keeps to its flows.
    agent = agents[sum(map(ord, execution.name)) % len(agents)]
    context = Context(
        deployment=started.deployment,
        branch_deployment=started.branch_deployment,
        details=details,
        key=key,
    )
    world.log(agent.origin, "execution.succeeded", execution, context)


def report_failure(
    world: World, execution: Resource, started: Context, defect: Defect, key: str = ""
) -> None:
    details = dict(started.details or {}) | {"task_id": defect.task, "error": defect.error}
    context = Context(
        deployment=started.deployment,
        branch_deployment=started.branch_deployment,
        details=details,
        summary=f"Failed in {defect.task}: {defect.error}",
        outcome="failure",
        key=key,
    )
    world.log(SYSTEM, "execution.failed", execution, context)


def execution_details(world: World, flow: Flow, id: str) -> dict[str, str]:
    revision = world.revision(Resource("flow", flow.spec.id))
    return {
        "namespace": flow.spec.namespace,
        "flow_id": flow.spec.id,
        "execution_id": id,
        "revision": str(revision),
    }


def new_id(world: World) -> str:
    return "".join(world.rng.choices(_ALPHABET, k=8))


def send_alert(world: World, flow: Flow, execution: Resource, key: str = "") -> None:
    policy = Resource("alert_policy", f"{flow.spec.team}-failures")
    document = world.document(*policy.key)
    if document is None or not document["enabled"]:
        return
    receiver = document["notifications"][0]["to"]
    details = execution_details(world, flow, execution.id) | {"notified": receiver}
    context = Context(
        deployment="prod", details=details, summary=f"Told {receiver} that it failed", key=key
    )
    world.log(SYSTEM, "alert.sent", policy, context)


def _mishap(world: World, flow: Flow) -> Defect | None:
    """A failure that is nobody's fault; restarting helps."""
    if world.rng.random() >= _TRANSIENT_SHARE:
        return None
    document = world.document("flow", flow.spec.id)
    if document is None:
        return None
    task = world.rng.choice(document["tasks"])["id"]
    message = world.rng.choice(texts.TRANSIENT_ERRORS[flow.spec.kind])
    return Defect(task, texts.fill(message, flow.spec))


def _duration(minutes: float) -> str:
    whole, seconds = divmod(round(minutes * 60), 60)
    return f"{whole}m {seconds:02}s"
