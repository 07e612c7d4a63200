"""What the company already has when the log begins."""

from random import Random

from audit.simulation import access, analysis, auditing, automation, infrastructure
from audit.simulation.actors import Person
from audit.simulation.catalogue import FlowSpec, namespace_of
from audit.simulation.cron import cron
from audit.simulation.document import Document
from audit.simulation.flow_changes import schedule_resource
from audit.simulation.flows import flow_document
from audit.simulation.sessions import user_resource
from audit.simulation.world import Flow, Resource, World

FULL_DEPLOYMENTS = ("prod", "staging")
_FEWEST_FLOWS = 2
#: Old resources have seen some edits.
_EARLIER_REVISIONS = range(3, 40)


def furnish(world: World) -> None:
    """Put everything in its place, without events."""
    for spec in _affordable(world.company.flows, world.tempo.scheduled_runs):
        _place_flow(world, spec)
    for team in world.company.teams:
        _place_team(world, team)
    _place_accounts(world)
    _place_deployments(world)
    _place_auditsite(world)


def _affordable(specs: tuple[FlowSpec, ...], runs_per_day: float) -> list[FlowSpec]:
    """The flows there is room for, most important first; those of sensors cost nothing."""
    chosen: list[FlowSpec] = []
    used = 0.0
    for spec in specs:
        runs = cron(spec.cron).runs_per_week() / 7 if spec.cron else 0.0
        if not runs or used + runs <= runs_per_day or len(chosen) < _FEWEST_FLOWS:
            chosen.append(spec)
            used += runs
    return chosen


def _place(world: World, resource: Resource, document: Document) -> None:
    world.place(resource, document, world.rng.choice(_EARLIER_REVISIONS))


def _place_flow(world: World, spec: FlowSpec) -> None:
    rng = world.rng
    world.flows[spec.id] = Flow(spec)
    _place(world, Resource("flow", spec.id, spec.title), flow_document(spec, rng))
    if spec.cron:
        _place(world, schedule_resource(spec), automation.schedule_document(spec, rng))
    else:
        sensor = automation.sensor_document(spec, rng)
        _place(world, Resource("sensor", sensor["id"], sensor["id"]), sensor)


def _place_team(world: World, team: str) -> None:
    rng, flows = world.rng, [flow for flow in world.flows.values() if flow.spec.team == team]
    namespace = namespace_of(team)
    document = infrastructure.namespace_document(namespace, rng)
    _place(world, Resource("namespace", namespace), document)
    for name in access.SECRETS.get(team, ()):
        _place(world, Resource("secret", name), access.secret_document(name, team, rng))
    policy = f"{team}-failures"
    targets = [flow.spec.id for flow in flows]
    document = automation.alert_policy_document(policy, team, targets, rng)
    _place(world, Resource("alert_policy", policy), document)
    for deployment in FULL_DEPLOYMENTS:
        _place_code_location(world, team, deployment)
    _place_analysis(world, team, flows)


def _place_code_location(world: World, team: str, deployment: str) -> None:
    commit = f"{world.rng.getrandbits(28):07x}"
    document = infrastructure.code_location_document(world.company, team, commit, "main", world.rng)
    _place(world, code_location(team, deployment), document)


def code_location(team: str, deployment: str) -> Resource:
    """Prod is the one that is meant where nothing else is said."""
    return Resource("code_location", team if deployment == "prod" else f"{team}@{deployment}", team)


def _place_analysis(world: World, team: str, flows: list[Flow]) -> None:
    people = world.company.team(team) or world.company.people
    queries = []
    for flow in flows:
        if flow.spec.kind in ("transform", "report", "extract"):
            owner = world.rng.choice(people).email
            document = analysis.query_document(flow.spec, owner, world.rng)
            queries.append(document["id"])
            _place(world, Resource("query", document["id"], document["name"]), document)
    if queries:
        document = analysis.dashboard_document(team, queries[:4], world.rng)
        _place(world, Resource("dashboard", document["id"], document["title"]), document)


def _place_accounts(world: World) -> None:
    rng, company = world.rng, world.company
    for person in company.people:
        _place(world, user_resource(person), access.user_document(person, rng))
    for reader in company.readers:
        _place(world, user_resource(reader), access.reader_document(reader, rng))
    for machine in company.machines.service_accounts:
        _place(world, Resource("service_user", machine.name), access.service_user_document(machine))
    for name in access.ROLES:
        document = access.role_document(name, rng)
        _place(world, Resource("role", document["id"], name), document)
    for agent in company.machines.agents:
        token = access.token_document(agent.id, agent.name, "platform", ["AGENT"], "never", rng)
        _place(world, Resource("agent_token", agent.id, agent.name), token)
    for person in company.people:
        if "cli" in " ".join(person.user_agents):
            _place_user_token(world, person, rng)


def _place_user_token(world: World, person: Person, rng: Random) -> None:
    id = f"utk_{rng.getrandbits(32):08x}"
    expires = (world.ends_at.date()).isoformat()
    document = access.token_document(id, "laptop", person.email, ["LAUNCHER"], expires, rng)
    _place(world, Resource("user_token", id, f"{person.name}: laptop"), document)


def _place_deployments(world: World) -> None:
    for name in FULL_DEPLOYMENTS:
        document = infrastructure.deployment_document(name, world.rng)
        _place(world, Resource("deployment", name), document)


def _place_auditsite(world: World) -> None:
    """What the company keeps in its audit log itself."""
    company, rng = world.company, world.rng
    settings = auditing.settings_document(company)
    _place(world, Resource("organization", company.slug, company.name), settings)
    for person in company.people:
        if person.is_admin:
            member = auditing.member_document(person.email, "ADMIN")
            _place(world, Resource("member", person.email, person.name), member)
    stream = auditing.stream_document("siem", "splunk", company.domain, rng)
    _place(world, Resource("stream", "siem"), stream)
    key = auditing.api_key_document("terraform", ["record"], rng)
    _place(world, Resource("api_key", key["id"], key["name"]), key)
