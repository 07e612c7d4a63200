"""Every change of every file that git knows, oldest first: ``git log``, read by machine.

The same count comes from ``git log --full-history --no-merges --no-renames --raw``. Merges are
left out, since what they bring together is there already, commit by commit; what somebody
changed only while merging is not seen. Full history, because a change on a branch happened even
if the merge threw it away. A rename is a deletion and a creation in one commit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit.recording.importers.changes import Person
from audit.recording.importers.git.repository import Git, Repository
from audit.recording.importers.item import SourceError

_COMMIT_MARK = b"\x01"
_FORMAT = "%x01" + "%x00".join(("%H", "%an", "%ae", "%at", "%aI", "%cn", "%ce", "%ct", "%s"))
_READ_SIZE = 1 << 16
# Git's modes of a file; others are symbolic links, submodules and nothing at all.
_FILE_MODE = b"100"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``authored_at`` keeps the author's offset. A time is None if it is no date."""

    id: str
    author: Person
    authored_at: datetime | None
    committer: Person
    committed_at: datetime | None
    subject: str


@dataclass(frozen=True, slots=True)
class Change:
    """A file's path and the names of its contents, None where it was not there as a file."""

    path: str
    before: bytes | None
    after: bytes | None


def commit_of(repository: Repository, branch: str | None) -> str:
    """The commit that a branch (tag, commit; by default what is checked out) stands for."""
    name = branch or "HEAD"
    if name.startswith("-"):
        raise SourceError(f"{name} is no name of a branch.")
    try:
        return repository.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except SourceError:
        what = f"no branch, tag or commit {branch}" if branch else "no commits on its branch yet"
        raise SourceError(f"{repository.name} has {what}.") from None


def count_commits(repository: Repository, newest: str, paths: Sequence[str]) -> int:
    """How many commits ``read_history`` gives."""
    arguments = ("--count", "--no-merges", "--full-history", newest, "--", *paths)
    return int(repository.ask("rev-list", *arguments))


def read_history(
    repository: Repository, newest: str, paths: Sequence[str]
) -> Iterator[tuple[Commit, list[Change]]]:
    """Each commit with what it did to files, parents first."""
    with repository.running(
        "log", "-z", f"--format={_FORMAT}", "--raw", "--no-abbrev", "--no-renames",
        "--no-color", "--no-notes", "--no-ext-diff", "--full-history", "--no-merges",
        "--reverse", "--topo-order", newest, "--", *paths,
    ) as git:  # fmt: skip
        yield from _commits(_tokens(git))


def grafted_commits(repository: Repository) -> frozenset[str]:
    """Where a shallow clone ends: commits whose parents exist, but not here."""
    file = Path(repository.ask("rev-parse", "--git-path", "shallow"))
    file = repository.directory / file  # which stays as it is when it is absolute
    return frozenset(file.read_text().split()) if file.exists() else frozenset()


def _tokens(git: Git) -> Iterator[bytes]:
    """Git's answer in its parts. Raises SourceError before the last one if it is not whole."""
    rest = b""
    while chunk := git.output.read(_READ_SIZE):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    git.finish()
    if rest:
        yield rest


def _commits(tokens: Iterator[bytes]) -> Iterator[tuple[Commit, list[Change]]]:
    """Reads ``\\1commit␀name␀…␀subject␀`` and, after a line's end, ``:modes ids op␀path␀…``."""
    commit: Commit | None = None
    changes: list[Change] = []
    for token in tokens:
        token = token.removeprefix(b"\n")
        if token.startswith(_COMMIT_MARK):
            if commit:
                yield commit, changes
            commit, changes = _commit(token[1:], tokens), []
        elif token.startswith(b":"):
            changes += _change(token, next(tokens))
    if commit:
        yield commit, changes


def _commit(id: bytes, tokens: Iterator[bytes]) -> Commit:
    name, email, at, local, committer, committer_email, committed_at, subject = (
        next(tokens).decode(errors="replace") for _ in range(8)
    )
    return Commit(
        id=id.decode(),
        author=Person(name.strip(), email.strip()),
        authored_at=_local(local) or _moment(at),
        committer=Person(committer.strip(), committer_email.strip()),
        committed_at=_moment(committed_at),
        subject=subject,
    )


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _local(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # people have committed from zones 99 hours away
        return None


def _change(token: bytes, path: bytes) -> Iterator[Change]:
    """The change of a file, or nothing: links and submodules are no files."""
    mode_before, mode_after, before, after, _ = token[1:].split(b" ")
    was_file, is_file = mode_before.startswith(_FILE_MODE), mode_after.startswith(_FILE_MODE)
    if was_file or is_file:
        yield Change(
            path.decode(errors="surrogateescape"),
            before if was_file else None,
            after if is_file else None,
        )
