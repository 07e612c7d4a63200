import gzip
import json
import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from audit.browsing import TookTooLong
from audit.browsing.exports import reading
from audit.models import Event, Organization
from tests.factories import EventFactory

MARA, TOM = ({"kind": "user", "id": f"{name}@acme.dev"} for name in ("mara", "tom"))


@pytest.fixture
def events(organization: Organization) -> list[str]:
    """Their ids, newest first."""
    recorded = [
        EventFactory.create(organization=organization, actor=actor) for actor in (MARA, TOM, MARA)
    ]
    return [str(event.id) for event in reversed(recorded)]


def run(*arguments: str | Path, **options: Any) -> str:
    said = StringIO()
    call_command(
        "export_events", "--organization=acme", *map(str, arguments), stderr=said, **options
    )
    return said.getvalue()


def ids(content: bytes) -> list[str]:
    return [json.loads(line)["id"] for line in content.splitlines()]


def recorded() -> Event:
    return Event.objects.get(event_type="export.created")


def test_events_go_to_standard_output(
    events: list[str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    said = run()
    written = capsysbinary.readouterr().out
    assert ids(written) == events
    assert said.startswith("3 events, ")
    assert sha256(written).hexdigest() in said
    assert run("--oldest-first", verbosity=0) == ""
    assert ids(capsysbinary.readouterr().out)[:3] == events[::-1]


def test_a_file_has_its_manifest_beside_it(events: list[str], tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    run(f"--output={file}")
    manifest = json.loads((tmp_path / "events.ndjson.manifest.json").read_text())
    assert manifest["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert (manifest["events"], manifest["complete"]) == (3, True)
    assert manifest["event"] == str(recorded().id)
    assert recorded().actor_kind == "system"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events.ndjson",
        "events.ndjson.manifest.json",
    ]


def test_file_and_manifest_can_be_elsewhere(events: list[str], tmp_path: Path) -> None:
    file, manifest = tmp_path / "events.csv.gz", tmp_path / "about.json"
    run("--format=csv", "--gzip", f"--output={file}", f"--manifest={manifest}", "--column=n")
    table = gzip.decompress(file.read_bytes())
    assert table.splitlines()[0].endswith(b",details,details.n,before,after")
    assert json.loads(manifest.read_text())["sha256"] == sha256(table).hexdigest()


def test_filters_are_those_of_the_page(
    events: list[str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    run("--filter=actor=mara@acme.dev", "--filter=until=2100-01-01")
    assert ids(capsysbinary.readouterr().out) == [events[0], events[2]]
    run("--query=actor:tom@acme.dev")
    assert ids(capsysbinary.readouterr().out) == [events[1]]
    run("--filter=actor=-mara@acme.dev", "--filter=event_type=schedule.updated")
    assert ids(capsysbinary.readouterr().out) == [events[1]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--filter=user=mara"], "Events can't be filtered by user, only by actor, "),
        (["--filter=actor"], "--filter must be NAME=VALUE, not “actor”."),
        (["--filter=change=sideways"], "change must be created, "),
        (["--column=n"], "--column means nothing without --format csv."),
        (["--output=/nowhere/at/all"], "Can't write: No such file or directory after 0 events."),
        (["--organization=nobody"], "There is no organisation “nobody”."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    events: list[str], arguments: list[str], reason: str
) -> None:
    with pytest.raises(CommandError) as failure:
        run(*arguments)
    assert str(failure.value).startswith(reason)


@pytest.mark.parametrize(
    ("error", "reason", "code"),
    [
        (KeyboardInterrupt(), "Stopped after 2 events.", 130),
        (TookTooLong(), "The search took too long after 2 events.", 1),
        (OperationalError("gone\nfor good"), "The database is gone (gone) after 2 events.", 1),
    ],
)
def test_a_part_of_a_file_is_never_left_as_a_file(
    events: list[str],
    tmp_path: Path,
    error: BaseException,
    reason: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batches = reading._batches

    def break_off(search: Any) -> Iterator[list[Event]]:
        for batch in batches(search):
            yield batch[:2]
            raise error

    monkeypatch.setattr(reading, "_batches", break_off)
    with pytest.raises(CommandError) as failure:
        run(f"--output={tmp_path / 'events.ndjson'}")
    assert str(failure.value).startswith(reason)
    assert failure.value.returncode == code
    assert not [*tmp_path.iterdir()]
    assert recorded().outcome == "failure"
    assert recorded().details["events"] == "2"


def test_a_reader_that_goes_away_is_no_traceback(
    events: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BATCH", 1)
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb", buffering=0) as pipe:
        out = type("Output", (), {"buffer": pipe, "fileno": pipe.fileno})
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(CommandError, match=r"^The reader went away after 2 events\."):
            run()
    assert recorded().outcome == "failure"
