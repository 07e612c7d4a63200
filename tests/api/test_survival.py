"""What was acknowledged is in the log, exactly once, whoever was killed with -9 meanwhile."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from audit.models import ApiKey, Organization, Scope
from auditsite.embedded import EmbeddedError, kept_server
from tests.api.sites import Sender, database_url, serving

#: Rounds of killing. More of them: SURVIVAL_ROUNDS=50 make test ARGS=tests/api/test_survival.py
ROUNDS = int(os.environ.get("SURVIVAL_ROUNDS", "2"))


@contextmanager
def sending(*senders: Sender) -> Iterator[Callable[[], None]]:
    """All of them at work; yields a wait until each has got on, for killing amid the next call."""

    def wait_for_progress() -> None:
        for sender in senders:
            sender.wait_for_progress(batches=3)

    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(sender.send) for sender in senders]
        try:
            yield wait_for_progress
        finally:
            for sender in senders:
                sender.done.set()
        for each in running:
            each.result()


def kill_postgresql(data: Path) -> None:
    """With -9."""
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    os.waitpid(postmaster, 0)  # it is a child of this process


def restart_postgresql(data: Path, stack: ExitStack) -> None:
    """As soon as the last process of the one that was killed has noticed."""
    for _ in range(100):
        try:
            stack.enter_context(kept_server(data))
        except EmbeddedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL did not come back.")


def assert_all_are_there_once(url: str, senders: list[Sender]) -> None:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT id::text, summary FROM audit_event WHERE event_type = 'schedule.updated'"
        ).fetchall()
    sent = sorted(name for sender in senders for name in sender.sent)
    assert sorted(summary for _, summary in rows) == sent
    assert {id for id, _ in rows} == {id for each in senders for id in each.acknowledged}


def test_an_acknowledged_event_survives_the_server(
    committed_db: None, organization: Organization
) -> None:
    _, key = ApiKey.objects.issue(organization, name="k", scopes=[Scope.EVENTS_WRITE])
    url = database_url()
    with serving({"DATABASE_URL": url}) as site:
        senders = [Sender(site, key) for _ in range(2)]
        with sending(*senders) as wait_for_progress:
            for _ in range(ROUNDS):
                wait_for_progress()
                site.kill()
                site.start()
            wait_for_progress()
    assert sum(sender.failures for sender in senders) > 0
    assert_all_are_there_once(url, senders)


def test_an_acknowledged_event_survives_the_database(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    data = tmp_path / "pg"
    with ExitStack() as stack:
        addresses = stack.enter_context(kept_server(data))
        site = stack.enter_context(serving(addresses))
        site.manage("migrate", "--verbosity", "0")
        site.manage("create_organization", "acme", "Acme", "--admin", "ada@acme.example")
        sender = Sender(site, site.manage("create_api_key", "acme", "k").strip())
        with sending(sender) as wait_for_progress:
            for _ in range(ROUNDS):
                wait_for_progress()
                kill_postgresql(data)
                restart_postgresql(data, stack)
            wait_for_progress()
        assert sender.failures > 0
        assert_all_are_there_once(addresses["DATABASE_OWNER_URL"], [sender])
        with psycopg.connect(addresses["DATABASE_OWNER_URL"]) as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
