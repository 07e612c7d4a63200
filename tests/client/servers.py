"""Servers that answer as docs/http.md says, or as they are told, without a network."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from audit.client import Client, Limits

URL = "https://audit.example.com/acme"
QUICK = Limits(linger_s=0.01, exit_s=10)
PATIENCE_S = 20
MARA = {"kind": "user", "id": "mara.ito@acme.dev"}


@dataclass
class FakeServer:
    """Keeps events by id or key. ``answers`` are given first, one a call; then it accepts."""

    answers: list[httpx.Response | Exception | Callable[[list[dict[str, Any]]], httpx.Response]] = (
        field(default_factory=list)
    )
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: list[dict[str, Any]] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "GET":
            return self.get(request)
        events = events_of(request)
        self.calls.append(events)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer(events) if callable(answer) else answer
        self.events |= {event.get("id") or event["idempotency_key"]: event for event in events}
        return accepted(len(events))

    def get(self, request: httpx.Request) -> httpx.Response:
        """The rules, where a test gives them; a server that knows of none answers 404."""
        if self.rules is None or request.url.path != "/acme/api/event-rules":
            return httpx.Response(404)
        etag = f'"{len(self.rules)}"'
        if request.headers["If-None-Match"] == etag:
            return httpx.Response(304)
        return httpx.Response(200, json={"rules": self.rules}, headers={"ETag": etag})

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    def client(self, **given: Any) -> Client:
        options = {"transport": self.transport, "limits": QUICK} | given
        return Client(URL, "as_acme_key", **options)


def events_of(request: httpx.Request) -> list[dict[str, Any]]:
    body = request.content
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return [json.loads(line) for line in body.split(b"\n")]


def accepted(count: int) -> httpx.Response:
    return httpx.Response(201, json={"recorded": count, "duplicates": 0, "rejected": []})


def rejecting(*places: int, status: int = 207) -> httpx.Response:
    wrong = [{"index": n, "field": "actor.kind", "reason": "must be one of user"} for n in places]
    return httpx.Response(status, json={"rejected": wrong})
