"""The simulation as a whole: a world is furnished, everybody begins, events come out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from audit.simulation.company import COMPANIES, Company
from audit.simulation.deploys import keep_deploying
from audit.simulation.estate import furnish
from audit.simulation.scheduling import keep_schedule, keep_sensor
from audit.simulation.upkeep import (
    keep_applying,
    keep_backups,
    keep_provisioning,
    keep_rotating,
    keep_syncing,
)
from audit.simulation.workdays import keep_working, plan_absences
from audit.simulation.world import Event, Tempo, World


def simulate(
    *,
    seed: int,
    ends_at: datetime,
    days: int = 90,
    scale: float = 1.0,
    company: str = "acme",
) -> Iterator[Event]:
    """Events of a company in the ``days`` before ``ends_at``, in the order of time.

    Each is the JSON of one event (see ``docs``), its times RFC 3339 in UTC. About 40,000 for
    90 days at scale 1; equal arguments give equal events. ``company`` is "acme" or
    "brightwater". Raises ``ValueError`` for an unknown company, a naive ``ends_at``, or ``days``
    or ``scale`` that are not positive.
    """
    if company not in COMPANIES:
        raise ValueError(f"company must be one of {', '.join(COMPANIES)}, not {company!r}.")
    if ends_at.tzinfo is None:
        raise ValueError("ends_at must have a time zone.")
    if days <= 0 or scale <= 0:
        raise ValueError("days and scale must be positive.")
    world = _world(COMPANIES[company], seed, ends_at.astimezone(UTC), days, scale)
    return world.run()


def _world(company: Company, seed: int, ends_at: datetime, days: int, scale: float) -> World:
    incident_identity = f"{company.slug}/{seed}/{ends_at.isoformat()}"
    identity = f"{incident_identity}/{days}/{scale}"
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
    plan_absences(world, ())
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
        sessions=38 * scale,
        reader_sessions=6 * scale,
        sensor_runs=16 * scale,
        requested_runs=5 * scale,
        pushes=5 * scale,
        scheduled_runs=110 * scale,
    )
