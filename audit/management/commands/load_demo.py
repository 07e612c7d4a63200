"""``manage.py load_demo``: two simulated companies to look around in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from audit.models import Event, Organization
from audit.recording import record_many
from audit.recording.tracking import unrecorded
from audit.simulation import simulate
from audit.simulation.company import COMPANIES

# How busy each company is. The second is there to show that tenants see nothing of each other.
_BUSYNESS = {"acme": 1.0, "brightwater": 0.2}
_SEED = 1

DEMO_ORGANIZATIONS = tuple(_BUSYNESS)


class Command(BaseCommand):
    help = "Load the simulated demo organisations, once: whichever has events stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, help="up to now (default: %(default)s)")
        parser.add_argument(
            "--scale", type=float, default=1.0, help="times the usual traffic (default: 1)"
        )

    def handle(self, *args: Any, days: int, scale: float, **options: Any) -> None:
        console = Console(stderr=True, quiet=options["verbosity"] == 0)
        ends_at = datetime.now(UTC).replace(second=0, microsecond=0)
        for slug, busyness in _BUSYNESS.items():
            organization = _organization(slug)
            if Event.objects.in_organization(organization.pk)[:1]:
                continue
            events = simulate(
                company=slug, seed=_SEED, ends_at=ends_at, days=days, scale=scale * busyness
            )
            starts_at = ends_at - timedelta(days=days)
            with _progress(console) as progress:
                task = progress.add_task(f"Demo events of {organization}", total=days)
                _load(organization, _followed(events, starts_at, progress, task))
            _analyze(starts_at, ends_at)


def _followed(
    events: Iterable[Mapping[str, object]], starts_at: datetime, progress: Progress, task: TaskID
) -> Iterator[Mapping[str, object]]:
    """The events, telling the progress how many days they have come."""
    for event in events:
        moment = datetime.fromisoformat(str(event["occurred_at"]))
        progress.update(task, completed=(moment - starts_at) / timedelta(days=1))
        yield event


def _load(organization: Organization, events: Iterable[Mapping[str, object]]) -> None:
    """All or nothing, so that a load that was interrupted begins anew."""
    with transaction.atomic():
        result = record_many(organization, events, is_history=True)
        for rejection in result.rejected[:1]:
            reasons = "; ".join(str(error) for error in rejection.errors)
            raise CommandError(f"Event {rejection.index + 1} of {organization}: {reasons}")


@unrecorded()  # the simulation tells how the company came to be
def _organization(slug: str) -> Organization:
    defaults = {"name": COMPANIES[slug].name}
    return Organization.objects.get_or_create(slug=slug, defaults=defaults)[0]


def _analyze(since: datetime, until: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_analyze(%s, %s)", [since, until])


def _progress(console: Console) -> Progress:
    days = TextColumn("{task.completed:.0f} of {task.total:.0f} days")
    return Progress(
        TextColumn("{task.description}"), BarColumn(), days, TimeElapsedColumn(), console=console
    )
