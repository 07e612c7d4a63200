"""One git repository, read through git's plumbing.

The repository may be anybody's: nothing in it may run a program, ask the network or change what
is read. So its settings that matter are overridden, hooks have no occasion, and objects that a
partial clone lacks are not fetched.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO

from audit.recording.importers.item import SourceError

# Left from a surrounding git (a hook, say), these would point it at another repository.
_FOREIGN = "GIT_"
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # where git is too old to know the line above
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_SETTINGS = {
    "core.fsmonitor": "false",
    "diff.ignoreSubmodules": "none",
    "diff.orderFile": os.devnull,
    "diff.relative": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "log.follow": "false",
    "log.mailmap": "false",  # the author as committed, not as a file of today renames them
    "log.showRoot": "true",
    "log.showSignature": "false",
}


@dataclass(frozen=True, slots=True)
class Git:
    """A git that is running, with pipes to its input and output."""

    input: IO[bytes]
    output: IO[bytes]
    _process: subprocess.Popen[bytes]
    _complaints: IO[bytes]
    _repository: str

    def finish(self) -> None:
        """Wait for its end. Raises SourceError, with git's own words, if it was not content."""
        self.input.close()
        if self._process.wait():
            raise SourceError(f"git cannot read {self._repository}: {self.complaint()}.")

    def complaint(self) -> str:
        """The last thing git said, once it has ended."""
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("fatal: ").rstrip(".") if lines else "it just ended"


@dataclass(frozen=True, slots=True)
class Repository:
    """An open repository: what it is called, and where git keeps it."""

    name: str
    directory: Path

    def ask(self, *arguments: str) -> str:
        """The answer of a short command, without the line's end. Raises SourceError."""
        with self.running(*arguments) as git:
            answer = git.output.read()
            git.finish()
        return answer.decode(errors="surrogateescape").rstrip("\n")

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Git]:
        """A command, which ends when the block is left, whether it has finished or not."""
        with TemporaryFile() as complaints, self._started(arguments, complaints) as process:
            assert process.stdin is not None  # noqa: S101 -- both are pipes
            assert process.stdout is not None  # noqa: S101
            try:
                yield Git(process.stdin, process.stdout, process, complaints, self.name)
            finally:
                process.kill()

    def _started(self, arguments: Sequence[str], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = [part for item in _SETTINGS.items() for part in ("-c", "=".join(item))]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        return subprocess.Popen(  # noqa: S603 -- no shell, and options end where names begin
            [_git(), f"--git-dir={self.directory}", "--no-pager", *settings, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment | _ENVIRONMENT,
            # Inside its own directory no work tree is found, so paths count from the top.
            cwd=self.directory if self.directory.is_dir() else None,
            process_group=0,  # Ctrl-C is for us; we end it ourselves
        )


def open_repository(path: str) -> tuple[Repository, str]:
    """The repository at ``path`` (a work tree or bare), and the folder of it that is meant.

    ``repository:folder`` names a folder. Raises SourceError.
    """
    folder = ""
    if not Path(path).exists() and ":" in path:
        path, _, folder = path.rpartition(":")
    if not Path(path).exists():
        raise SourceError(f"There is no directory {path}.")
    for directory in (Path(path) / ".git", Path(path)):
        found = _git_directory(Repository(path, directory.absolute()))
        if found:
            return Repository(path, found), _normal(folder)
    raise SourceError(
        f"{path} is not a git repository: give its top folder, or {path}:folder for a part of it."
    )


def _normal(folder: str) -> str:
    """As git knows a folder: without slashes around it, and nothing for the top."""
    path = str(PurePosixPath(folder.strip("/")))
    return "" if path == "." else path


def _git_directory(candidate: Repository) -> Path | None:
    """Where git keeps a repository; ``.git`` may also be a file that says where."""
    if not candidate.directory.exists():
        return None
    try:
        return Path(candidate.ask("rev-parse", "--absolute-git-dir"))
    except SourceError:
        if shutil.which("git") is None:
            raise
        return None


def _git() -> str:
    program = shutil.which("git")
    if program is None:
        raise SourceError("The program git is not installed, or not on the PATH.")
    return program
