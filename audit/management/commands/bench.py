import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from statistics import median
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from rich.console import Console
from rich.progress import track

from audit.management.bench import comparing
from audit.management.bench.beside import measure_beside, report_beside
from audit.management.bench.cases import CASES, Log
from audit.management.bench.measuring import Measured, measure
from audit.management.bench.throughput import measure_throughput, report_throughput
from audit.models import Event, Organization, time_of
from audit.recording.tracking import unrecorded

_SLUG = "bench"
_THROUGHPUT = "throughput"  # an organisation of its own, whose log stays empty
_ORGANIZATIONS = 20


class Command(BaseCommand):
    help = (
        "Measure the events page against bare SQL of the same page, and against the admin of"
        " django-auditlog over the same events, in the same run. Prints Markdown."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", type=int, default=1_000_000, help="events, made if missing")
        parser.add_argument("--draws", type=int, default=24, help="pages of each kind")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--no-peer",
            action="store_true",
            help="leave out django-auditlog, whose table takes minutes to fill",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        _fill(options["size"], options["seed"])
        log = _log(options["seed"])
        console = Console(stderr=True)
        runs = measure(log, CASES, options["draws"])
        results = list(track(runs, "Pages", total=len(CASES), console=console))
        self.stdout.write("\n".join(report(options["size"], options["draws"], results)))
        beside = list(measure_beside(log, options["draws"]))
        self.stdout.write("\n".join(["", *report_beside(beside)]))
        with unrecorded():
            whose = Organization.objects.get_or_create(slug=_THROUGHPUT)[0]
        ways = measure_throughput(whose)
        self.stdout.write("\n".join(["", *report_throughput(ways)]))
        if not options["no_peer"]:
            entries, compared = comparing.compare(log, options["draws"])
            self.stdout.write("\n".join(["", *comparing.report(entries, compared)]))


def _fill(size: int, seed: int) -> None:
    """Make the events unless they are there."""
    first = Organization.objects.filter(slug=_SLUG).first()
    if first is None or not Event.objects.in_organization(first.pk)[:1]:
        call_command(
            "generate_events",
            organization=_SLUG,
            count=size,
            organizations=_ORGANIZATIONS,
            seed=seed,
        )
        with connections["owner"].cursor() as cursor:
            # What autovacuum would have done to the months that are closed.
            cursor.execute("VACUUM (ANALYZE) audit_event")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(estimated_rows) FROM audit_partition WHERE parent='audit_event'")
        held = int(cursor.fetchone()[0])
    if not 0.9 < held / size < 1.1:
        raise CommandError(
            f"This database holds about {held:,} events, not {size:,}: measure with"
            f" --size {held}, or remove its directory."
        )


def _log(seed: int) -> Log:
    organizations = list(Organization.objects.filter(slug__startswith=_SLUG).order_by("pk"))
    ids = Event.objects.in_organization(organizations[0].pk).values_list("id", flat=True)
    since, until = ids.order_by("id")[0], ids.order_by("-id")[0]
    return Log(organizations, time_of(since), time_of(until), Random(seed))  # noqa: S311


def report(size: int, draws: int, results: list[Measured]) -> Iterator[str]:
    """A table in Markdown."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    yield (
        f"{size:,} events, {_ORGANIZATIONS} organisations, {draws} pages of each kind, medians in"
        f" milliseconds; PostgreSQL {version}, Python {platform.python_version()},"
        f" {os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f},"
        f" {datetime.now(UTC):%Y-%m-%d}."
    )
    yield ""
    yield "|search|bare SQL|search|× bare|target|worst|statements|cut|whole view|worst|"
    yield "|-|-:|-:|-:|-:|-:|-:|-:|-:|-:|"
    for result in results:
        verdict = "" if result.ratio <= result.case.target else " **over**"
        yield (
            f"|{result.case.name}|{median(result.bare):.2f}|{median(result.page):.2f}"
            f"|{result.ratio:.1f}{verdict}|{result.case.target}|{max(result.page):.1f}"
            f"|{result.statements}|{result.cut}|{median(result.view):.1f}|{max(result.view):.1f}|"
        )
