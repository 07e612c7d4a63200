import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.recording.importers import FORMATS, Options, PathPattern
from audit.recording.importers.item import Refused
from audit.recording.limits import MAX_SNAPSHOT_BYTES

CHANGE = {
    "commit": "6f6e77641ed4eb4869a44e7c36853778b2b7a945",
    "author": "govuk-ci",
    "authored_at": "2024-05-01T09:48:33+02:00",
    "subject": "Update router image tag to v24 for staging",
    "op": "M",
    "path": "charts/app-config/image-tags/staging/router",
    "before": {"image_tag": "v23"},
    "after": {"image_tag": "v24"},
}


def event_of(tmp_path: Path, options: Options | None = None, **fields: Any) -> dict[str, Any]:
    record = {k: v for k, v in (CHANGE | fields).items() if v is not ...}
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(record))
    (item,) = FORMATS["git-jsonl"].open([str(file)], options or Options()).items()
    return dict(item.build().event)


def refusal(tmp_path: Path, **fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        event_of(tmp_path, **fields)
    return str(caught.value)


def test_a_change_becomes_an_event(tmp_path: Path) -> None:
    event = event_of(tmp_path)
    key = event.pop("idempotency_key")
    assert key.startswith(f"git:{CHANGE['commit']}:")
    assert event == {
        "occurred_at": datetime(2024, 5, 1, 7, 48, 33, tzinfo=UTC),
        "actor": {"kind": "service_account", "id": "govuk-ci", "name": "govuk-ci"},
        "event_type": "file.updated",
        "change": "updated",
        "resource": {
            "type": "file",
            "id": "charts/app-config/image-tags/staging/router",
            "name": "router",
        },
        "deployment": "staging",
        "details": {
            "commit": CHANGE["commit"],
            "path": CHANGE["path"],
            "environment": "staging",
            "app": "router",
        },
        "summary": CHANGE["subject"],
        "request_id": CHANGE["commit"],
        "before": {"image_tag": "v23"},
        "after": {"image_tag": "v24"},
    }


def test_it_occurred_when_it_landed(tmp_path: Path) -> None:
    event = event_of(tmp_path, committed_at="2024-05-02T10:00:00Z", committer="Mara Ito")
    assert event["occurred_at"] == datetime(2024, 5, 2, 10, tzinfo=UTC)
    assert event["details"]["authored_at"] == CHANGE["authored_at"]
    assert event["details"]["committer"] == "Mara Ito"


def test_who_committed_own_work_at_once_is_not_told_twice(tmp_path: Path) -> None:
    event = event_of(tmp_path, committed_at="2024-05-01T07:48:33Z", committer="govuk-ci")
    assert event["details"].keys() == {"commit", "path", "environment", "app"}


@pytest.mark.parametrize(
    ("fields", "verb", "sides"),
    [
        pytest.param({"op": "A", "before": None}, "created", {"after"}, id="added"),
        pytest.param({"op": "D", "after": None}, "deleted", {"before"}, id="deleted"),
        pytest.param({"op": "D", "after": ...}, "deleted", {"before"}, id="deleted-and-left-out"),
        pytest.param({"op": "D", "before": None, "after": None}, "deleted", {"before"}, id="empty"),
        pytest.param({"after": None}, "updated", {"before", "after"}, id="emptied"),
    ],
)
def test_op_says_which_snapshots_there_are(
    tmp_path: Path, fields: dict[str, Any], verb: str, sides: set[str]
) -> None:
    event = event_of(tmp_path, **fields)
    assert (event["event_type"], event["change"]) == (f"file.{verb}", verb)
    assert event.keys() & {"before", "after"} == sides


@pytest.mark.parametrize(
    ("author", "email", "kind"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "service_account"),
        ("Renovate Bot", "renovate@acme.example", "service_account"),
        ("govuk-ci", "", "service_account"),
        ("k8s-ci-robot", "", "service_account"),
        ("GitHub", "41898282+github-actions[bot]@users.noreply.github.com", "service_account"),
        ("Mara Ito", "mara.ito@acme.example", "user"),
        ("Luci", "luci@acme.example", "user"),
        ("Abbott", "", "user"),
    ],
)
def test_bots_are_told_from_people(tmp_path: Path, author: str, email: str, kind: str) -> None:
    actor = event_of(tmp_path, author=author, author_email=email)["actor"]
    assert actor == {"kind": kind, "id": email or author, "name": author}


def test_an_operator_can_say_more_about_paths(tmp_path: Path) -> None:
    pattern = PathPattern("charts/{chart}/image-tags/{deployment}/*")
    event = event_of(tmp_path, Options(patterns=[pattern]))
    assert event["deployment"] == "staging"
    assert event["details"].keys() == {"commit", "path", "chart"}


def test_a_document_too_large_for_a_snapshot_is_told(tmp_path: Path) -> None:
    event = event_of(tmp_path, after={"text": "x" * MAX_SNAPSHOT_BYTES})
    assert not event.keys() & {"before", "after"}
    assert event["details"]["snapshots_omitted"] == (
        "after has 1,048,587 bytes, a snapshot at most 1,048,576"
    )


def test_a_subject_that_is_too_long_is_cut_visibly(tmp_path: Path) -> None:
    summary = event_of(tmp_path, subject="x" * 5000)["summary"]
    assert len(summary) == 2048
    assert summary.endswith("x…")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"commit": ...}, "commit: is required", id="no-commit"),
        pytest.param({"author": 3}, "author: must be text, not a number", id="author"),
        pytest.param({"authored_at": ...}, "authored_at: is required", id="no-time"),
        pytest.param({"authored_at": "2024-05-01"}, "has no time zone", id="no-zone"),
        pytest.param({"committed_at": "today"}, "committed_at: must be a time", id="no-date"),
        pytest.param({"op": "R"}, "op: must be one of A, M, D", id="op"),
        pytest.param({"op": "A"}, "before: must be null where op is A", id="added-with-before"),
        pytest.param({"after": ...}, "after: is required where op is M", id="no-after"),
        pytest.param({"sha": "x"}, "sha: is not a field of a change", id="unknown"),
    ],
)
def test_a_record_that_is_no_change_says_every_reason(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(tmp_path, **fields)
    both = refusal(tmp_path, **({"path": ...} | fields))
    assert "path: is required" in both
    assert reason in both or "before" in reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "is JSON, but no object"),
        ('{"op":', "is not JSON: a value is expected here (column 7)"),
        ('{"op":"A","op":"A"}', "is not JSON: duplicate key"),
    ],
)
def test_a_line_that_is_no_record_says_why(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(line)
    (item,) = FORMATS["git-jsonl"].open([str(file)], Options()).items()
    with pytest.raises(Refused) as caught:
        item.build()
    assert reason in str(caught.value)
    assert item.original == line.encode()
