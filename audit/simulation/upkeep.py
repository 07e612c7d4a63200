"""What service accounts do by themselves: backups, rotation, provisioning, terraform."""

from dataclasses import replace
from datetime import date

from audit.simulation import access, automation, calendar, infrastructure
from audit.simulation.actors import Person
from audit.simulation.catalogue import namespace_of
from audit.simulation.directory import business_users
from audit.simulation.engineering import record_launch
from audit.simulation.executions import new_id
from audit.simulation.responses import run
from audit.simulation.sessions import user_resource
from audit.simulation.world import Context, Process, Resource, World

_WEDNESDAY = 2
_DENIED_SHARE = 0.12
_JOINERS = 60
_UNITS = ("sales", "support", "marketing", "operations")


def keep_backups(world: World) -> Process:
    """One backup each night."""
    for day in calendar.days_between(world.starts_at, world.ends_at):
        yield calendar.at(day, 1.6 + world.rng.uniform(0, 0.2), "UTC")
        gigabytes = 180 + (day.toordinal() % 400) * 0.3 + world.rng.uniform(0, 2)
        backup = Resource("backup", f"metadata-{day.isoformat()}", f"metadata {day.isoformat()}")
        details = {"size": f"{gigabytes:.1f} GB", "duration": f"{world.rng.randrange(14, 31)}m"}
        context = Context(
            deployment="prod", details=details, summary=f"Wrote and checked {details['size']}"
        )
        world.log(world.company.machines.backup.origin, "backup.completed", backup, context)


def keep_rotating(world: World) -> Process:
    """Give secrets new values when their time has come, on weekday mornings."""
    origin = world.company.machines.rotator.origin
    for day in _weekdays(world):
        yield calendar.at(day, 9.25 + world.rng.uniform(0, 0.1), "UTC")
        for secret in world.free("secret"):
            document = world.document(*secret.key)
            if document is None or world.rng.random() * document["rotation"]["every_days"] > 1:
                continue
            yield world.after(seconds=world.rng.uniform(2, 9))
            details = {"secret_name": secret.id, "namespace": document["namespace"]}
            context = Context(
                deployment="prod",
                details=details | {"value_changed": "true"},
                summary="Rotated the value",
            )
            # It may have changed hands while the rotator was at work.
            current = world.document(*secret.key)
            if current is not None:
                changed = access.new_value(current, world.rng)
                world.update(origin, "secret.updated", secret, changed, context)


def keep_provisioning(world: World) -> Process:
    """Follow the staff list: joiners, leavers, people who change teams."""
    joiners = list(_joiners(world))
    for day in _weekdays(world):
        yield calendar.at(day, 6 + world.rng.uniform(0, 1), "UTC")
        if joiners and world.rng.random() < 0.22 * _pace(world):
            _join(world, joiners.pop(0))
        if world.rng.random() < 0.15 * _pace(world):
            _leave(world)
        if world.rng.random() < 0.5 * _pace(world):
            yield world.after(minutes=3)
            _change_team(world)


def keep_applying(world: World) -> Process:
    """Terraform on Wednesdays: a handful of changes within a minute or two."""
    for day in _weekdays(world):
        if day.weekday() != _WEDNESDAY:
            continue
        yield calendar.at(day, 10 + world.rng.uniform(0, 1), "UTC")
        commit = f"{world.rng.getrandbits(28):07x}"
        for _ in range(max(1, round(world.rng.randrange(3, 9) * min(1, _pace(world))))):
            yield world.after(seconds=world.rng.uniform(2, 15))
            world.rng.choice((_apply_deployment, _apply_namespace, _apply_alerts, _apply_service))(
                world, commit
            )
        context = Context(
            details={"token_id": "svt_terraform", "commit": commit}, summary="Rotated"
        )
        _rotate_service_token(world, context)


def keep_syncing(world: World) -> Process:
    """Fivetran asks for runs by day; Grafana sometimes asks for what it may not have."""
    machines = world.company.machines
    for day in calendar.days_between(world.starts_at, world.ends_at):
        for hour in sorted(world.rng.uniform(7, 19) for _ in range(_requests(world, day))):
            yield calendar.at(day, hour, "UTC")
            flows = [flow for flow in world.flows.values() if flow.spec.kind == "extract"]
            if flows:
                flow, id = world.rng.choice(flows), new_id(world)
                record_launch(world, flow, machines.loader.origin, id)
                process = run(world, flow, "api", machines.scheduler.origin, id=id)
                world.start(process, world.after(seconds=1))
        if world.rng.random() < _DENIED_SHARE * _pace(world):
            _ask_in_vain(world)


def _requests(world: World, day: date) -> int:
    share = 1.0 if day.weekday() < 5 else 0.5
    return int(world.tempo.requested_runs * share + world.rng.random())


def _ask_in_vain(world: World) -> None:
    secret = world.rng.choice(world.all("secret"))
    document = world.document(*secret.key) or {}
    details = {
        "secret_name": secret.id,
        "namespace": document["namespace"],
        "reason": "service accounts read no secrets",
    }
    context = Context(deployment="prod", details=details, outcome="denied")
    world.log(world.company.machines.grafana.origin, "secret.read", secret, context)


def _apply_deployment(world: World, commit: str) -> None:
    deployment = Resource("deployment", world.rng.choice(["prod", "staging"]))
    document = world.document(*deployment.key) or {}
    changed, summary = infrastructure.edit_deployment(document, world.rng)
    context = Context(deployment=deployment.id, details={"commit": commit}, summary=summary)
    origin = world.company.machines.terraform.origin
    world.update(origin, "deployment_settings.updated", deployment, changed, context)


def _apply_namespace(world: World, commit: str) -> None:
    namespace = world.rng.choice(world.all("namespace"))
    document = world.document(*namespace.key) or {}
    changed, summary = infrastructure.edit_namespace(document, world.rng)
    details = {"namespace": namespace.id, "commit": commit}
    origin = world.company.machines.terraform.origin
    context = Context(details=details, summary=summary)
    world.update(origin, "namespace.updated", namespace, changed, context)


def _apply_alerts(world: World, commit: str) -> None:
    policies = world.free("alert_policy")
    if policies:
        policy = world.rng.choice(policies)
        changed, summary = automation.edit_alert_policy(
            world.document(*policy.key) or {}, world.rng
        )
        namespace = namespace_of(policy.id.removesuffix("-failures"))
        details = {"namespace": namespace, "commit": commit}
        context = Context(deployment="prod", details=details, summary=summary)
        origin = world.company.machines.terraform.origin
        world.update(origin, "alert_policy.updated", policy, changed, context)


def _apply_service(world: World, commit: str) -> None:
    user = world.rng.choice(world.free("service_user"))
    document = world.document(*user.key) or {}
    old = access.grant_of(document, "staging")
    grant = world.rng.choice([g for g in ("LAUNCHER", "EDITOR", "ADMIN") if g != old])
    changed, summary = access.with_grant(document, "staging", grant)
    details = {"grantee": user.id, "grant": grant, "deployment": "staging", "commit": commit}
    context = Context(deployment="staging", details=details, summary=summary)
    origin = world.company.machines.terraform.origin
    world.update(origin, "service_user_permissions.changed", user, changed, context)


def _rotate_service_token(world: World, context: Context) -> None:
    """A new token for one service user, and the old one goes."""
    origin = world.company.machines.terraform.origin
    old = world.all("service_token")
    id = f"svt_{world.rng.getrandbits(32):08x}"
    document = access.token_document(id, "terraform", "terraform", ["ADMIN"], "never", world.rng)
    created = replace(context, details={**(context.details or {}), "token_id": id})
    token = Resource("service_token", id, "terraform")
    world.create(origin, "service_token.created", token, document, created)
    for each in old:
        revoked = replace(
            context,
            details={**(context.details or {}), "token_id": each.id},
            summary="Revoked: rotated",
        )
        world.delete(origin, "service_token.revoked", each, revoked)


def _joiners(world: World) -> list[Person]:
    """People with names that nobody here has yet."""
    known = {person.email for person in (*world.company.people, *world.company.readers)}
    crowd = business_users(len(world.company.readers) + _JOINERS, world.company.domain)
    joiners = [person for person in crowd if person.email not in known]
    world.rng.shuffle(joiners)
    return joiners


def _join(world: World, person: Person) -> None:
    document = access.reader_document(person, world.rng)
    details = {"method": "scim", "team": person.team}
    context = Context(details=details, summary=f"Joined {person.team}")
    origin = world.company.machines.provisioner.origin
    world.create(origin, "user.created", user_resource(person), document, context)


def _leave(world: World) -> None:
    readers = [person for person in world.company.readers if world.document("user", person.email)]
    free = [person for person in readers if ("user", person.email) not in world.reserved]
    if free:
        user = user_resource(world.rng.choice(free))
        context = Context(details={"method": "scim", "reason": "left"}, summary="Left the company")
        world.delete(world.company.machines.provisioner.origin, "user.deleted", user, context)


def _change_team(world: World) -> None:
    person = world.rng.choice(world.company.readers)
    user = user_resource(person)
    document = world.document(*user.key)
    if document is None or user.key in world.reserved:
        return
    old = document["teams"][0]
    team = world.rng.choice([unit for unit in _UNITS if unit != old])
    context = Context(
        details={"method": "scim", "team": team}, summary=f"Moved from {old} to {team}"
    )
    origin = world.company.machines.provisioner.origin
    world.update(origin, "user.updated", user, document | {"teams": [team]}, context)


def _pace(world: World) -> float:
    """How busy the company is, compared with one at scale 1."""
    return min(1.0, world.tempo.pushes / 5)


def _weekdays(world: World) -> list[date]:
    return [
        day for day in calendar.days_between(world.starts_at, world.ends_at) if day.weekday() < 5
    ]
