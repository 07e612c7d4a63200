"""The changes that matter, as items: files of the kinds we read, each with its two sides."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Literal

from audit.recording.importers.changes import FileChange, Side, event_of
from audit.recording.importers.documents import Kind, kind_of
from audit.recording.importers.git.contents import Contents
from audit.recording.importers.git.history import (
    Change,
    Commit,
    commit_of,
    count_commits,
    grafted_commits,
    read_history,
)
from audit.recording.importers.git.repository import Repository, open_repository
from audit.recording.importers.item import (
    Built,
    Format,
    Item,
    Options,
    Position,
    SourceError,
    refusal,
)

_SHOWN_ID = 12  # characters of a commit's id, enough to be the only one


@dataclass(frozen=True, slots=True)
class _Source:
    """A repository, the newest commit to read and the part of the tree that is meant."""

    repository: Repository
    newest: str
    paths: tuple[str, ...]


class GitImporter:
    """The histories of some repositories, one after the other."""

    unit: Literal["commits"] = "commits"

    def __init__(self, paths: Sequence[str], options: Options) -> None:
        self._options = options
        self._sources = [_open(path, options) for path in paths]
        self._open = ExitStack()
        self._commits_done = 0

    def total(self) -> int:
        return sum(count_commits(s.repository, s.newest, s.paths) for s in self._sources)

    def items(self) -> Iterator[Item]:
        for source in self._sources:
            yield from self._items_of(source)

    def close(self) -> None:
        self._open.close()

    def _items_of(self, source: _Source) -> Iterator[Item]:
        repository = source.repository
        # Open until everything is imported: items ask for contents after the history is read.
        contents = self._open.enter_context(closing(Contents(repository)))
        grafted = grafted_commits(repository)
        for commit, changes in read_history(repository, source.newest, source.paths):
            self._commits_done += 1
            documents = self._documents(changes)
            if documents and commit.id in grafted:
                yield self._refused_commit(repository, commit)
                continue
            for change, kind in documents:
                yield self._item(repository, commit, change, kind, contents)

    def _documents(self, changes: Sequence[Change]) -> list[tuple[Change, Kind]]:
        kinds = ((change, kind_of(change.path, self._options.others_are)) for change in changes)
        return [(change, kind) for change, kind in kinds if kind]

    def _refused_commit(self, repository: Repository, commit: Commit) -> Item:
        position = Position(repository.name, commit.id[:_SHOWN_ID])
        reason = (
            "the clone is shallow and begins here, so what this commit changed is not known"
            " (git fetch --unshallow brings the rest)"
        )
        return refusal(position, reason, done=self._commits_done)

    def _item(
        self, repository: Repository, commit: Commit, change: Change, kind: Kind, contents: Contents
    ) -> Item:
        if commit.committed_at is None:
            position = Position(repository.name, f"{commit.id[:_SHOWN_ID]} {change.path!r}")
            return refusal(position, "its commit has no readable date", done=self._commits_done)
        file_change = FileChange(
            commit=commit.id,
            path=change.path,
            author=commit.author,
            authored_at=commit.authored_at or commit.committed_at,
            committer=commit.committer,
            committed_at=commit.committed_at,
            subject=commit.subject,
            branch=self._options.branch or "",
        )
        return Item(
            position=Position(repository.name, f"{commit.id[:_SHOWN_ID]} {file_change.shown_path}"),
            build=partial(self._build, file_change, change, kind, contents),
            done=self._commits_done,
            identity=(file_change.occurred_at, file_change.idempotency_key),
        )

    def _build(
        self, file_change: FileChange, change: Change, kind: Kind, contents: Contents
    ) -> Built:
        before, after = (_side(blob, kind, contents) for blob in (change.before, change.after))
        return event_of(file_change, before, after, self._options.patterns)


def _side(blob: bytes | None, kind: Kind, contents: Contents) -> Side:
    return None if blob is None else contents.document(blob, kind)


def _open(path: str, options: Options) -> _Source:
    repository, folder = open_repository(path)
    if folder and options.path_specs:
        raise SourceError(f"Give either {path} or --path-spec, not both.")
    paths = (f":(top,literal){folder}",) if folder else tuple(options.path_specs)
    return _Source(repository, commit_of(repository, options.branch), paths)


GIT = Format(
    "git",
    "the history of JSON, YAML and TOML files in a git repository",
    GitImporter,
    frozenset({"patterns", "others_are", "path_specs", "branch"}),
)
