"""What people of the data teams do besides flows: queries, dashboards, secrets, alerts."""

from datetime import timedelta

from audit.simulation import access, analysis, automation
from audit.simulation.actors import Origin, Person
from audit.simulation.catalogue import namespace_of
from audit.simulation.document import Document
from audit.simulation.world import Context, Resource, World, rfc3339

_MOST_SECRETS = 40


def edit_query(world: World, person: Person, origin: Origin) -> None:
    query = _pick_of_team(world, "query", person)
    if query is not None and (document := world.document(*query.key)):
        changed, summary = analysis.edit_query(document, world.rng)
        context = Context(details=_connection(changed), summary=summary)
        world.update(origin, "query.updated", query, changed, context)


def create_query(world: World, person: Person, origin: Origin) -> None:
    flows = [flow for flow in world.flows.values() if flow.spec.team == person.team]
    if not flows:
        return
    flow = world.rng.choice(flows)
    number = world.rng.randrange(100, 1000)
    document = analysis.query_document(flow.spec, person.email, world.rng)
    document |= {"id": f"{flow.spec.id}_{number}", "name": f"{flow.spec.title}, look {number}"}
    if world.document("query", document["id"]) is None:
        resource = Resource("query", document["id"], document["name"])
        context = Context(details=_connection(document), summary=f"Reads {flow.spec.source}")
        world.create(origin, "query.created", resource, document, context)


def delete_query(world: World, person: Person, origin: Origin) -> None:
    """Tidy up one of the looks; the overviews stay."""
    looks = [query for query in world.free("query") if ", look " in query.name]
    own = [query for query in looks if (world.document(*query.key) or {})["owner"] == person.email]
    if own:
        document = world.document(*own[0].key) or {}
        context = Context(details=_connection(document), summary="Deleted, answered its question")
        world.delete(origin, "query.deleted", own[0], context)


def edit_dashboard(world: World, person: Person, origin: Origin) -> None:
    dashboard = _pick_of_team(world, "dashboard", person)
    if dashboard is not None and (document := world.document(*dashboard.key)):
        changed, summary = analysis.edit_dashboard(document, world.rng)
        context = Context(details={"namespace": _home(dashboard)}, summary=summary)
        world.update(origin, "dashboard.updated", dashboard, changed, context)


def open_dashboard(world: World, person: Person, origin: Origin) -> None:
    dashboards = world.all("dashboard")
    if dashboards:
        dashboard = world.rng.choice(dashboards)
        context = Context(details={"namespace": _home(dashboard)})
        world.log(origin, "dashboard.opened", dashboard, context)


def create_secret(world: World, person: Person, origin: Origin) -> None:
    if len(world.all("secret")) > _MOST_SECRETS:
        return
    name = f"{person.team.upper()}_{world.rng.choice(access.NEW_SECRETS)}"
    if world.document("secret", name) is None:
        document = access.secret_document(name, person.team, world.rng)
        context = _secret_context(name, person.team, "Created for all full deployments")
        world.create(origin, "secret.created", Resource("secret", name), document, context)


def update_secret(world: World, person: Person, origin: Origin) -> None:
    secret = _pick_secret(world, person)
    document = world.document(*secret.key) if secret else None
    if secret is None or document is None:
        return
    if world.rng.random() < 0.5:
        changed, summary = access.new_value(document, world.rng), "Replaced the value"
    else:
        changed, summary = access.edit_secret(document, world.rng)
    value_changed = "true" if changed["value"] != document["value"] else "false"
    context = _secret_context(secret.id, person.team, summary, value_changed=value_changed)
    world.update(origin, "secret.updated", secret, changed, context)


def delete_secret(world: World, person: Person, origin: Origin) -> None:
    """Only those that were made along the way."""
    added = [
        secret
        for secret in world.free("secret")
        if secret.id.removeprefix(f"{person.team.upper()}_") in access.NEW_SECRETS
    ]
    if added:
        context = _secret_context(added[0].id, person.team, "Deleted, no flow uses it")
        world.delete(origin, "secret.deleted", added[0], context)


def read_secret(world: World, person: Person, origin: Origin) -> None:
    """Look at a value; those of other teams are denied."""
    secrets = world.all("secret")
    secret = world.rng.choice(secrets)
    if world.rng.random() < 0.8:
        secret = _pick_secret(world, person) or secret
    team = (world.document(*secret.key) or {})["locations"][0]
    is_allowed = team == person.team or person.is_admin
    context = Context(
        deployment="prod",
        details={"secret_name": secret.id, "namespace": namespace_of(team)}
        | ({} if is_allowed else {"reason": f"needs EDITOR in {namespace_of(team)}"}),
        outcome="success" if is_allowed else "denied",
    )
    world.log(origin, "secret.read", secret, context)


def edit_alert_policy(world: World, person: Person, origin: Origin) -> None:
    policy = Resource("alert_policy", f"{person.team}-failures")
    document = world.document(*policy.key)
    if document is not None and policy.key not in world.reserved:
        changed, summary = automation.edit_alert_policy(document, world.rng)
        context = Context(
            deployment="prod", details={"namespace": namespace_of(person.team)}, summary=summary
        )
        world.update(origin, "alert_policy.updated", policy, changed, context)


def mute_alert_policy(world: World, person: Person, origin: Origin) -> None:
    policy = Resource("alert_policy", f"{person.team}-failures")
    document = world.document(*policy.key)
    if document is not None and policy.key not in world.reserved:
        hours = world.rng.choice([1, 2, 4, 24])
        until = rfc3339(world.now.replace(second=0, microsecond=0) + timedelta(hours=hours))
        context = Context(
            deployment="prod",
            details={"namespace": namespace_of(person.team), "mute_until": until},
            summary=f"Muted for {hours} h",
        )
        changed = document | {"mute_until": until}
        world.update(origin, "alert_policy.muted", policy, changed, context)


def _secret_context(name: str, team: str, summary: str, **details: str) -> Context:
    told = {"secret_name": name, "namespace": namespace_of(team)} | details
    return Context(deployment="prod", details=told, summary=summary)


def _pick_secret(world: World, person: Person) -> Resource | None:
    own = [
        secret
        for secret in world.free("secret")
        if (world.document(*secret.key) or {})["locations"] == [person.team]
    ]
    return world.rng.choice(own) if own else None


def _pick_of_team(world: World, type: str, person: Person) -> Resource | None:
    """A query or dashboard of the person's team, or any if the team has none."""
    free = world.free(type)
    own = [resource for resource in free if _is_of_team(world, resource, person.team)]
    choices = own or free
    return world.rng.choice(choices) if choices else None


def _is_of_team(world: World, resource: Resource, team: str) -> bool:
    document = world.document(*resource.key) or {}
    return team in document.get("tags", ()) or resource.id.startswith(f"{team}-")


def _home(dashboard: Resource) -> str:
    return namespace_of(dashboard.id.removesuffix("-overview"))


def _connection(document: Document) -> dict[str, str]:
    team = document["connection"].rpartition("/")[2]
    return {"namespace": namespace_of(team), "connection": document["connection"]}
