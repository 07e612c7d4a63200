"""PostgreSQL refuses to run as root. Started by root, the server gets a system user of its own."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = "auditsite-postgres"


@dataclass(frozen=True, slots=True)
class ServerUser:
    uid: int
    gid: int


def server_user(data: Path) -> ServerUser | None:
    """Who runs the server of ``data``; None means whoever runs this program."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (status := data.stat()).st_uid != 0:
        return ServerUser(status.st_uid, status.st_gid)
    entry = _created()
    return ServerUser(entry.pw_uid, entry.pw_gid)


def hand_over(directory: Path, user: ServerUser | None) -> None:
    """Make ``directory`` private to the server."""
    directory.chmod(stat.S_IRWXU)
    if user is not None:
        os.chown(directory, user.uid, user.gid)


def let_in(user: ServerUser | None, data: Path, binaries: Path) -> None:
    """Let the server's user reach both directories, changing as little as will do."""
    if user is None:
        return
    opened = sorted(str(path) for path in _closed_parents(user, data, binaries))
    if opened:
        sys.stderr.write(
            f"PostgreSQL does not run as root; let its user pass through {', '.join(opened)}.\n"
        )
    if not _may_run(binaries / "postgres", user):
        for path in binaries.parent.rglob("*"):
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(path.stat().st_mode | (0o055 if executable else 0o044))
        binaries.parent.chmod(binaries.parent.stat().st_mode | 0o055)


def _closed_parents(user: ServerUser, *paths: Path) -> Iterator[Path]:
    """The directories that had to be opened: to pass through, not to list."""
    for parent in {parent for path in paths for parent in path.parents}:
        status = parent.stat()
        if status.st_uid != user.uid and not status.st_mode & stat.S_IXOTH:
            parent.chmod(status.st_mode | stat.S_IXOTH)
            yield parent


def _created() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_NAME)
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
        return pwd.getpwnam(_NAME)


def _may_run(program: Path, user: ServerUser) -> bool:
    command = [str(program), "--version"]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0
