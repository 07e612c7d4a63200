import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.recording.importers import FORMATS, Options, SourceError
from audit.recording.importers.git import contents
from audit.recording.importers.item import Item, Refused
from audit.recording.limits import MAX_SNAPSHOT_BYTES
from tests.recording.importers.conftest import STARTED, GitRepository

MARA = {"kind": "user", "id": "mara.ito@acme.example", "name": "Mara Ito"}
KAI = "Kai Berg <kai.berg@acme.example>"


def events_of(*paths: Path | str, **options: Any) -> list[dict[str, Any]]:
    importer = FORMATS["git"].open([str(path) for path in paths], Options(**options))
    with closing(importer):
        # All items first: contents are asked for when the history is read already.
        return [dict(item.build().event) for item in list(importer.items())]


def items_of(path: Path) -> list[Item]:
    importer = FORMATS["git"].open([str(path)], Options())
    with closing(importer):
        return list(importer.items())


def told(events: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["change"], event["resource"]["id"]) for event in events]


def test_a_commit_becomes_an_event(repository: GitRepository) -> None:
    repository.commit({"deploy/values-staging.yaml": "replicas: 1\n"}, "Deploy")
    id = repository.commit(
        {"deploy/values-staging.yaml": "replicas: 2\n"},
        "Scale up\n\nBecause of Friday.",
        author=KAI,
        authored="2026-03-01T12:00:00+0530",
    )
    created, updated = events_of(repository.path)
    assert created["change"] == "created"
    assert "before" not in created
    assert updated.pop("idempotency_key") != created["idempotency_key"]
    assert updated == {
        "occurred_at": datetime.fromtimestamp(STARTED + 120, UTC),
        "actor": {"kind": "user", "id": "kai.berg@acme.example", "name": "Kai Berg"},
        "event_type": "file.updated",
        "change": "updated",
        "resource": {
            "type": "file",
            "id": "deploy/values-staging.yaml",
            "name": "values-staging.yaml",
        },
        "deployment": "staging",
        "details": {
            "commit": id,
            "path": "deploy/values-staging.yaml",
            "environment": "staging",
            "authored_at": "2026-03-01T12:00:00+05:30",
            "committer": "mara.ito@acme.example",
        },
        "summary": "Scale up",
        "request_id": id,
        "before": {"replicas": 1},
        "after": {"replicas": 2},
    }


def test_every_kind_of_file_is_read_and_others_are_not(repository: GitRepository) -> None:
    repository.commit(
        {"a.json": "[1]", "b.yml": "- 1", "c.TOML": "x = 1", "d.md": "# D", "e": "x: 1"}
    )
    assert [(e["resource"]["id"], e["after"]) for e in events_of(repository.path)] == [
        ("a.json", [1]),
        ("b.yml", [1]),
        ("c.TOML", {"x": 1}),
    ]
    assert told(events_of(repository.path, others_are="yaml"))[-1] == ("created", "e")


def test_a_deletion_keeps_what_was_there(repository: GitRepository) -> None:
    repository.commit({"a.json": "[1]"})
    repository.commit({"a.json": None})
    deleted = events_of(repository.path)[1]
    assert (deleted["event_type"], deleted["before"]) == ("file.deleted", [1])
    assert "after" not in deleted


def test_a_rename_is_a_deletion_and_a_creation(repository: GitRepository) -> None:
    repository.commit({"old.json": '{"a": 1}'})
    repository.git("mv", "old.json", "new.json")
    repository.commit_index("Rename")
    _, *renamed = events_of(repository.path)
    assert sorted(told(renamed)) == [("created", "new.json"), ("deleted", "old.json")]
    assert len({event["request_id"] for event in renamed}) == 1
    assert len({event["idempotency_key"] for event in renamed}) == 2


def test_branches_come_whole_and_merges_do_not(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"})
    repository.git("switch", "--quiet", "-c", "side")
    repository.commit({"a.json": "2"}, "On the side")
    repository.commit({"a.json": "1"}, "Never mind")
    repository.git("switch", "--quiet", "main")
    repository.commit({"b.json": "1"}, "Meanwhile")
    repository.git("-c", "user.name=x", "-c", "user.email=x", "merge", "--quiet", "--no-ff", "side")
    events = events_of(repository.path)
    assert sorted(event["summary"] for event in events) == [
        "Change things", "Meanwhile", "Never mind", "On the side",
    ]  # fmt: skip
    assert [e["summary"] for e in events].index("On the side") < [
        e["summary"] for e in events
    ].index("Never mind")


def test_a_branch_can_be_named(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"})
    repository.git("switch", "--quiet", "-c", "side")
    repository.commit({"a.json": "2"})
    repository.git("switch", "--quiet", "main")
    assert len(events_of(repository.path)) == 1
    events = events_of(repository.path, branch="side")
    assert [event["details"]["branch"] for event in events] == ["side", "side"]


def test_a_change_of_mode_is_a_change(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"})
    repository.git("update-index", "--chmod=+x", "a.json")
    repository.commit_index("Make it run")
    assert [(e["change"], e["after"]) for e in events_of(repository.path)][1] == ("updated", 1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("a b/ü 東.json", "a b/ü 東.json", id="spaces-and-unicode"),
        pytest.param('a\n"b"\t.json', 'a\n"b"\t.json', id="newline-and-quotes"),
        pytest.param(b"caf\xe9.json", "caf\\xe9.json", id="not-utf-8"),
        pytest.param(":(top)x.json", ":(top)x.json", id="like-a-pathspec"),
        pytest.param("-x.json", "-x.json", id="like-an-option"),
        pytest.param("\x01a.json", "\x01a.json", id="like-our-own-mark"),
    ],
)
def test_any_path_is_kept(repository: GitRepository, name: str | bytes, shown: str) -> None:
    repository.commit({name: "1", "z.json": "2"}, "Add both")
    repository.commit({name: "3"})
    events = events_of(repository.path)
    assert sorted(told(events)) == sorted(
        [("created", shown), ("created", "z.json"), ("updated", shown)]
    )
    assert [event["before"] for event in events if "before" in event] == [1]


def test_paths_that_look_alike_are_different_changes(repository: GitRepository) -> None:
    repository.commit({b"\xe9.json": "1", "\\xe9.json": "2"})
    first, second = events_of(repository.path)
    assert first["resource"] == second["resource"]
    assert first["idempotency_key"] != second["idempotency_key"]


def test_symbolic_links_and_submodules_are_no_files(
    repository: GitRepository, new_repository: Callable[[str], GitRepository]
) -> None:
    other = new_repository("other")
    other.commit({"x.json": "1"})
    repository.commit({"a.json": "1"})
    (repository.path / "link.json").symlink_to("a.json")
    submodule = f"160000,{other.ids[0]},module.json"
    repository.git("add", "--all")
    repository.git("update-index", "--add", "--cacheinfo", submodule)
    repository.commit_index("Add a link and a submodule")
    assert told(events_of(repository.path)) == [("created", "a.json")]
    # A file that becomes a link is there no more.
    (repository.path / "a.json").unlink()
    (repository.path / "a.json").symlink_to("link.json")
    repository.git("add", "a.json")
    repository.commit_index("Replace a file by a link")
    assert told(events_of(repository.path))[1:] == [("deleted", "a.json")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.json", b"\x89PNG\r\n\xff", "after: not UTF-8 text (byte 1)", id="binary"),
        pytest.param("a.json", "{", "after: not JSON: ", id="broken-json"),
        pytest.param("a.yaml", "a: 1\na: 2", "after: not YAML: duplicate key “a”", id="yaml"),
        pytest.param("a.yaml", "{{ x }}: 1", "after: not YAML: ", id="template"),
        pytest.param("a.toml", "a", "after: not TOML: ", id="toml"),
    ],
)
def test_a_change_that_cannot_be_read_is_recorded_all_the_same(
    repository: GitRepository, name: str, content: str | bytes, reason: str
) -> None:
    repository.commit({name: {"a.json": "1", "a.yaml": "1", "a.toml": "x = 1"}[name]})
    repository.commit({name: content})
    event = events_of(repository.path)[1]
    assert event["change"] == "updated"
    assert "before" in event
    assert "after" not in event
    assert event["details"]["parse_error"].startswith(reason)


def test_a_bomb_of_aliases_leaves_only_a_word(repository: GitRepository) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 30)]
    repository.commit({"bomb.yaml": "\n".join(lines)})
    (event,) = events_of(repository.path)
    assert "unfolds to more than" in event["details"]["snapshots_omitted"]
    assert "after" not in event


def test_files_too_large_for_a_snapshot_are_told_by_size(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MAX_FILE_BYTES", 2 * MAX_SNAPSHOT_BYTES)
    monkeypatch.setattr(contents, "_CHUNK", 1000)
    repository.commit({"a.json": "1", "b.json": "1"})
    repository.commit({"a.json": '"' + "x" * MAX_SNAPSHOT_BYTES + '"'})
    repository.commit({"a.json": " " * 3 * MAX_SNAPSHOT_BYTES + "2"})
    repository.commit({"b.json": "2"})
    *_, large, larger, small = events_of(repository.path)
    limit = "a snapshot at most 1,048,576"
    assert large["details"]["snapshots_omitted"] == f"after has 1,048,578 bytes, {limit}"
    assert larger["details"]["snapshots_omitted"] == (
        f"before has 1,048,578 bytes, {limit}; after has 3,145,729 bytes, {limit}"
    )
    assert not {"before", "after"} & (large.keys() | larger.keys())
    assert (small["before"], small["after"]) == (1, 2)  # the stream is still in step


def test_documents_are_dropped_when_they_are_too_many(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_KEPT_BYTES", 3_000)
    for n in range(6):
        repository.commit({"a.json": str(n)})
    assert [event["after"] for event in events_of(repository.path)] == list(range(6))


def test_a_part_of_a_repository_can_be_named(repository: GitRepository) -> None:
    repository.commit({"a/x.json": "1", "ab/x.json": "1", "b/y.json": "1"})
    assert told(events_of(f"{repository.path}:a")) == [("created", "a/x.json")]
    assert told(events_of(f"{repository.path}:/a/")) == [("created", "a/x.json")]
    specs = told(events_of(repository.path, path_specs=("*/y.json", "ab")))
    assert specs == [("created", "ab/x.json"), ("created", "b/y.json")]
    with pytest.raises(SourceError, match="not both"):
        events_of(f"{repository.path}:a", path_specs=("b",))


def test_bare_repositories_and_linked_work_trees_are_repositories(
    repository: GitRepository, tmp_path: Path
) -> None:
    repository.commit({"a.json": "1"})
    bare, linked = tmp_path / "bare.git", tmp_path / "linked"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    repository.git("worktree", "add", "--quiet", "--detach", str(linked))
    expected = events_of(repository.path)
    assert len(expected) == 1
    assert events_of(bare) == events_of(linked) == expected
    assert len(events_of(bare, repository.path)) == 2


def test_a_path_is_relative_to_where_the_command_runs(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a/b.json": "1"})
    monkeypatch.chdir(repository.path.parent)
    assert len(events_of(repository.path.name)) == 1
    monkeypatch.chdir(repository.path / "a")
    assert len(events_of("..")) == len(events_of("..:a")) == 1


def test_a_shallow_clone_does_not_invent_creations(
    repository: GitRepository, tmp_path: Path
) -> None:
    for n in range(3):
        repository.commit({"a.json": str(n)})
    shallow = tmp_path / "shallow"
    repository.git("clone", "--quiet", "--depth=2", f"file://{repository.path}", str(shallow))
    first, second = items_of(shallow)
    with pytest.raises(Refused, match="the clone is shallow and begins here"):
        first.build()
    assert first.position.place == repository.ids[1][:12]
    assert second.position.place == f"{repository.ids[2][:12]} a.json"


def test_a_partial_clone_fetches_nothing(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.json": "1"})
    repository.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    repository.git(
        "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repository.path}",
        str(partial),
    )  # fmt: skip
    (event,) = events_of(partial)
    # Which of the two depends on git's age.
    error = event["details"]["parse_error"]
    assert "is missing from this clone" in error or "git cannot read its content: could" in error


@pytest.mark.parametrize("left", [0.5, 0.01])
def test_a_damaged_file_does_not_stop_the_others(repository: GitRepository, left: float) -> None:
    noise = random.Random(1).randbytes(20_000).hex()
    repository.commit({"a.json": "1", "b.json": f'"{noise}"', "c.json": "3"})
    blob = repository.git("rev-parse", "HEAD:b.json")
    path = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    os.truncate(path, int(path.stat().st_size * left))
    first, damaged, third = events_of(repository.path)
    assert (first["after"], third["after"]) == (1, 3)
    error = damaged["details"]["parse_error"]
    assert error.startswith("after: git cannot read its content: ") or "damaged" in error
    assert "after" not in damaged


def test_nothing_in_a_repository_runs(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.json": "1"})
    trace = tmp_path / "trace"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho ran >> {trace}\n")
    program.chmod(0o755)
    repository.commit({".gitattributes": "*.json diff=x filter=x", "a.json": "2"})
    for setting in (
        "core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "gpg.program",
        "filter.x.smudge", "core.sshCommand", "core.alternateRefsCommand",
    ):  # fmt: skip
        repository.git("config", setting, str(program))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "log.showRoot", "false")
    repository.git("config", "diff.renames", "copies")
    assert len(events_of(repository.path)) == 2
    assert not trace.exists()


def test_what_surrounds_us_does_not_mislead_git(
    repository: GitRepository,
    new_repository: Callable[[str], GitRepository],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = new_repository("other")
    other.commit({"other.json": "1"})
    repository.commit({"a.json": "1"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert told(events_of(f"{repository.path}:.")) == [("created", "a.json")]


def test_the_author_is_who_wrote_the_commit(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"}, author="Old Name <old@acme.example>")
    repository.commit(
        {".mailmap": "New Name <new@acme.example> <old@acme.example>", "b.json": "1"},
        author="dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
    )
    old, bot = events_of(repository.path)
    assert old["actor"]["id"] == "old@acme.example"
    assert bot["actor"]["kind"] == "service_account"


def test_words_in_other_encodings_are_read(repository: GitRepository) -> None:
    repository.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repository._write("a.json", "1")
    repository.git("add", "--all")
    repository.commit_index(os.fsdecode("Größe ändern".encode("latin-1")))
    assert [event["summary"] for event in events_of(repository.path)] == ["Größe ändern"]


def test_dates_out_of_range_are_named(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    for date in ("99999999999999999 +0000", "1772442000 +9959"):
        raw = f"tree {tree}\nauthor A <a> {date}\ncommitter A <a> {date}\n\nOdd\n"
        made = subprocess.run(
            ["git", "-C", str(repository.path), "hash-object", "-t", "commit", "-w", "--stdin"],
            input=raw.encode(), capture_output=True, check=True,
        )  # fmt: skip
        repository.git("branch", "--force", f"odd{len(date)}", made.stdout.decode().strip())
    with pytest.raises(Refused, match="its commit has no readable date"):
        events_of(repository.path, branch="odd23")
    (event,) = events_of(repository.path, branch="odd16")
    assert event["occurred_at"] == datetime.fromtimestamp(STARTED, UTC)


def test_progress_counts_the_commits_that_are_read(repository: GitRepository) -> None:
    for n in range(3):
        repository.commit({"a/a.json": str(n), "b.md": str(n)})
    repository.commit({"b.md": "x"})
    importer = FORMATS["git"].open([str(repository.path)], Options())
    with closing(importer):
        assert importer.total() == 4
        assert [item.done for item in importer.items()] == [1, 2, 3]
    part = FORMATS["git"].open([f"{repository.path}:a"], Options())
    assert part.total() == 3


def test_reading_can_stop_anywhere(repository: GitRepository) -> None:
    for n in range(3):
        repository.commit({"a.json": str(n)})
    importer = FORMATS["git"].open([str(repository.path)], Options())
    with closing(importer):
        next(importer.items()).build()  # the rest is neither read nor waited for


def test_what_is_no_repository_is_one_sentence(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match=r"There is no directory .*missing\.$"):
        events_of(tmp_path / "missing")
    (tmp_path / "plain").mkdir()
    with pytest.raises(SourceError, match=r"plain is not a git repository: give its top folder"):
        events_of(tmp_path / "plain")
    with pytest.raises(SourceError, match="has no commits on its branch yet"):
        events_of(repository.path)
    repository.commit({"a.json": "1"})
    with pytest.raises(SourceError, match="has no branch, tag or commit nope"):
        events_of(repository.path, branch="nope")
    with pytest.raises(SourceError, match="is no name of a branch"):
        events_of(repository.path, branch="--all")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SourceError, match="git is not installed"):
        events_of(repository.path)


def test_a_broken_repository_says_what_git_says(repository: GitRepository) -> None:
    repository.commit({"a.json": "1"})
    repository.commit({"a.json": "2"})
    first = repository.ids[0]
    (repository.path / ".git" / "objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(SourceError, match="git cannot read"):
        events_of(repository.path)


def test_a_repository_with_long_names_of_objects_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sha256"
    path.mkdir()
    repository = GitRepository(path)
    repository.git("init", "--quiet", "--object-format=sha256")
    repository.commit({"a.json": "1"})
    (event,) = events_of(path)
    assert len(event["request_id"]) == 64
    assert event["after"] == 1
