"""A real gunicorn, and a client that does not give up: for tests in which things are killed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.db import connection

from tests.api.events import event

ROOT = Path(__file__).parents[2]
_BATCH = 10
_PATIENCE_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The tests' database, as another process reaches it."""
    parts = connection.settings_dict
    query = f"host={quote(parts['HOST'], safe='')}&port={parts['PORT'] or 5432}"
    return (
        f"postgresql://{quote(parts['USER'])}:{quote(parts['PASSWORD'])}@/{parts['NAME']}?{query}"
    )


@dataclass
class Site:
    """A site that can be killed and started again; ``addresses`` are of its database."""

    addresses: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "only for tests",
            "ALLOWED_HOSTS": "127.0.0.1",
            "AUDITSITE_HTTPS": "off",
            "AUDITSITE_API_CALLS_PER_MINUTE": "1000000",
            "AUDITSITE_API_EVENTS_PER_MINUTE": "1000000",
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
            **self.addresses,
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:auditsite.gunicorn", "auditsite.wsgi"],
            cwd=ROOT, env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", self.port)) != 0:
                assert self.process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def kill(self) -> None:
        """With -9, the master and all workers at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        return done.stdout


@contextmanager
def serving(addresses: Mapping[str, str]) -> Iterator[Site]:
    site = Site(addresses)
    site.start()
    try:
        yield site
    finally:
        if site.process is not None:
            site.kill()


@dataclass
class Sender:
    """Sends batch after batch, each until it is acknowledged, and keeps what was."""

    site: Site
    key: str
    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    failures: int = 0
    done: Event = field(default_factory=Event)

    def send(self) -> None:
        """Until ``done`` is set."""
        while not self.done.is_set():
            names = [uuid4().hex for _ in range(_BATCH)]
            self.sent += names
            self.acknowledged += self._send(names, uuid4().hex)

    def wait_for_progress(self, batches: int) -> None:
        enough = len(self.acknowledged) + batches * _BATCH
        deadline = time.monotonic() + _PATIENCE_S
        while len(self.acknowledged) < enough:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _send(self, names: list[str], idempotency_key: str) -> list[str]:
        # Without a time of their own: only the call's key keeps them from being doubled.
        body = json.dumps([event(summary=name) | {"occurred_at": None} for name in names])
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            if (answer := self._try(body, idempotency_key)) is not None:
                return answer
            self.failures += 1
            time.sleep(0.05)
        raise AssertionError("The site did not come back.")

    def _try(self, body: str, idempotency_key: str) -> list[str] | None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        }
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        ) as connection:
            try:
                connection.request("POST", "/acme/api/events", body, headers)
                with connection.getresponse() as response:
                    answer: Any = response.read()
            except (OSError, http.client.HTTPException):
                return None
        if response.status in (409, 503):
            return None
        assert response.status == 201, answer
        ids: list[str] = json.loads(answer)["ids"]
        return ids
