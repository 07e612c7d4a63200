"""Real git repositories, made commit by commit."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

MARA = "Mara Ito <mara.ito@acme.example>"
STARTED = 1_772_442_000  # 2026-03-02T09:00:00Z, a Monday


@dataclass
class GitRepository:
    """A repository in the making: each commit is a minute after the one before."""

    path: Path
    minutes: int = 0
    ids: list[str] = field(default_factory=list)

    def git(self, *arguments: str | bytes, **environment: str) -> str:
        answer = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            check=True,
            capture_output=True,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_SYSTEM": os.devnull,
                **environment,
            },
        )
        return answer.stdout.decode(errors="replace").strip()

    def commit(
        self,
        files: Mapping[str | bytes, str | bytes | None] | None = None,
        subject: str = "Change things",
        *,
        author: str = MARA,
        authored: str = "",
        committer: str = MARA,
    ) -> str:
        """Write the files (None removes one), commit everything, return the commit's id."""
        for name, content in (files or {}).items():
            self._write(name, content)
        self.git("add", "--all")
        return self.commit_index(subject, author=author, authored=authored, committer=committer)

    def commit_index(
        self, subject: str, *, author: str = MARA, authored: str = "", committer: str = MARA
    ) -> str:
        self.minutes += 1
        at = f"@{STARTED + 60 * self.minutes} +0000"
        author_name, author_email = author.rstrip(">").split(" <")
        name, email = committer.rstrip(">").split(" <")
        self.git(
            "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--allow-empty", "-m", subject,
            GIT_AUTHOR_NAME=author_name, GIT_AUTHOR_EMAIL=author_email,
            GIT_AUTHOR_DATE=authored or at,
            GIT_COMMITTER_NAME=name, GIT_COMMITTER_EMAIL=email, GIT_COMMITTER_DATE=at,
        )  # fmt: skip
        self.ids.append(self.git("rev-parse", "HEAD"))
        return self.ids[-1]

    def _write(self, name: str | bytes, content: str | bytes | None) -> None:
        path = self.path / os.fsdecode(name)
        if content is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def new_repository(tmp_path: Path) -> Callable[[str], GitRepository]:
    def make(name: str) -> GitRepository:
        path = tmp_path / name
        path.mkdir()
        repository = GitRepository(path)
        repository.git("init", "--quiet", "--initial-branch=main")
        return repository

    return make


@pytest.fixture
def repository(new_repository: Callable[[str], GitRepository]) -> GitRepository:
    return new_repository("config")
