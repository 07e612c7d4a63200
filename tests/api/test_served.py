"""What only a real server shows: bodies that come in pieces, or never."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from audit.models import ApiKey, Organization, Scope
from tests.api.events import event
from tests.api.sites import Site, database_url, serving


@pytest.fixture
def site(committed_db: None) -> Iterator[Site]:
    with serving({"DATABASE_URL": database_url()}) as site:
        yield site


def test_a_body_need_not_say_its_length_and_one_too_large_is_not_read(
    site: Site, organization: Organization
) -> None:
    _, key = ApiKey.objects.issue(organization, name="k", scopes=[Scope.EVENTS_WRITE])
    authorization = {"Authorization": f"Bearer {key}"}
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
        lines = ((json.dumps(event(summary=str(n))) + "\n").encode() for n in range(30))
        headers = authorization | {"Content-Type": "application/x-ndjson"}
        connection.request("POST", "/acme/api/events", lines, headers, encode_chunked=True)
        with connection.getresponse() as response:
            assert response.status == 201
            assert json.loads(response.read())["recorded"] == 30

    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(
            b"POST /acme/api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10000000000\r\n"
            b"Authorization: Bearer " + key.encode() + b"\r\n\r\n["
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
