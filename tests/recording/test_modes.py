"""What survives which failure, with processes killed at the worst moments."""

import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit.diff import JSONNumber
from audit.models import Event, Organization, OutboxEvent, Snapshot
from audit.recording import InvalidEvent, best_effort, many, outbox, record
from tests.factories import OrganizationFactory

ROOT = Path(__file__).parents[2]
MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}


def site_environment() -> dict[str, str]:
    """What makes a site of its own use the database of the tests."""
    database = connection.settings_dict
    user = quote(database["USER"]) + (
        f":{quote(database['PASSWORD'])}" * bool(database["PASSWORD"])
    )
    url = f"postgresql://{user}@/{database['NAME']}?host={database['HOST']}"
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only for tests",
        "DATABASE_URL": url + (f"&port={database['PORT']}" if database["PORT"] else ""),
        "DJANGO_SETTINGS_MODULE": "auditsite.settings",
    }


def die(moment: str, mode: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.recording.dying", moment, mode],
        cwd=ROOT, env=site_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture
def acme(committed_db: None) -> Organization:
    return OrganizationFactory.create(slug="acme")


def put(organization: Organization, **fields: Any) -> None:
    given = {"event_type": "log.opened", "actor": MARA, "mode": "outbox", **fields}
    assert record(organization, **given) is None


# --- Killed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "moment", "is_changed", "events", "waiting"),
    [
        ("same-transaction", "before commit", False, 0, 0),
        ("same-transaction", "after commit", True, 1, 0),
        ("outbox", "before commit", False, 0, 0),
        ("outbox", "after commit", True, 0, 1),
        ("outbox", "amid flush", True, 0, 1),
        ("outbox", "after flush", True, 1, 0),
        ("best-effort", "before commit", False, 0, 0),
        ("best-effort", "after commit", True, 0, 0),  # the one that may be lost
        ("best-effort", "amid recording", True, 0, 0),
        ("best-effort", "after flush", True, 1, 0),
    ],
)
def test_what_is_there_after_a_kill(
    acme: Organization, mode: str, moment: str, is_changed: bool, events: int, waiting: int
) -> None:
    die(moment, mode)
    assert Organization.objects.filter(slug="changed").exists() == is_changed
    assert (Event.objects.count(), OutboxEvent.objects.count()) == (events, waiting)
    while outbox.flush():
        pass
    assert Event.objects.count() == events + waiting
    assert Snapshot.objects.count() == events + waiting
    assert not OutboxEvent.objects.exists()


def test_many_flushing_at_once_lose_and_double_nothing(acme: Organization) -> None:
    for _ in range(5):
        outbox.put(acme, [{"event_type": "log.opened", "actor": MARA}] * 200)
    start = Barrier(3)

    def work() -> None:
        start.wait()
        while outbox.flush():
            pass
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Event.objects.count(), OutboxEvent.objects.count()) == (1_000, 0)


# --- The outbox ---------------------------------------------------------------------------------


def test_what_is_put_back_is_in_neither(organization: Organization) -> None:
    with transaction.atomic():
        put(organization)
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


def test_an_event_keeps_its_time_id_and_spelling_through_the_outbox(
    organization: Organization,
) -> None:
    before = datetime.now(UTC)
    put(organization, before=None, after={"price": JSONNumber("1.10"), "n": "\0"})
    after = datetime.now(UTC)
    assert outbox.flush() == outbox.Flushed(recorded=1)
    event = Event.objects.get()
    assert before <= event.occurred_at <= after
    snapshot = Snapshot.objects.get(id=event.id)
    assert (snapshot.before, snapshot.after) == ("null", '{"price":1.10,"n":"\\u0000"}')
    assert not outbox.flush()


def test_the_outbox_takes_events_while_the_log_takes_none(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("no partition")

    with monkeypatch.context() as patch:
        patch.setattr(many, "store", fail)
        put(organization)
    outbox.flush()
    assert Event.objects.count() == 1


def test_a_refused_event_stays_with_its_reason_and_holds_up_no_other(
    organization: Organization,
) -> None:
    put(organization)
    put(organization, ip="nowhere", outcome="maybe")
    put(organization)
    assert outbox.flush() == outbox.Flushed(recorded=2, refused=1)
    assert not outbox.flush()
    refused = OutboxEvent.objects.get().refused
    assert "ip: must be an IPv4 or IPv6 address" in refused
    assert "outcome: must be one of" in refused


def test_what_the_database_objects_to_is_found_among_others(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = many.store

    def objecting(organization_id: int, events: Any) -> Any:
        with connection.cursor() as cursor:
            if any(event.summary == "bad" for event in events):
                cursor.execute("SELECT 1/0")
        return store(organization_id, events)

    monkeypatch.setattr(many, "store", objecting)
    for summary in ("good", "bad", "good"):
        put(organization, summary=summary)
    assert outbox.flush() == outbox.Flushed(recorded=2, refused=1)
    assert OutboxEvent.objects.get().refused == "division by zero"


def test_what_is_not_json_is_refused_at_once(organization: Organization) -> None:
    with pytest.raises(InvalidEvent, match=r"after\.x"):
        put(organization, after={"x": {1, 2}})


def test_the_same_idempotency_key_is_recorded_once(organization: Organization) -> None:
    for _ in range(2):
        put(organization, idempotency_key="k", occurred_at=datetime(2026, 3, 2, tzinfo=UTC))
    outbox.flush()
    assert (Event.objects.count(), OutboxEvent.objects.count()) == (1, 0)


def test_the_command_tells_of_refused_events_and_tries_them_again(
    organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    organization.accepts_unknown_event_types = False
    organization.save()
    put(organization, event_type="something.else")
    put(organization)
    with pytest.raises(SystemExit):
        call_command("flush_outbox")
    assert "1 events recorded, 1 refused." in capsys.readouterr().out
    call_command("flush_outbox", "--list")
    assert "acme" in (listed := capsys.readouterr().out)
    assert "is not in the catalogue" in listed
    organization.accepts_unknown_event_types = True
    organization.save()
    call_command("flush_outbox", "--retry")
    assert Event.objects.count() == 2


def test_a_watching_command_moves_what_comes_and_ends_by_a_signal(acme: Organization) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "flush_outbox", "--watch"],
        cwd=ROOT, env=site_environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    put(acme)
    for _ in range(300):
        if not OutboxEvent.objects.exists():
            break
        assert process.poll() is None
        time.sleep(0.1)
    assert Event.objects.count() == 1
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


# --- Best effort --------------------------------------------------------------------------------


def test_best_effort_records_after_the_commit_and_only_then(
    acme: Organization,
) -> None:
    with transaction.atomic():
        record(acme, event_type="log.opened", actor=MARA, mode="best-effort")
        assert not Event.objects.exists()
    assert Event.objects.count() == 1
    with transaction.atomic():
        record(acme, event_type="log.opened", actor=MARA, mode="best-effort")
        transaction.set_rollback(True)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("fields", [{"ip": "nowhere"}, {"after": {1, 2}}])
def test_best_effort_never_breaks_the_caller(
    acme: Organization, caplog: pytest.LogCaptureFixture, fields: dict[str, Any]
) -> None:
    lost = best_effort.lost_events().get("log.opened", 0)
    with caplog.at_level(logging.ERROR):
        record(acme, event_type="log.opened", actor=MARA, mode="best-effort", **fields)
    assert best_effort.lost_events()["log.opened"] == lost + 1
    assert "Lost 1 events of type log.opened: InvalidEvent" in caplog.text
    assert "nowhere" not in caplog.text


def test_best_effort_gives_up_where_the_log_is_locked(
    acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(many, "store", slow)
    start = datetime.now(UTC)
    record(acme, event_type="log.opened", actor=MARA, mode="best-effort")
    assert (datetime.now(UTC) - start).total_seconds() < 30  # not the minute
    assert not Event.objects.exists()
    with connection.cursor() as cursor:  # and the caller's connection is as it was
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


# --- Which mode ---------------------------------------------------------------------------------


def test_a_type_has_its_mode_and_a_call_may_ask_for_another(
    organization: Organization, settings: Any
) -> None:
    settings.AUDIT_MODES = {"log.opened": "outbox", "*": "same-transaction"}
    assert record(organization, event_type="log.opened", actor=MARA) is None
    assert record(organization, event_type="export.created", actor=MARA)
    assert record(organization, event_type="log.opened", actor=MARA, mode="same-transaction")
    assert (Event.objects.count(), OutboxEvent.objects.count()) == (2, 1)


def test_a_mode_that_is_none_is_said(organization: Organization, settings: Any) -> None:
    settings.AUDIT_MODES = {"*": "sometimes"}
    with pytest.raises(ImproperlyConfigured, match="sometimes"):
        record(organization, event_type="log.opened", actor=MARA)
