"""``make serve`` as a person uses it: start, sign in, Ctrl-C. And the demo's data, in small."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command

from audit.management.commands.load_demo import DEMO_ORGANIZATIONS
from audit.models import Event, Organization

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path, port: int) -> dict[str, str]:
    """A bare machine's, but for where the data go."""
    return {
        "PATH": os.environ["PATH"],
        "AUDITSITE_DATA": str(tmp_path / "data"),
        "PORT": str(port),
        "COLUMNS": "120",
    }


@pytest.fixture
def site(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "auditsite.launch", "serve"],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 90
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) != 0:
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    if process.stderr:
        process.stderr.close()


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str | None


def request(port: int, method: str, path: str, cookies: dict[str, str], **form: str) -> Answer:
    """Ask the site and keep the cookies it sets."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, urlencode(form), headers)
        with connection.getresponse() as response:
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                cookies[name] = value
            body = response.read().decode()
            return Answer(response.status, body, response.headers["Location"])


def test_a_site_is_served_from_nothing_and_leaves_nothing_running(
    site: subprocess.Popen[str], environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    assert request(port, "GET", "/healthz", {}).status == 200
    assert json.loads(request(port, "GET", "/readyz", {}).body)["next_partition"] == "ok"

    # Beside the running site, commands need no settings of their own.
    create = ["manage.py", "create_organization", "acme", "Acme", "--admin", "ada@acme.example"]
    created = subprocess.run(
        [sys.executable, *create],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    password = created.stdout.splitlines()[0].rpartition(" ")[2]

    cookies: dict[str, str] = {}
    page = request(port, "GET", "/accounts/login/", cookies).body
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert token
    assert stylesheet
    assert request(port, "GET", stylesheet[1], {}).status == 200
    form = {"username": "ada@acme.example", "password": password, "csrfmiddlewaretoken": token[1]}
    signed_in = request(port, "POST", "/accounts/login/", cookies, **form)
    assert signed_in.location == "/"
    assert request(port, "GET", "/", cookies).location == "/acme/events/"
    assert request(port, "GET", "/acme/events/", cookies).status == 200

    os.killpg(site.pid, signal.SIGINT)
    assert site.wait(30) == 0
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(tmp_path) not in listed.stdout
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    key = tmp_path / "data" / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_one_sentence_and_starts_nothing(
    environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "auditsite.launch", "demo"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 is not to be had")
    assert done.stderr.count("\n") == 1
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"PORT": "http"}, "PORT must be a whole number"),
        ({"DATABASE_URL": "postgresql://u@127.0.0.1:1/n"}, "The database can't be reached"),
    ],
)
def test_what_can_be_put_right_is_said_in_one_sentence(
    environment: dict[str, str], wrong: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auditsite.launch", "serve"],
        cwd=ROOT, env=environment | wrong, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_the_demo_is_loaded_once() -> None:
    small = {"days": 2, "scale": 0.2, "verbosity": 0}
    call_command("load_demo", **small)
    counts = {}
    for slug in DEMO_ORGANIZATIONS:
        organization = Organization.objects.get(slug=slug)
        counts[slug] = Event.objects.in_organization(organization.pk).count()
    assert all(counts.values())
    total = Event.objects.count()
    assert total == sum(counts.values())
    call_command("load_demo", **small)
    assert Event.objects.count() == total
