"""Signing in and out: every person's action belongs to a session at one address."""

from collections.abc import Generator
from datetime import datetime

from audit.simulation.actors import Actor, Origin, Person
from audit.simulation.world import Context, Resource, World

type SigningIn = Generator[datetime, None, Origin]

_FAILURES = ("mfa_timeout", "password_expired", "wrong_password", "unknown_device")
#: Sessions begun by a phone or command line are rare; the first client is the usual one.
_OTHER_CLIENT_SHARE = 0.12
_OTHER_ADDRESS_SHARE = 0.25
_FAILED_FIRST_SHARE = 0.04
_SIGN_OUT_SHARE = 0.6


def user_resource(person: Person) -> Resource:
    return Resource("user", person.email, person.name)


def new_origin(world: World, person: Person) -> Origin:
    """A place for one session: the usual address and client, sometimes another of theirs."""
    rng = world.rng
    address, client = person.addresses[0], person.user_agents[0]
    if rng.random() < _OTHER_ADDRESS_SHARE:
        address = rng.choice(person.addresses)
    if rng.random() < _OTHER_CLIENT_SHARE:
        client = rng.choice(person.user_agents)
    return Origin(person.actor, new_session(world), address, client)


def new_session(world: World) -> str:
    return f"s_{world.rng.getrandbits(40):010x}"


def sign_in(world: World, person: Person, key: str = "") -> SigningIn:
    """Sign in, now and then at the second attempt; gives the session's origin."""
    origin = new_origin(world, person)
    if not key and world.rng.random() < _FAILED_FIRST_SHARE:
        yield from _fail_first(world, person, origin)
    record_sign_in(world, person, origin, key)
    return origin


def record_sign_in(world: World, person: Person, origin: Origin, key: str = "") -> None:
    details = {"method": person.method}
    context = Context(details=details, key=key)
    world.log(origin, "user.logged_in", user_resource(person), context)


def sign_out(world: World, origin: Origin, key: str = "") -> None:
    user = Resource("user", origin.actor.id, origin.actor.name)
    world.log(origin, "user.logged_out", user, Context(key=key))


def maybe_sign_out(world: World, origin: Origin) -> None:
    """Many people close the browser instead."""
    if world.rng.random() < _SIGN_OUT_SHARE:
        sign_out(world, origin)


def impersonating(world: World, admin: Origin, person: Person) -> Origin:
    """The session of an admin who acts in somebody's place."""
    actor = Actor("user", person.email, person.name, impersonator=admin.actor.id)
    return Origin(actor, new_session(world), admin.ip, admin.user_agent)


def _fail_first(world: World, person: Person, origin: Origin) -> Generator[datetime]:
    reason = world.rng.choice(_FAILURES)
    # A failed attempt has no session yet.
    outside = Origin(origin.actor, "", origin.ip, origin.user_agent)
    context = Context(details={"method": person.method, "reason": reason}, outcome="failure")
    world.log(outside, "user.login_failed", user_resource(person), context)
    yield world.after(seconds=world.rng.uniform(8, 70))
