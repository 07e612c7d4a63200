"""The embedded server: it starts anywhere, ends with its command, and leaves nothing behind."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
SHOW = (
    "import os, psycopg; url = os.environ['DATABASE_URL'];"
    "print(psycopg.connect(url).execute('SHOW {}').fetchone()[0])"
)


def embedded(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditsite.embedded", *arguments],
        env=ENVIRONMENT | environment, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip


def servers(directory: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(directory) in line]


def test_a_throw_away_server_is_gone_afterwards(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    show = SHOW.format("data_directory")
    done = embedded("test", "--", sys.executable, "-c", show, TMPDIR=str(tmp_path))
    data = Path(done.stdout.strip())
    assert data.is_relative_to(tmp_path), done.stderr
    assert not any(tmp_path.iterdir())
    assert not servers(tmp_path)


def test_the_exit_status_of_the_command_is_passed_on() -> None:
    assert embedded("test", "--", "sh", "-c", "exit 7").returncode == 7


def test_a_command_that_is_not_there_is_said() -> None:
    done = embedded("test", "--", "no-such-command")
    assert (done.returncode, done.stderr.count("\n")) == (127, 1)


def test_a_given_database_is_used_instead() -> None:
    done = embedded("test", "--", "sh", "-c", "echo $DATABASE_URL", DATABASE_URL="given")
    assert done.stdout == "given\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(tmp_path: Path, how: signal.Signals) -> None:
    tmp_path.chmod(0o755)
    # Not a shell: one that is interrupted between two commands goes on with the second.
    wait = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    process = subprocess.Popen(
        [sys.executable, "-m", "auditsite.embedded", "test", "--", *wait],
        env=ENVIRONMENT | {"TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, how)
    assert process.wait(30) > 0
    process.stdout.close()
    assert not any(tmp_path.iterdir())
    assert not servers(tmp_path)


def test_data_are_kept_under_any_path_and_after_a_crash(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    data = tmp_path / ("a directory, longer than any socket's path may be " * 3).strip() / "pg"
    python = [sys.executable, "-c"]
    connect = "psycopg.connect(os.environ['DATABASE_OWNER_URL'], autocommit=True)"
    create = f"import os, psycopg; {connect}.execute('CREATE TABLE t()')"
    read = f"import os, psycopg; print({connect}.execute('TABLE t').rowcount)"
    done = embedded("run", "--data", str(data), "--", *python, create)
    assert done.returncode == 0, done.stderr

    # The server is killed under the feet of its command, and leaves its lock file.
    kill = f"kill -9 $(head -1 {shlex.quote(str(data / 'postmaster.pid'))})"
    embedded("run", "--data", str(data), "--", "sh", "-c", kill)
    assert (data / "postmaster.pid").exists()

    done = embedded("run", "--data", str(data), "--", *python, read)
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
    assert not servers(data)


def test_the_application_gets_a_login_without_power(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    done = embedded(
        "run",
        "--data",
        str(tmp_path / "pg"),
        "--",
        sys.executable,
        "-c",
        SHOW.format("is_superuser"),
    )
    assert done.stdout == "off\n", done.stderr


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux ends children with their parent")
def test_a_killed_launcher_leaves_no_server(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "auditsite.embedded", "run", "--data", str(tmp_path / "pg"), "--",
         "sh", "-c", "echo; exec sleep 60"],
        env=ENVIRONMENT, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 20
    while servers(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not servers(tmp_path)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"PG_VERSION": "17\n"}, "was made by PostgreSQL 17"),
        ({"letter.txt": "Dear"}, "holds files, but they are not PostgreSQL's"),
    ],
)
def test_a_directory_it_cannot_use_is_one_sentence(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    done = embedded("run", "--data", str(tmp_path), "--", "true")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
