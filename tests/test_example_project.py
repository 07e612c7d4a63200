"""The app in a project that is not Auditsite: installed by one line, told by one setting."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).parents[1]

type Run = Any


@pytest.fixture
def run(django_db_setup: None) -> Iterator[Run]:
    """Run something in the project, with a database of its own on the tests' server."""
    server = connection.settings_dict
    name = f"{server['NAME']}_example"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.example_project.settings",
        "EXAMPLE_DATABASE": name,
        **{f"EXAMPLE_{key}": str(server[key]) for key in ("HOST", "PORT", "USER", "PASSWORD")},
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    with psycopg.connect(
        host=server["HOST"], port=server["PORT"] or None, user=server["USER"],
        password=server["PASSWORD"] or None, dbname="postgres", autocommit=True,
    ) as admin:  # fmt: skip
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield run
        admin.execute(drop)


def test_the_app_installs_into_any_project_and_records_what_it_does(run: Run) -> None:
    run("django", "migrate")
    assert "No migrations to apply" in run("django", "migrate")  # its checks let it
    assert "audit.W004" in run("django", "check", "--database", "default")
    assert "No changes" in run("django", "makemigrations", "--check", "--dry-run")

    events = json.loads(run("tests.example_project").splitlines()[-1])

    assert {event["organization"] for event in events} == {"shop"}
    types = [event["type"] for event in events]
    assert types == [
        "user.created", "group.created", "user.permissions_changed",
        "supplier.created", "product.created", "product.updated",
        "user.login_failed", "user.logged_in", "product.updated", "product.updated",
        "product.created", "product.updated", "report.printed",
        *types[-3:],
    ]  # fmt: skip
    assert sorted(types[-3:]) == ["product.deleted", "product.deleted", "supplier.deleted"]

    by_hand = next(event for event in events if event["type"] == "supplier.created")
    assert by_hand["actor"].startswith("__main__.py")

    in_view, in_async_view = events[8:10]
    assert in_view["before"]["price"] == 2.5
    assert in_view["after"]["price"] == 3
    assert (in_view["actor"], in_view["ip"], in_view["browser"], in_view["session"]) == (
        "mara", "203.0.113.7", "Firefox", True,
    )  # fmt: skip
    assert (in_async_view["actor"], in_async_view["request"]) == ("mara", "r-2")
    assert "password" not in str(events).replace("'password': {'$redacted'", "")
