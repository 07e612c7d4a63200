"""``manage.py import_events``: what other systems have written down, as events."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from audit.models import Organization
from audit.recording.importers import (
    FORMATS,
    MAPPABLE,
    PATTERNS,
    SETTABLE,
    Format,
    Importer,
    InvalidPattern,
    Options,
    PathPattern,
    Rejected,
    SourceError,
    Tally,
    field_named,
    import_items,
)
from audit.recording.importers.documents import KINDS

_STOPPED = 130  # what a shell reports for a program ended by Ctrl-C
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Command(BaseCommand):
    help = (
        "Records what files or git repositories tell. Nothing is recorded twice: what is in the"
        " log already is passed over, so a stopped import continues when it is run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help=_PATH_HELP)
        parser.add_argument("--organization", required=True, metavar="SLUG")
        formats = "; ".join(f"{f.name}: {f.description}" for f in FORMATS.values())
        parser.add_argument("--format", required=True, choices=tuple(FORMATS), help=formats)
        parser.add_argument(
            "--batch",
            type=_positive,
            default=1_000,
            metavar="N",
            help="events in a transaction (default: %(default)s; fewer where they are large)",
        )
        parser.add_argument(
            "--rejects", metavar="FILE", help="write what is rejected there, one JSON object a line"
        )
        parser.add_argument(
            "--path-pattern",
            action="append",
            default=[],
            metavar="PATTERN",
            help="what a file's path says (git, git-jsonl): deploy/{environment}/{app}.yaml makes"
            " details of the names, and the deployment of {deployment} or {environment}",
        )
        self._add_record_arguments(parser)
        self._add_git_arguments(parser)

    def _add_record_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=PATH",
            help="where a field of the event is in a record (json, csv): actor=user.email; said"
            " more than once, the first that is there counts",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=TEXT",
            help="what a field is in every event, whatever the record says: deployment=eu-1,"
            " event_type=zoom.{category}.{action}",
        )
        parser.add_argument(
            "--default",
            action="append",
            default=[],
            metavar="FIELD=TEXT",
            help="what a field is where the record says nothing",
        )
        parser.add_argument(
            "--record-at",
            default="",
            metavar="POINTER",
            help="where the record is in what wraps it, as a JSON Pointer: /event",
        )
        parser.add_argument(
            "--zone", help="the time zone of times that have none, as Europe/Berlin (UTC)"
        )

    def _add_git_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as",
            dest="others_are",
            choices=KINDS,
            help="what files without an ending are (git); by default they are passed over",
        )
        parser.add_argument(
            "--path-spec",
            action="append",
            default=[],
            metavar="PATHSPEC",
            help="only files that git finds by this pathspec (git)",
        )
        parser.add_argument(
            "--branch",
            help="whose history to read (git); the name becomes a detail. By default HEAD's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organization = _organization(options["organization"])
        importer = _open(FORMATS[options["format"]], options)
        quiet = options["verbosity"] == 0
        started = time.monotonic()
        tally = Tally()
        with (
            closing(importer),
            _saying_how_far(tally),
            self._reporting(options["rejects"], importer, quiet) as report,
        ):
            for _ in import_items(
                organization,
                importer.items(),
                tally,
                reject=report.reject,
                batch_size=options["batch"],
            ):
                report.progress(tally)
            report.finish()
        if not quiet:
            self.stdout.write(_summary(tally, time.monotonic() - started))
        if tally.rejected:
            raise CommandError(_rejections(tally, options["rejects"]))

    @contextmanager
    def _reporting(
        self, rejects: str | None, importer: Importer, quiet: bool
    ) -> Iterator["Report"]:
        console = Console(stderr=True)
        with _rejects_file(rejects) as file:
            if quiet or not console.is_terminal:
                yield Report(self.stderr.write, file)
                return
            with _progress(importer, console) as progress:
                yield Report(_beside(progress), file, progress)


@contextmanager
def _saying_how_far(tally: Tally) -> Iterator[None]:
    """Whatever stops an import is one sentence, with what is in and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(_stopped("Stopped", tally), returncode=_STOPPED) from None
    except SourceError as error:
        raise CommandError(_stopped(str(error).rstrip("."), tally)) from None
    except (OperationalError, InterfaceError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(_stopped(f"The database is gone ({reason})", tally)) from None


class Report:
    """Tells about rejections and progress while an import runs."""

    def __init__(
        self,
        tell: Callable[[str], object],
        rejects: IO[str] | None = None,
        bar: Progress | None = None,
    ) -> None:
        self._tell, self._rejects, self._bar = tell, rejects, bar

    def reject(self, rejected: Rejected) -> None:
        # Paths and reasons quote the source, which must not steer the terminal.
        line = f"{rejected.position}: {rejected.reason}"
        self._tell(_CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", line))
        if self._rejects:
            self._rejects.write(json.dumps(_as_json(rejected), ensure_ascii=False) + "\n")
            self._rejects.flush()

    def progress(self, tally: Tally) -> None:
        if self._bar:
            for task in self._bar.tasks:
                rate = (tally.recorded + tally.already_there) / max(task.elapsed or 0, 0.001)
                self._bar.update(task.id, completed=tally.done, rate=f"{rate:,.0f} events/s")

    def finish(self) -> None:
        """What comes after the last item holds nothing of interest, but it is read too."""
        if self._bar:
            for task in self._bar.tasks:
                self._bar.update(task.id, completed=task.total)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _organization(slug: str) -> Organization:
    try:
        return Organization.objects.get(slug=slug)
    except Organization.DoesNotExist:
        raise CommandError(f"There is no organisation “{slug}”.") from None


def _open(format: Format, options: dict[str, Any]) -> Importer:
    said = {
        "--path-pattern": ("patterns", options["path_pattern"]),
        "--as": ("others_are", options["others_are"]),
        "--path-spec": ("path_specs", options["path_spec"]),
        "--branch": ("branch", options["branch"]),
        "--map": ("mapping", options["map"]),
        "--set": ("given", options["set"]),
        "--default": ("defaults", options["default"]),
        "--record-at": ("record_at", options["record_at"]),
        "--zone": ("zone", options["zone"]),
    }
    for name, (field, value) in said.items():
        if value and field not in format.takes:
            raise CommandError(f"{name} means nothing to --format {format.name}.")
    try:
        return format.open(options["paths"], _options(options))
    except (SourceError, InvalidPattern) as error:
        raise CommandError(str(error)) from None


def _options(options: dict[str, Any]) -> Options:
    own = tuple(PathPattern(template) for template in options["path_pattern"])
    mapping: dict[str, list[str]] = {}
    for name, path in _assigned(options["map"], MAPPABLE):
        mapping.setdefault(name, []).append(path)
    return Options(
        patterns=own + PATTERNS,
        others_are=options["others_are"],
        path_specs=tuple(options["path_spec"]),
        branch=options["branch"],
        mapping=mapping,
        given=dict(_assigned(options["set"], SETTABLE)),
        defaults=dict(_assigned(options["default"], SETTABLE)),
        record_at=options["record_at"],
        zone=_zone(options["zone"]),
    )


def _assigned(texts: Sequence[str], fields: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value:
            raise CommandError(f"“{text}” must be written FIELD=VALUE.")
        yield field_named(name, fields), value


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"There is no time zone “{name}”; Europe/Berlin is one.") from None


@contextmanager
def _rejects_file(path: str | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 -- only opening is tried
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror}.") from None
    with file:
        yield file


def _as_json(rejected: Rejected) -> dict[str, str]:
    """Everything about a rejection; bytes that are no text come in base64 (RFC 4648)."""
    record = {
        "source": rejected.position.source,
        "place": rejected.position.place,
        "reason": rejected.reason,
    }
    if rejected.original is not None:
        try:
            record["original"] = rejected.original.decode()
        except UnicodeDecodeError:
            record["original_base64"] = base64.b64encode(rejected.original).decode()
    return record


@contextmanager
def _progress(importer: Importer, console: Console) -> Iterator[Progress]:
    amount: ProgressColumn = DownloadColumn() if importer.unit == "bytes" else MofNCompleteColumn()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with console.status("Counting"):
        total = importer.total()
    with Progress(*columns, console=console) as progress:
        progress.add_task(f"Importing {importer.unit}", total=total, rate="")
        yield progress


def _beside(progress: Progress) -> Callable[[str], object]:
    def tell(text: str) -> None:
        progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    return tell


def _summary(tally: Tally, seconds: float) -> str:
    rate = (tally.recorded + tally.already_there) / max(seconds, 0.001)
    text = f"{_counts(tally)}, in {seconds:,.1f} s ({rate:,.0f} events a second)."
    if tally.incomplete:
        text += (
            f"\n{tally.incomplete:,} of the changes lack a snapshot: a file could not be read, or"
            " is too large. The events say why, in their details parse_error and snapshots_omitted."
        )
    return text


def _counts(tally: Tally) -> str:
    return (
        f"Read {tally.read:,}: recorded {tally.recorded:,}, already there"
        f" {tally.already_there:,}, rejected {tally.rejected:,}"
    )


def _stopped(why: str, tally: Tally) -> str:
    if not tally.read:
        return f"{why}."
    return (
        f"{why}. {_counts(tally)}. What is recorded stays, and the same command continues from"
        " there."
    )


def _rejections(tally: Tally, rejects: str | None) -> str:
    where = f" They are in {rejects}." if rejects else ""
    if tally.rejected == 1:
        where = where.replace("They are", "It is")
        return f"1 of {tally.read:,} was rejected, for the reason above.{where}"
    return f"{tally.rejected:,} of {tally.read:,} were rejected, for the reasons above.{where}"


_PATH_HELP = (
    "a file, plain or gzip, a directory of such, or - for standard input."
    " git: a repository, or repository:folder for a part of it. pairs: two files for each change"
)
