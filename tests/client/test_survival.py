"""A real server, real processes, and neither of them is spared."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from audit.client import Client, Limits, Rejection, audit_context
from audit.models import ApiKey, Event, Organization, Scope
from tests.api.sites import Site, database_url, serving
from tests.client.servers import MARA, QUICK

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@pytest.fixture
def site(committed_db: None) -> Iterator[Site]:
    with serving({"DATABASE_URL": database_url()}) as site:
        wait_until_it_answers(site)
        yield site


@pytest.fixture
def key(site: Site, organization: Organization) -> str:
    return ApiKey.objects.issue(organization, name="k", scopes=[Scope.EVENTS_WRITE])[1]


def address(site: Site) -> str:
    return f"http://127.0.0.1:{site.port}/acme"


def wait_until_it_answers(site: Site) -> None:
    """Gunicorn listens before its workers are loaded, and a client ends without long goodbyes."""
    assert httpx.get(f"http://127.0.0.1:{site.port}/healthz", timeout=PATIENCE_S).is_success


def recorded() -> list[str]:
    """The summaries in the log, one for each event."""
    runs = Event.objects.filter(event_type="job.run")
    return sorted(runs.values_list("summary", flat=True))


def program(script: str, site: Site, key: str, **environment: str) -> "subprocess.Popen[str]":
    """A program of somebody's, which knows nothing of Django."""
    variables = {"AUDITSITE_URL": address(site), "AUDITSITE_KEY": key, **environment}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **variables},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def names(*ranges: range) -> list[str]:
    return sorted(f"{n:05}" for numbers in ranges for n in numbers)


def test_a_server_that_goes_and_comes_back_loses_nothing_and_doubles_nothing(
    site: Site, key: str
) -> None:
    with Client(address(site), key, limits=QUICK) as client:
        for n in range(300):
            client.record(event_type="job.run", summary=f"{n:05}")
            if n == 100:
                site.kill()
            if n == 200:
                time.sleep(0.1)  # so that some calls are in vain
                site.start()
        assert client.flush(PATIENCE_S)
        assert (client.stats.sent, client.stats.dropped) == (300, 0)
    assert recorded() == names(range(300))


def test_what_processes_that_were_killed_have_spooled_the_next_one_sends(
    site: Site, key: str, tmp_path: Path
) -> None:
    script = """
import time
from audit.client import Client, Limits
first = FIRST
client = Client(limits=Limits(linger_s=0))
for n in range(first, first + 100):
    client.record(event_type="job.run", summary=f"{n:05}")
while client.stats.spooled < 100:
    pass
print("on the disk", flush=True)
while True:
    client.record(event_type="job.end")
    time.sleep(0.01)
"""
    site.kill()
    killed = []
    for first in (0, 100):
        each = program(
            script.replace("FIRST", str(first)), site, key, AUDITSITE_SPOOL=str(tmp_path)
        )  # fmt: skip
        assert each.stdout is not None
        with each.stdout as output:
            assert output.readline() == "on the disk\n"
        killed.append(each)
    for each in killed:
        each.kill()
        each.wait()
    site.start()
    with Client(address(site), key, spool=tmp_path, limits=QUICK) as client:
        assert client.flush(PATIENCE_S)
    assert recorded() == names(range(200))


def test_a_program_that_just_ends_has_sent_what_it_recorded(site: Site, key: str) -> None:
    script = """
from audit.client import Client, Limits
client = Client(limits=Limits(exit_s=60))
for n in range(100):
    client.record(event_type="job.run", summary=f"{n:05}")
"""
    with program(script, site, key) as process:
        assert process.wait(PATIENCE_S) == 0
    assert recorded() == names(range(100))


def test_children_send_what_they_recorded_when_they_end(site: Site, key: str) -> None:
    script = """
import multiprocessing, os, sys
from audit.client import Client, Limits
client = Client(limits=Limits(exit_s=60))
client.record(event_type="job.run", summary="00000")
def work(n):
    client.record(event_type="job.run", summary=f"{n:05}")
children = [multiprocessing.get_context("fork").Process(target=work, args=[n]) for n in (1, 2)]
for child in children: child.start()
for child in children: child.join()
if os.fork() == 0:  # as gunicorn makes its workers, which end by sys.exit
    work(3)
    sys.exit()
os.wait()
"""
    with program(script, site, key) as process:
        assert process.wait(PATIENCE_S) == 0
    assert recorded() == names(range(4))


def test_a_program_ends_within_its_time_though_nobody_answers(site: Site, key: str) -> None:
    site.kill()
    script = """
from audit.client import Client, Limits
client = Client(limits=Limits(exit_s=0.5))
client.record(event_type="job.run")
"""
    with program(script, site, key) as process:
        assert process.wait(PATIENCE_S) == 0


def test_rejected_events_are_named_and_the_others_recorded(site: Site, key: str) -> None:
    rejected: list[Rejection] = []
    with Client(address(site), key, on_rejected=rejected.append) as client:
        client.record(event_type="job.run", summary="right")
        client.record(event_type="job.run", actor={"kind": "robot", "id": "r2"}, session=7)  # type: ignore[typeddict-item]
        assert client.flush(PATIENCE_S)
    assert recorded() == ["right"]
    (rejection,) = rejected
    assert rejection.event["actor"] == {"kind": "robot", "id": "r2"}
    assert {fault.field for fault in rejection.faults} == {"actor.kind", "session"}


def test_a_burst_beyond_the_rate_limit_waits_and_is_whole(
    committed_db: None, organization: Organization
) -> None:
    _, key = ApiKey.objects.issue(organization, name="k", scopes=[Scope.EVENTS_WRITE])
    slow = {"AUDITSITE_API_EVENTS_PER_MINUTE": "6000"}
    with serving({"DATABASE_URL": database_url(), **slow}) as site:
        limits = Limits(linger_s=0.01, queue_events=20_000)
        with Client(address(site), key, limits=limits) as client:
            for n in range(6_100):
                assert client.record(event_type="job.run", summary=f"{n:05}")
            assert client.flush(PATIENCE_S)
    assert len(recorded()) == 6_100


def test_the_server_masks_what_the_context_and_the_snapshots_bring(site: Site, key: str) -> None:
    before: Any = {"password": "one", "paused": False}
    with (
        Client(address(site), key, limits=QUICK) as client,
        audit_context(actor=MARA, session="s_1"),
    ):
        client.record(event_type="job.run", before=before, after=before | {"paused": True})
        assert client.flush(PATIENCE_S)
    event = Event.objects.get(event_type="job.run")
    assert (event.actor_id, event.session) == ("mara.ito@acme.dev", "s_1")
    assert event.changed_paths == ["/paused"]
