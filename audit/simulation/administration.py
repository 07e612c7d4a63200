"""What administrators do: permissions, accounts, tokens, roles, deployments, namespaces."""

from datetime import timedelta
from functools import partial

from audit.simulation import access, infrastructure
from audit.simulation.actors import Origin, Person
from audit.simulation.catalogue import namespace_of
from audit.simulation.document import Document
from audit.simulation.sessions import impersonating, user_resource
from audit.simulation.world import Context, Process, Resource, World

_TOKEN_DAYS = (30, 60, 90)
_TOKEN_NAMES = ("laptop", "notebook", "ci-debug", "migration", "local tests")
_AGENT_TOKEN_NAMES = ("agent-ap-1", "agent-canary", "agent-batch", "agent-gpu")


def change_permissions(world: World, person: Person, origin: Origin) -> None:
    """Give a colleague access to another team's namespace, or take it back."""
    colleague = world.rng.choice(world.company.people)
    user = user_resource(colleague)
    document = world.document(*user.key)
    if document is None or user.key in world.reserved or colleague == person:
        return
    others = [team for team in world.company.teams if team != colleague.team]
    extra = _extra_namespaces(document, colleague)
    if len(extra) > 2:
        withdraw_grant(world, origin, user, document, extra[0])
    else:
        namespace = namespace_of(world.rng.choice(others))
        grant_namespace(world, origin, user, namespace, world.rng.choice(access.GRANTS[:3]))


def grant_namespace(
    world: World, origin: Origin, user: Resource, namespace: str, grant: str, key: str = ""
) -> None:
    document = world.document(*user.key)
    if document is None:
        return
    changed, summary = access.with_namespace_grant(document, namespace, grant)
    if changed == document:
        return
    details = {"grantee": user.id, "grant": grant, "namespace": namespace}
    context = Context(deployment="prod", details=details, summary=summary, key=key)
    world.update(origin, "user_permissions.changed", user, changed, context)


def withdraw_grant(
    world: World, origin: Origin, user: Resource, document: Document, namespace: str
) -> None:
    changed, summary = access.without_namespace_grant(document, namespace)
    details = {"grantee": user.id, "grant": "NONE", "namespace": namespace}
    context = Context(deployment="prod", details=details, summary=summary)
    world.update(origin, "user_permissions.changed", user, changed, context)


def change_grant(
    world: World,
    origin: Origin,
    user: Resource,
    deployment: str,
    grant: str,
    key: str = "",
) -> None:
    """Give a user another grant in a whole deployment."""
    document = world.document(*user.key)
    if document is None:
        return
    changed, summary = access.with_grant(document, deployment, grant)
    details = {"grantee": user.id, "grant": grant, "deployment": deployment}
    context = Context(deployment=deployment, details=details, summary=summary, key=key)
    world.update(origin, "user_permissions.changed", user, changed, context)


def change_staging_permissions(world: World, person: Person, origin: Origin) -> None:
    colleague = world.rng.choice(world.company.people)
    user = user_resource(colleague)
    document = world.document(*user.key)
    if document is None or user.key in world.reserved:
        return
    old = access.grant_of(document, "staging")
    grant = world.rng.choice([grant for grant in ("EDITOR", "ADMIN") if grant != old])
    change_grant(world, origin, user, "staging", grant)


def create_user_token(world: World, person: Person, origin: Origin) -> None:
    id = f"utk_{world.rng.getrandbits(32):08x}"
    name = world.rng.choice(_TOKEN_NAMES)
    expires = (world.now + timedelta(days=world.rng.choice(_TOKEN_DAYS))).date().isoformat()
    document = access.token_document(id, name, person.email, ["LAUNCHER"], expires, world.rng)
    token = Resource("user_token", id, f"{person.name}: {name}")
    context = Context(
        details={"token_id": id, "owner": person.email},
        summary=f"Created “{name}”, until {expires}",
    )
    world.create(origin, "user_token.created", token, document, context)


def revoke_user_token(world: World, person: Person, origin: Origin) -> None:
    own = [
        token
        for token in world.free("user_token")
        if person.is_admin or (world.document(*token.key) or {})["owner"] == person.email
    ]
    if own:
        details = {
            "token_id": own[0].id,
            "reason": world.rng.choice(["unused", "expired", "replaced"]),
        }
        context = Context(details=details, summary=f"Revoked: {details['reason']}")
        world.delete(origin, "user_token.revoked", own[0], context)


def change_agent_tokens(world: World, person: Person, origin: Origin) -> None:
    """Try an agent for a while."""
    if len(world.all("agent_token")) > 5:
        return
    id = f"agt_{world.rng.getrandbits(32):08x}"
    name = world.rng.choice(_AGENT_TOKEN_NAMES)
    document = access.token_document(id, name, person.email, ["AGENT"], "never", world.rng)
    token = Resource("agent_token", id, name)
    context = Context(details={"token_id": id}, summary=f"Created for {name}")
    world.create(origin, "agent_token.created", token, document, context)
    world.leave_for_later(origin, partial(_scope_agent_token, world, token))


def _scope_agent_token(world: World, token: Resource, origin: Origin) -> None:
    document = world.document(*token.key)
    if document is not None:
        changed = document | {"scopes": [*document["scopes"], "BRANCH_DEPLOYMENTS"]}
        context = Context(
            deployment="prod",
            details={"token_id": token.id, "grant": "AGENT", "deployment": "prod"},
            summary="Allowed branch deployments",
        )
        world.update(origin, "agent_token_permissions.updated", token, changed, context)
        world.leave_for_later(origin, partial(_revoke_agent_token, world, token))


def _revoke_agent_token(world: World, token: Resource, origin: Origin) -> None:
    if world.document(*token.key) is not None:
        context = Context(details={"token_id": token.id}, summary="Revoked, the trial is over")
        world.delete(origin, "agent_token.revoked", token, context)


def edit_role(world: World, person: Person, origin: Origin) -> None:
    role = world.rng.choice(world.all("role"))
    document = world.document(*role.key)
    if document is not None:
        changed, summary = access.edit_role(document, world.rng)
        world.update(origin, "role.updated", role, changed, Context(summary=summary))


def edit_deployment(world: World, person: Person, origin: Origin) -> None:
    deployment = Resource("deployment", world.rng.choice(["prod", "staging"]))
    document = world.document(*deployment.key)
    if document is not None:
        changed, summary = infrastructure.edit_deployment(document, world.rng)
        context = Context(deployment=deployment.id, summary=summary)
        world.update(origin, "deployment_settings.updated", deployment, changed, context)


def edit_namespace(world: World, person: Person, origin: Origin) -> None:
    namespace = world.rng.choice(world.all("namespace"))
    document = world.document(*namespace.key)
    if document is not None:
        changed, summary = infrastructure.edit_namespace(document, world.rng)
        context = Context(details={"namespace": namespace.id}, summary=summary)
        world.update(origin, "namespace.updated", namespace, changed, context)


def toggle_auto_materialize(world: World, person: Person, origin: Origin) -> None:
    """Pause it for a migration; resuming is the next thing to do."""
    deployment = Resource("deployment", "staging")
    document = world.document(*deployment.key)
    if document is not None:
        paused = not document["auto_materialize_paused"]
        changed = document | {"auto_materialize_paused": paused}
        context = Context(
            deployment="staging",
            details={"paused": str(paused).lower()},
            summary="Paused" if paused else "Resumed",
        )
        world.update(origin, "auto_materialize.toggled", deployment, changed, context)
        if paused:
            resume = partial(toggle_auto_materialize, world, person)
            world.leave_for_later(origin, resume)


def act_as_colleague(world: World, person: Person, origin: Origin) -> None:
    """See the platform as somebody else does, to help them."""
    colleague = world.rng.choice([one for one in world.company.people if one != person])
    reason = world.rng.choice(["cannot see a dashboard", "checks a new role", "support request"])
    world.start(_act_as(world, origin, colleague, reason))


def _act_as(world: World, origin: Origin, colleague: Person, reason: str) -> Process:
    user = user_resource(colleague)
    context = Context(details={"reason": reason}, summary=f"Acted in their place: {reason}")
    world.log(origin, "user.impersonation_started", user, context)
    yield world.after(seconds=world.rng.uniform(6, 18))
    dashboards = world.all("dashboard")
    if dashboards:
        acting = impersonating(world, origin, colleague)
        world.log(acting, "dashboard.opened", world.rng.choice(dashboards))
    yield world.after(seconds=world.rng.uniform(6, 18))
    context = Context(summary="Returned to their own account")
    world.log(origin, "user.impersonation_ended", user, context)


def _extra_namespaces(document: Document, person: Person) -> list[str]:
    namespaces = document["grants"][0].get("namespaces", ())
    return [one["name"] for one in namespaces if one["name"] != namespace_of(person.team)]
