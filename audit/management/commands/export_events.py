"""``manage.py export_events``: any result of a search, as a file."""

import getpass
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.http import QueryDict
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from audit.browsing import EventFilterSet, TookTooLong
from audit.browsing.exports import FORMATS, PACKINGS, Asked, Export
from audit.models import ActorKind, Event, Organization

_STOPPED: Final = 130  # what a shell reports for a program ended by Ctrl-C
_STANDARD_OUTPUT: Final = "-"


class Command(BaseCommand):
    help = (
        "Writes the events that match to a file, newest first, and beside it a manifest: the"
        " query, the time range, how many events, their SHA-256. The export is itself recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=tuple(FORMATS), default="ndjson")
        parser.add_argument("--gzip", action="store_true", help="compress the file")
        parser.add_argument(
            "--output",
            default=_STANDARD_OUTPUT,
            metavar="FILE",
            help="where to; - is standard output (default). It appears once it is whole",
        )
        parser.add_argument(
            "--manifest", metavar="FILE", help="where the manifest goes, instead of beside the file"
        )
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="as in the address of the events page: actor=mara.ito@acme.dev, since=now-7d,"
            " tag=namespace:prod; a value that begins with - excludes. Can be given many times",
        )
        parser.add_argument("--query", metavar="TEXT", help="as in the search box")
        parser.add_argument("--oldest-first", action="store_true")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="KEY",
            help="a details key that is to have a column of its own (csv). Can be given many times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["column"] and options["format"] != "csv":
            raise CommandError("--column means nothing without --format csv.")
        export = _export(_organization(options["organization"]), options)
        target = Target(options["output"], options["manifest"])
        packing = PACKINGS["gzip" if options["gzip"] else "plain"]
        started = time.monotonic()
        with _saying_how_far(export), closing(export.recorded(packing.pack(export))) as pieces:
            target.write(_showing(pieces, export, quiet=options["verbosity"] == 0))
            target.write_manifest(export)
        if options["verbosity"]:
            self.stderr.write(_summary(export, time.monotonic() - started))


class Target:
    """The file and its manifest. A file is there under its name only when it is whole."""

    def __init__(self, output: str, manifest: str | None) -> None:
        self._file = None if output == _STANDARD_OUTPUT else Path(output)
        beside = f"{output}.manifest.json" if self._file else None
        self._manifest = Path(manifest or beside or "") if manifest or beside else None

    def write(self, pieces: Iterable[bytes]) -> None:
        if self._file is None:
            _write_all(pieces, sys.stdout.buffer)
            return
        part = self._file.with_name(f"{self._file.name}.part")
        try:
            with part.open("wb") as file:
                _write_all(pieces, file)
            part.replace(self._file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def write_manifest(self, export: Export) -> None:
        if self._manifest:
            self._manifest.write_text(export.manifest_text(), encoding="utf-8")


def _write_all(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()


def _organization(slug: str) -> Organization:
    try:
        return Organization.objects.get(slug=slug)
    except Organization.DoesNotExist:
        raise CommandError(f"There is no organisation “{slug}”.") from None


def _export(organization: Organization, options: dict[str, Any]) -> Export:
    filters = _filters(organization, options)
    return Export(
        organization=organization,
        events=filters.qs,
        format=FORMATS[options["format"]],
        asked=Asked.by(filters),
        exporter={"kind": ActorKind.SYSTEM, "id": "export_events", "name": _os_user()},
        oldest_first=options["oldest_first"],
        columns=tuple(dict.fromkeys(options["column"])),
    )


def _filters(organization: Organization, options: dict[str, Any]) -> EventFilterSet:
    """Filters that are right. One that is not known must not export more than was meant."""
    asked = QueryDict(mutable=True)
    for pair in options["filter"]:
        name, is_given, value = pair.partition("=")
        if not (is_given and value):
            raise CommandError(f"--filter must be NAME=VALUE, not “{pair}”.")
        asked.appendlist(name, value)
    if options["query"]:
        asked.appendlist("q", options["query"])
    filters = EventFilterSet(asked, queryset=Event.objects.in_organization(organization.pk))
    if unknown := [name for name in asked if name not in filters.filters]:
        known = ", ".join(filters.filters)
        raise CommandError(f"Events can't be filtered by {unknown[0]}, only by {known}.")
    if filters.errors:
        raise CommandError("\n".join(e for errors in filters.errors.values() for e in errors))
    return filters


def _os_user() -> str:
    """Who the operating system says runs this; containers need not have a name for it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


@contextmanager
def _saying_how_far(export: Export) -> Iterator[None]:
    """Whatever stops an export is one sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(_stopped("Stopped", export), returncode=_STOPPED) from None
    except BrokenPipeError:
        # Python flushes standard output once more as it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError(_stopped("The reader went away", export)) from None
    except TookTooLong:
        raise CommandError(_stopped("The search took too long", export)) from None
    except (OperationalError, InterfaceError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(_stopped(f"The database is gone ({reason})", export)) from None
    except OSError as error:
        raise CommandError(_stopped(f"Can't write: {error.strerror}", export)) from None


def _showing(pieces: Iterator[bytes], export: Export, *, quiet: bool) -> Iterator[bytes]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield from pieces
        return
    columns = SpinnerColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Exporting")
        for piece in pieces:
            said = _progress(export, progress.tasks[0].elapsed or 0)
            progress.update(task, description=said)
            yield piece


def _progress(export: Export, seconds: float) -> str:
    count, megabytes = export.reading.count, export.size / 1_000_000
    rate = count / max(seconds, 0.001)
    return f"{count:,} events, {megabytes:,.1f} MB, {rate:,.0f} events/s"


def _summary(export: Export, seconds: float) -> str:
    return f"{_progress(export, seconds)}. SHA-256 {export.sha256}"


def _stopped(why: str, export: Export) -> str:
    return f"{why} after {export.reading.count:,} events. What was written is not complete."
