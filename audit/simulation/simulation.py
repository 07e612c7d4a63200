"""The simulation as a whole: a world is furnished, everybody begins, events come out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from audit.simulation.company import COMPANIES, Company
from audit.simulation.deploys import keep_deploying
from audit.simulation.estate import furnish
from audit.simulation.incidents import Incident, Story, keys_of
from audit.simulation.scheduling import keep_schedule, keep_sensor
from audit.simulation.stories.leaked_token import LeakedToken
from audit.simulation.stories.mass_permissions import MassPermissions
from audit.simulation.stories.paused_schedule import PausedSchedule
from audit.simulation.stories.unrecorded_change import UnrecordedChange
from audit.simulation.upkeep import (
    keep_applying,
    keep_backups,
    keep_provisioning,
    keep_rotating,
    keep_syncing,
)
from audit.simulation.workdays import keep_working, plan_absences
from audit.simulation.world import Event, Tempo, World

_STORIES: tuple[type[Story], ...] = (
    PausedSchedule,
    UnrecordedChange,
    LeakedToken,
    MassPermissions,
)
#: A story needs some quiet before it begins.
_LEAD = timedelta(hours=13)


def simulate(
    *,
    seed: int,
    ends_at: datetime,
    days: int = 90,
    scale: float = 1.0,
    company: str = "acme",
) -> Iterator[Event]:
    """Events of a company in the ``days`` before ``ends_at``, in the order of time.

    Each is an event as docs/events.md describes it, its time RFC 3339 in UTC. About 40,000 for
    90 days at scale 1; equal arguments give equal events. ``company`` is "acme" or
    "brightwater". Raises ``ValueError`` for an unknown company, a naive ``ends_at``, or ``days``
    or ``scale`` that are not positive.
    """
    if scale <= 0:
        raise ValueError("scale must be positive.")
    place, end = _checked(company, ends_at, days)
    return _world(place, seed, end, days, scale).run()


def incidents(
    *, seed: int, ends_at: datetime, days: int = 90, company: str = "acme"
) -> tuple[Incident, ...]:
    """The stories hidden in ``simulate`` with the same arguments, the most recent first.

    Those that would begin before the log does are left out; Brightwater has none. Raises
    ``ValueError`` as ``simulate`` does.
    """
    place, end = _checked(company, ends_at, days)
    identity = _incident_identity(place, seed, end)
    told = [story.tell(keys_of(story, identity)) for story in _stories(place, end, days)]
    return tuple(sorted(told, key=lambda incident: incident.ends_at, reverse=True))


def _checked(company: str, ends_at: datetime, days: int) -> tuple[Company, datetime]:
    if company not in COMPANIES:
        raise ValueError(f"company must be one of {', '.join(COMPANIES)}, not {company!r}.")
    if ends_at.tzinfo is None:
        raise ValueError("ends_at must have a time zone.")
    if days <= 0:
        raise ValueError("days must be positive.")
    return COMPANIES[company], ends_at.astimezone(UTC)


def _stories(company: Company, ends_at: datetime, days: int) -> list[Story]:
    if not company.has_incidents:
        return []
    planned = [story.plan(company, ends_at) for story in _STORIES]
    starts_at = ends_at - timedelta(days=days)
    return [story for story in planned if story.begins_at - _LEAD >= starts_at]


def _incident_identity(company: Company, seed: int, ends_at: datetime) -> str:
    return f"{company.slug}/{seed}/{ends_at.isoformat()}"


def _world(company: Company, seed: int, ends_at: datetime, days: int, scale: float) -> World:
    incident_identity = _incident_identity(company, seed, ends_at)
    identity = f"{incident_identity}/{days}/{scale}"
    stories = _stories(company, ends_at, days)
    world = World(
        company,
        _tempo(scale),
        Random(identity),  # noqa: S311 -- a demo, not a secret
        ends_at - timedelta(days=days),
        ends_at,
        identity,
        incident_identity,
    )
    furnish(world)
    cast = {mailbox for story in stories for mailbox in story.cast}
    plan_absences(world, {f"{mailbox}@{company.domain}" for mailbox in cast})
    for story in stories:
        story.prepare(world)
        world.start(story.play(world))
    for schedule in world.all("schedule"):
        world.start(keep_schedule(world, schedule.id))
    for flow in list(world.flows.values()):
        if not flow.spec.cron:
            world.start(keep_sensor(world, flow.spec.id))
    for begin in (
        keep_working,
        keep_deploying,
        keep_backups,
        keep_rotating,
        keep_provisioning,
        keep_applying,
        keep_syncing,
    ):
        world.start(begin(world))
    return world


def _tempo(scale: float) -> Tempo:
    """What adds up to about 440 events a day at scale 1."""
    return Tempo(
        sessions=32 * scale,
        reader_sessions=6 * scale,
        sensor_runs=16 * scale,
        requested_runs=5 * scale,
        pushes=5 * scale,
        scheduled_runs=110 * scale,
    )
