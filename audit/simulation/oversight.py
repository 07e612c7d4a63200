"""What security and compliance do: they read the log, and look after the audit log itself."""

from audit.simulation import auditing
from audit.simulation.actors import Origin, Person
from audit.simulation.world import Context, Resource, World

LOG = Resource("log", "events", "Audit log")
_SEARCHES = (
    "event:user_permissions.changed since:now-7d",
    "outcome:denied since:now-24h",
    "actor_kind:agent_token event:secret.read",
    "change:deleted deployment:prod since:now-7d",
    "event:user.login_failed since:now-30d",
    "namespace:company.finance change:updated since:now-24h",
    "resource:secret -actor:secrets-rotator",
    "event:code_location.updated deployment:prod",
)
_EXPORTS = ("event:user_permissions.changed", "resource:secret", "namespace:company.finance", "")


def open_log(world: World, person: Person, origin: Origin) -> None:
    world.log(origin, "log.opened", LOG)


def search_log(world: World, person: Person, origin: Origin) -> None:
    record_search(world, origin, world.rng.choice(_SEARCHES), world.rng.randrange(0, 900))


def record_search(world: World, origin: Origin, query: str, events: int, key: str = "") -> None:
    details = {"query": query, "events": str(events)}
    context = Context(details=details, summary=f"Searched for {query}", key=key)
    world.log(origin, "log.searched", LOG, context)


def export_events(world: World, person: Person, origin: Origin) -> None:
    query = world.rng.choice(_EXPORTS)
    format = world.rng.choice(["csv", "ndjson"])
    events = str(world.rng.randrange(200, 9000))
    details = {"query": query, "format": format, "events": events}
    export = Resource("export", f"exp_{world.rng.getrandbits(32):08x}", f"{format} export")
    context = Context(
        details={name: value for name, value in details.items() if value},
        summary=f"Exported {int(events):,} events as {format.upper()}",
    )
    world.log(origin, "export.created", export, context)


def change_settings(world: World, person: Person, origin: Origin) -> None:
    settings = Resource("organization", world.company.slug, world.company.name)
    document = world.document(*settings.key)
    if document is not None:
        changed, summary = auditing.edit_settings(document, world.rng)
        world.update(
            origin, "organization_settings.changed", settings, changed, Context(summary=summary)
        )


def look_after_members(world: World, person: Person, origin: Origin) -> None:
    """Somebody needs the log for a while: invite, raise, remove."""
    guests = [member for member in world.free("member") if _is_guest(world, member)]
    if len(guests) < 2:
        _invite(world, origin)
    elif world.rng.random() < 0.5:
        _change_role(world, origin, guests[0])
    else:
        world.delete(origin, "member.removed", guests[0], Context(summary="Removed"))


def _invite(world: World, origin: Origin) -> None:
    people = [person for person in world.company.people if not person.is_admin]
    person = world.rng.choice(people)
    if world.document("member", person.email) is None:
        document = auditing.member_document(person.email, "MEMBER")
        member = Resource("member", person.email, person.name)
        context = Context(details={"role": "MEMBER"}, summary="Invited as MEMBER")
        world.create(origin, "member.invited", member, document, context)


def _change_role(world: World, origin: Origin, member: Resource) -> None:
    document = world.document(*member.key) or {}
    role = "ADMIN" if document["role"] == "MEMBER" else "MEMBER"
    context = Context(details={"role": role}, summary=f"Changed from {document['role']} to {role}")
    world.update(origin, "member.role_changed", member, document | {"role": role}, context)


def _is_guest(world: World, member: Resource) -> bool:
    return not any(person.is_admin and person.email == member.id for person in world.company.people)


def look_after_streams(world: World, person: Person, origin: Origin) -> None:
    stream = Resource("stream", "siem")
    document = world.document(*stream.key)
    if document is not None:
        changed, summary = auditing.edit_stream(document, world.rng)
        world.update(origin, "stream.updated", stream, changed, Context(summary=summary))


def try_stream(world: World, person: Person, origin: Origin) -> None:
    """Set up a second destination, or give up on it."""
    stream = Resource("stream", "lake")
    if world.document(*stream.key) is None:
        document = auditing.stream_document("lake", "s3", world.company.domain, world.rng)
        world.create(
            origin, "stream.created", stream, document, Context(summary="Streams to S3 from now on")
        )
    else:
        world.delete(origin, "stream.deleted", stream, Context(summary="Deleted, too costly"))


def look_after_api_keys(world: World, person: Person, origin: Origin) -> None:
    keys = world.all("api_key")
    if len(keys) > 2:
        context = Context(details={"reason": "unused"}, summary="Revoked: unused")
        world.delete(origin, "api_key.revoked", keys[-1], context)
        return
    name = world.rng.choice(["dashboards", "weekly report", "siem check", "notebook"])
    document = auditing.api_key_document(name, ["search"], world.rng)
    context = Context(details={"scopes": "search"}, summary="May search")
    key = Resource("api_key", document["id"], name)
    world.create(origin, "api_key.created", key, document, context)


def keep_view(world: World, person: Person, origin: Origin) -> None:
    """Save a search, share one, or throw one away."""
    name, query = world.rng.choice(auditing.SAVED_VIEWS)
    view = Resource("saved_view", name.lower().replace(" ", "-"), name)
    document = world.document(*view.key)
    if document is None:
        saved = auditing.saved_view_document(name, query)
        context = Context(details={"query": query}, summary="Saved")
        world.create(origin, "saved_view.created", view, saved, context)
    elif world.rng.random() < 0.7:
        changed, summary = auditing.share_view(document)
        world.update(origin, "saved_view.updated", view, changed, Context(summary=summary))
    else:
        world.delete(origin, "saved_view.deleted", view, Context(summary="Deleted, out of use"))
