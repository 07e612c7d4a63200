"""Continuous integration: branch deployments come and go, merged code reaches production."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.simulation import calendar, infrastructure
from audit.simulation.actors import Person
from audit.simulation.catalogue import namespace_of
from audit.simulation.estate import code_location
from audit.simulation.executions import execute
from audit.simulation.world import Context, Process, Resource, World

_TOPICS = (
    "late-events", "fewer-retries", "typed-inputs", "partition-by-week", "new-vat-rates",
    "drop-legacy-table", "faster-joins", "readable-errors", "currency-rounding", "dedupe-orders",
    "smaller-image", "python-3.13", "holiday-calendar", "backfill-2025", "explain-scores",
    "null-regions", "split-report", "idempotent-load", "alert-wording", "churn-v3",
)  # fmt: skip
_PUSH_HOURS = (7.5, 20.5)  # UTC
#: Pull requests of the stories, and where ours shall have arrived when the log ends.
_TAKEN_NUMBERS, _LAST_NUMBER = (1106, 1183), 1190
_MEAN_STEP = 1.5
_MERGED_SHARE = 0.8
_TESTED_SHARE = 0.6
_SEARCH_STEPS = 400  # over a week, a vacation ends somewhere


@dataclass(slots=True)
class Branch:
    """A branch somebody works on, and its deployment."""

    name: str
    number: int
    author: Person
    commit: str
    team: str

    @property
    def deployment(self) -> str:
        return f"branch-{self.number}"


def keep_deploying(world: World) -> Process:
    """Open branches at the pace of the company; each then lives its own life."""
    weekdays = (world.ends_at - world.starts_at).days * 5 / 7
    number = max(1, _LAST_NUMBER - round(world.tempo.pushes * weekdays * _MEAN_STEP))
    for day in calendar.days_between(world.starts_at, world.ends_at):
        authors = [p for p in world.company.people if p.works_on(day) and p.team != "security"]
        branches = int(world.tempo.pushes + world.rng.random()) if authors else 0
        for hour in sorted(world.rng.uniform(*_PUSH_HOURS) for _ in range(branches)):
            yield calendar.at(day, hour, "UTC")
            at_work = [person for person in authors if world.is_at_work(person, world.now)]
            if at_work:
                number += world.rng.choice([1, 2])
                number += number in _TAKEN_NUMBERS
                world.start(_live(world, _new_branch(world, world.rng.choice(at_work), number)))


def _new_branch(world: World, author: Person, number: int) -> Branch:
    nickname = author.email.partition("@")[0].partition(".")[0]
    name = f"{nickname}/{world.rng.choice(_TOPICS)}"
    team = author.team if author.team in world.company.teams else world.company.teams[0]
    return Branch(name, number, author, _new_commit(world), team)


def _live(world: World, branch: Branch) -> Process:
    """A branch from its first push to its end, merged or not."""
    _open(world, branch)
    for _ in range(world.rng.choice([0, 1, 1, 2, 3])):
        if world.rng.random() < _TESTED_SHARE:
            world.start(_test(world, branch), world.after(minutes=world.rng.uniform(1, 5)))
        yield _next_at_work(world, branch.author, world.rng.uniform(0.4, 9))
        branch.commit = _new_commit(world)
        _deploy(world, branch, branch.deployment)
    if world.rng.random() < _MERGED_SHARE:
        yield _next_at_work(world, branch.author, world.rng.uniform(0.5, 20))
        branch.commit = _new_commit(world)
        _deploy(world, branch, "staging")
        yield world.after(minutes=world.rng.uniform(9, 50))
        _deploy(world, branch, "prod")
    yield world.after(minutes=world.rng.uniform(1, 4))
    _close(world, branch)


def _open(world: World, branch: Branch) -> None:
    ci = world.company.machines.ci.origin
    document = infrastructure.branch_document(
        branch.deployment, branch.name, branch.author.email, branch.commit, branch.number
    )
    context = _context(branch, branch.deployment, f"Opened for {branch.name}")
    world.create(
        ci, "deployment.created", Resource("deployment", branch.deployment), document, context
    )
    location = code_location(branch.team, branch.deployment)
    document = infrastructure.code_location_document(
        world.company, branch.team, branch.commit, branch.name, world.rng
    )
    context = _context(branch, branch.deployment, f"Deployed {branch.commit}")
    world.create(ci, "code_location.created", location, document, context)


def _deploy(world: World, branch: Branch, deployment: str) -> None:
    location = code_location(branch.team, deployment)
    document = world.document(*location.key)
    if document is not None:
        name = branch.name if deployment == branch.deployment else "main"
        changed, summary = infrastructure.deployed(document, branch.commit, name, world.rng)
        if deployment != branch.deployment:
            summary = f"{summary}, merged from {branch.name}"
        context = _context(branch, deployment, summary)
        origin = world.company.machines.ci.origin
        world.update(origin, "code_location.updated", location, changed, context)


def _close(world: World, branch: Branch) -> None:
    ci = world.company.machines.ci.origin
    context = _context(branch, branch.deployment, f"Closed with {branch.name}")
    location = code_location(branch.team, branch.deployment)
    world.delete(ci, "code_location.deleted", location, context)
    world.delete(ci, "deployment.deleted", Resource("deployment", branch.deployment), context)


def _test(world: World, branch: Branch) -> Process:
    """Run one of the team's flows in the branch deployment."""
    flows = [flow for flow in world.flows.values() if flow.spec.team == branch.team]
    if flows and world.document("deployment", branch.deployment) is not None:
        agent = world.company.machines.agents[0].origin
        yield from execute(
            world,
            world.rng.choice(flows),
            "ci",
            agent,
            deployment=branch.deployment,
            branch=branch.deployment,
        )


def _context(branch: Branch, deployment: str, summary: str) -> Context:
    is_branch = deployment == branch.deployment
    details = {
        "branch": branch.name,
        "commit": branch.commit,
        "code_location": branch.team,
        "namespace": namespace_of(branch.team),
        "is_branch_deployment": str(is_branch).lower(),
    }
    return Context(
        deployment=deployment,
        branch_deployment=deployment if is_branch else "",
        details=details,
        summary=summary,
    )


def _next_at_work(world: World, person: Person, hours: float) -> datetime:
    """The first moment, so many hours from now or later, when somebody is at work."""
    moment = world.after(hours=hours)
    for _ in range(_SEARCH_STEPS):
        if world.is_at_work(person, moment):
            return moment
        moment += timedelta(minutes=world.rng.uniform(20, 50))
    return moment


def _new_commit(world: World) -> str:
    return f"{world.rng.getrandbits(28):07x}"
