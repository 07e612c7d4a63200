"""PostgreSQL refuses to run as root. Started by root, the server gets a system user of its own."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_NAME = "auditsite-postgres"


def server_user(data: Path) -> str | None:
    """Who runs the server of ``data``; None means whoever runs this program."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return pwd.getpwuid(owner).pw_name
    return _created()


def hand_over(directory: Path, user: str | None) -> None:
    """Make ``directory`` private to the server."""
    directory.chmod(stat.S_IRWXU)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(directory, entry.pw_uid, entry.pw_gid)


def let_in(user: str | None, data: Path, binaries: Path) -> None:
    """Let the server's user reach both directories, changing as little as will do."""
    if user is None:
        return
    opened = [str(path) for path in _closed_parents(user, data, binaries)]
    if opened:
        sys.stderr.write(f"Let the user {user} pass through {', '.join(opened)}.\n")
    if not _may_run(binaries / "postgres", user):
        for path in binaries.parent.rglob("*"):
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(path.stat().st_mode | (0o055 if executable else 0o044))
        binaries.parent.chmod(binaries.parent.stat().st_mode | 0o055)


def _closed_parents(user: str, *paths: Path) -> Iterator[Path]:
    """The directories that had to be opened: to pass through, not to list."""
    uid = pwd.getpwnam(user).pw_uid
    for parent in {parent for path in paths for parent in path.parents}:
        status = parent.stat()
        if status.st_uid != uid and not status.st_mode & stat.S_IXOTH:
            parent.chmod(status.st_mode | stat.S_IXOTH)
            yield parent


def _created() -> str:
    try:
        pwd.getpwnam(_NAME)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        command = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", _NAME]
        try:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError):
            raise SystemExit(
                f"PostgreSQL does not run as root, and the system user {_NAME} can't be created:"
                " run as an ordinary user, or set DATABASE_URL."
            ) from None
    return _NAME


def _may_run(program: Path, user: str) -> bool:
    command = [str(program), "--version"]
    try:
        done = subprocess.run(  # noqa: S603
            command, user=user, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except PermissionError:
        return False
    return done.returncode == 0
