import base64
import gzip
import io
import json
import os
import pty
import select
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from audit.models import Event, Organization
from audit.recording.importers import importing
from tests.factories import START

CHANGE = {
    "commit": "6f6e7764", "author": "Mara Ito", "authored_at": "2026-03-02T09:00:00Z",
    "op": "A", "path": "deploy/eu-1/router.yaml", "before": None, "after": {"n": 1},
}  # fmt: skip


def line(n: int = 0, **fields: Any) -> str:
    actor = {"kind": "user", "id": "mara.ito@acme.dev"}
    at = (START + timedelta(seconds=n)).isoformat()
    return json.dumps({"occurred_at": at, "actor": actor, "event_type": "flow.updated", **fields})


def run(*arguments: str | Path, format: str = "ndjson", **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "import_events",
        "--organization=acme",
        f"--format={format}",
        *map(str, arguments),
        stdout=out,
        stderr=err,
        **options,
    )
    return out.getvalue(), err.getvalue()


@pytest.fixture
def events(tmp_path: Path) -> Path:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(line(n) for n in range(5)))
    return file


def test_it_reports_what_is_in(organization: Organization, events: Path) -> None:
    out, err = run(events)
    assert out.startswith("Read 5: recorded 5, already there 0, rejected 0, in ")
    assert err == ""
    assert run(events)[0].startswith("Read 5: recorded 0, already there 5, rejected 0, in ")
    assert run(events, "--batch=2", verbosity=0) == ("", "")
    assert Event.objects.count() == 5


def test_compressed_files_and_directories_are_read(
    organization: Organization, tmp_path: Path
) -> None:
    (tmp_path / "a.ndjson").write_text(line(1))
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(line(2).encode()))
    assert run(tmp_path)[0].startswith("Read 2: recorded 2,")


def test_what_is_rejected_is_named_and_makes_it_fail(
    organization: Organization, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join([line(0).encode(), b"", b"{\x1b[2J}", b"\xff", line(4).encode()]))
    rejects = tmp_path / "rejects.jsonl"
    err, out = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(
            "import_events", "--organization=acme", "--format=ndjson", f"--rejects={rejects}",
            str(file), stdout=out, stderr=err,
        )  # fmt: skip
    assert failure.value.returncode == 1
    assert str(failure.value) == (
        f"2 of 4 were rejected, for the reasons above. They are in {rejects}."
    )
    assert out.getvalue().startswith("Read 4: recorded 2, already there 0, rejected 2, in ")
    assert err.getvalue().splitlines() == [
        f"{file}:3: is not JSON: a key in double quotes is expected here (column 2)",
        f"{file}:4: is not UTF-8 (byte 1 of the line)",
    ]
    first, second = map(json.loads, rejects.read_text().splitlines())
    assert (first["source"], first["place"]) == (str(file), "3")
    assert first["original"] == "{\x1b[2J}"
    assert base64.b64decode(second["original_base64"]) == b"\xff"


def test_a_source_cannot_steer_the_terminal(organization: Organization, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text(line(0, **{"\x1b[2J": 1}))
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 of 1 was rejected, for the reason above"):
        call_command(
            "import_events", "--organization=acme", "--format=ndjson", str(file), stderr=err
        )
    assert "\x1b" not in err.getvalue()
    assert r"\x1b[2J: is not a field of an event" in err.getvalue()


def test_paths_mean_what_the_operator_says(organization: Organization, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(CHANGE))
    run(file, "--path-pattern=deploy/{deployment}/{app}.yaml", format="git-jsonl")
    event = Event.objects.get()
    assert event.deployment == "eu-1"
    assert event.details["app"] == "router"


def test_changes_without_snapshots_are_told(organization: Organization, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(CHANGE | {"after": "x" * 1_048_576}))
    out, _ = run(file, format="git-jsonl")
    assert "1 of the changes lack a snapshot" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ["nowhere.ndjson"], "There is no file or directory nowhere.ndjson.", id="path"
        ),
        pytest.param(["--as=yaml", "x"], "--as means nothing to --format ndjson.", id="as"),
        pytest.param(
            ["--branch=x", "x"], "--branch means nothing to --format ndjson.", id="branch"
        ),
        pytest.param(["--batch=0", "x"], "argument --batch: invalid", id="batch"),
    ],
)
def test_a_mistake_is_one_sentence(
    organization: Organization, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as failure:
        run(*arguments)
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)


def test_an_unknown_organisation_is_one_sentence(db: None, events: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no organisation “acme”\.$"):
        run(events)


def test_a_directory_that_is_no_repository_is_one_sentence(
    organization: Organization, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="is not a git repository"):
        run(tmp_path, format="git")


def test_a_pattern_that_is_unclear_is_one_sentence(
    organization: Organization, events: Path
) -> None:
    with pytest.raises(CommandError, match="must be a name in lower case"):
        run(events, "--path-pattern={A}", format="git-jsonl")


def test_rejects_that_cannot_be_written_stop_before_anything_is_read(
    organization: Organization, events: Path, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"^Cannot write .*nowhere.*: No such file"):
        run(events, f"--rejects={tmp_path / 'nowhere' / 'rejects.jsonl'}")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        pytest.param(KeyboardInterrupt(), "Stopped. Read 2: recorded 2,", 130, id="ctrl-c"),
        pytest.param(
            OperationalError("server closed the connection\nunexpectedly"),
            "The database is gone (server closed the connection). Read 2: recorded 2,",
            1,
            id="database",
        ),
    ],
)
def test_a_stopped_import_says_what_is_in_and_continues(
    organization: Organization,
    events: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    sentence: str,
    code: int,
) -> None:
    record_many, calls = importing.record_many, []

    def failing(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise error
        return record_many(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(importing, "record_many", failing)
        with pytest.raises(CommandError) as stopped:
            run(events, "--batch=2")
    assert stopped.value.returncode == code
    assert str(stopped.value).startswith(sentence)
    assert str(stopped.value).endswith("the same command continues from there.")
    assert run(events)[0].startswith("Read 5: recorded 3, already there 2,")


def test_on_a_terminal_it_shows_how_far_it_is(
    organization: Organization, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("TERM", "xterm-256color")
        with events.open("a") as file:
            file.write("\nnonsense")
        with pytest.raises(CommandError):
            run(events)
        shown = b""
        while select.select([main], [], [], 0)[0]:
            shown += os.read(main, 65_536)
    os.close(main)
    text = shown.decode()
    assert "Importing bytes" in text
    assert "events/s" in text
    assert f"{events}:6: is not JSON" in text.replace("\r\n", "")


def test_an_operator_maps_records_of_an_unknown_vendor(
    organization: Organization, tmp_path: Path
) -> None:
    file = tmp_path / "log.json"
    file.write_text('{"rows": 1, "at": "2026-03-02 10:00", "who": {"mail": "m@a.dev"}, "did": "x"}')
    run(
        file, "--map=occurred_at=at", "--map=actor=who.id", "--map=actor=who.mail",
        "--set=event_type=shop.{did}", "--default=deployment=prod", "--zone=Europe/Berlin",
        format="json",
    )  # fmt: skip
    event = Event.objects.get()
    assert (event.actor_id, event.event_type, event.deployment) == ("m@a.dev", "shop.x", "prod")
    assert event.occurred_at == START
    assert event.details == {"rows": "1", "did": "x"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--map=colour=x"], "“colour” is no field to be said here", id="field"),
        pytest.param(["--set=deployment"], "“deployment” must be written FIELD=VALUE.", id="set"),
        pytest.param(["--zone=Mars/Base"], "There is no time zone “Mars/Base”", id="zone"),
    ],
)
def test_a_mistake_in_a_mapping_is_one_sentence(
    organization: Organization, events: Path, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as failure:
        run(events, *arguments, format="json")
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)
