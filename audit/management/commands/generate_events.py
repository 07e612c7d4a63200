from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit.management.bench.filling import Filling, whole_days
from audit.models import Event, Organization
from audit.recording.tracking import unrecorded


class Command(BaseCommand):
    help = "Fill an organisation with made-up events, to see the log at any size."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG", help="made if missing")
        parser.add_argument("--count", type=int, required=True, help="how many events")
        parser.add_argument("--days", type=int, default=730, help="over how many days, up to now")
        parser.add_argument("--seed", type=int, default=1, help="another seed, other events")
        parser.add_argument(
            "--organizations",
            type=int,
            default=1,
            help="spread over this many, SLUG, SLUG-2 and so on; SLUG gets 60 %%",
        )
        parser.add_argument("--jobs", type=int, default=2, help="connections to write over")
        parser.add_argument(
            "--add", action="store_true", help="also where there are events, which stay for ever"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("count", "days", "organizations", "jobs"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1.")
        names = [options["organization"]]
        names += [f"{names[0]}-{n}" for n in range(2, options["organizations"] + 1)]
        organizations = [_organization(name) for name in names]
        if not options["add"]:
            _refuse_used(organizations)
        since, until = whole_days(options["days"], datetime.now(UTC))
        filling = Filling(
            organizations=organizations,
            count=options["count"],
            since=since,
            until=until,
            seed=options["seed"],
        )
        try:
            fill(filling, options["jobs"], Console(stderr=True, quiet=options["verbosity"] == 0))
        except IntegrityError:
            raise CommandError(f"The events of seed {filling.seed} are already here.") from None


def fill(filling: Filling, jobs: int, console: Console) -> None:
    """Write the events, showing how far it is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Events", total=filling.count)
        for written in filling.write(jobs):
            progress.advance(task, written)
        progress.update(task, description="Statistics")
        filling.finish()
    seconds = progress.tasks[task].elapsed or 0
    console.print(f"{filling.count:,} events in {timedelta(seconds=round(seconds))}.")


@unrecorded()  # a log that is filled at random begins with what fills it
def _organization(slug: str) -> Organization:
    name = slug.replace("-", " ").capitalize()
    return Organization.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def _refuse_used(organizations: list[Organization]) -> None:
    for organization in organizations:
        if Event.objects.in_organization(organization.pk)[:1]:
            raise CommandError(
                f"{organization.slug} has events, and events are never removed:"
                " name another organisation, or pass --add."
            )
