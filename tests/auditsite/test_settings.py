"""The settings as the site starts with them, in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = {"SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnop", "ALLOWED_HOSTS": "a.example"}


def manage(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    ours = {"PATH": os.environ["PATH"], "DATABASE_URL": os.environ["DATABASE_URL"], **environment}
    return subprocess.run(
        [sys.executable, "-c", "import auditsite.settings"]
        if not arguments
        else [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=ours, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_a_secret_key_nothing_starts() -> None:
    done = manage(environment={})
    assert done.returncode == 1
    assert (
        done.stderr == "Set SECRET_KEY, or SECRET_KEY_FILE to the path of a file that holds it.\n"
    )


def test_the_deployment_check_finds_nothing() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", environment=PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DEBUG", "False"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("SESSION_COOKIE_NAME", "'__Host-session'"),
        ("CSRF_COOKIE_NAME", "'__Host-csrf'"),
        ("SESSION_COOKIE_SECURE", "True"),
    ],
)
def test_the_defaults_are_the_safe_ones(setting: str, value: str) -> None:
    done = manage("diffsettings", "--all", environment=PRODUCTION)
    assert f"{setting} = {value}" in done.stdout


def test_an_unreachable_database_is_one_sentence() -> None:
    nowhere = {"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/nothing"}
    done = manage("migrate", "--skip-checks", environment=PRODUCTION | nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("The database can't be reached: ")
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr
