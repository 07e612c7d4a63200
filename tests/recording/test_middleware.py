"""Who asked, from where, by which browser: taken from a request, believed only where it may be."""

import asyncio
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from audit.recording import current
from audit.recording.middleware import client_address, request_context, session_id
from auditsite.models import User
from tests.factories import UserFactory


def asked(**headers: Any) -> HttpRequest:
    return RequestFactory().get("/", **headers)


def context_of(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def view(request: HttpRequest) -> HttpResponse:
        found.update(current().as_dict())
        return HttpResponse()

    found["header"] = request_context(view)(request)["X-Request-ID"]
    return found


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # not a proxy of ours: not believed
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the left one is a claim
        ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "198.51.100.1", "198.51.100.1"),  # through the Unix socket
        ("", "", ""),
    ],
)
def test_the_address_is_the_nearest_that_is_no_trusted_proxy(
    settings: Any, remote: str, forwarded: str, address: str
) -> None:
    settings.AUDIT_TRUSTED_PROXIES = ["10.0.0.0/8", "unix"]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(asked(REMOTE_ADDR=remote, **headers)) == address


@pytest.mark.parametrize("remote", ["10.0.0.1", "203.0.113.7"])
def test_without_trusted_proxies_no_header_is_believed(remote: str) -> None:
    request = asked(REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert client_address(request) == remote
    assert client_address(asked(REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="198.51.100.1")) == ""


def test_a_wrong_proxy_is_said(settings: Any) -> None:
    settings.AUDIT_TRUSTED_PROXIES = ["10.0.0.1/8"]
    with pytest.raises(ImproperlyConfigured, match=r"10\.0\.0\.1/8"):
        client_address(asked())


def test_a_request_tells_user_browser_and_its_id() -> None:
    request = asked(
        HTTP_USER_AGENT="Firefox", HTTP_X_REQUEST_ID="req-91", REMOTE_ADDR="203.0.113.7"
    )
    request.user = User(email="ada@acme.example", name="Ada")
    assert context_of(request) == {
        "actor": {"kind": "user", "id": "ada@acme.example", "name": "Ada"},
        "ip": "203.0.113.7",
        "user_agent": "Firefox",
        "request_id": "req-91",
        "header": "req-91",
    }
    assert current().as_dict() == {}


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "ü", "-x"])
def test_a_request_id_that_is_none_is_replaced(given: str) -> None:
    found = context_of(asked(HTTP_X_REQUEST_ID=given))
    assert found["request_id"] == found["header"] != given
    assert len(found["request_id"]) == 32


def test_a_user_agent_beyond_the_limit_does_not_stand_in_the_way() -> None:
    assert "user_agent" not in context_of(asked(HTTP_USER_AGENT="x" * 1_025))


def test_a_visitor_is_anonymous() -> None:
    request = asked()
    request.user = AnonymousUser()
    assert context_of(request)["actor"]["id"] == "(anonymous)"


def test_whoever_signs_in_during_the_request_is_its_actor() -> None:
    request = asked()
    request.user = AnonymousUser()

    def view(request: HttpRequest) -> HttpResponse:
        request.user = User(email="ada@acme.example")
        return HttpResponse((current().actor or {})["id"])

    assert request_context(view)(request).content == b"ada@acme.example"


def test_an_impersonator_is_named_beside_the_user() -> None:
    request = asked()
    request.user = User(email="ada@acme.example")
    request.impersonator = User(email="root@acme.example")
    assert context_of(request)["actor"]["impersonator"] == "root@acme.example"


def test_the_first_in_the_history_of_django_hijack_is_the_impersonator(db: None) -> None:
    request = asked()
    request.user = User(email="ada@acme.example")
    root = UserFactory.create(email="root@acme.example")
    request.session = Client().session
    request.session["hijack_history"] = [str(root.pk)]
    assert context_of(request)["actor"]["impersonator"] == "root@acme.example"


def robot(request: HttpRequest) -> dict[str, str] | None:
    token = request.headers.get("Authorization")
    return {"kind": "service_account", "id": token} if token else None


def test_a_project_may_tell_the_actor_itself(settings: Any) -> None:
    settings.AUDIT_ACTOR = f"{__name__}.robot"
    assert context_of(asked(HTTP_AUTHORIZATION="deployer"))["actor"]["id"] == "deployer"
    assert context_of(asked())["actor"]["id"] == "(anonymous)"


def test_a_session_is_told_by_a_name_that_does_not_open_it(db: None) -> None:
    request = asked()
    request.session = Client().session
    request.session.create()
    name = session_id(request)
    assert len(name) == 32
    assert name not in request.session.session_key
    assert request.session.session_key not in name
    assert session_id(request) == name


def test_without_a_session_there_is_no_name_for_it(settings: Any) -> None:
    request = asked()
    assert session_id(request) == ""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    request.session = Client().session
    assert session_id(request) == ""


def test_async_views_have_the_context_too() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(read())
        return HttpResponse(task.result())

    async def read() -> str:
        return current().request_id

    middleware: Any = request_context(view)
    response = asyncio.run(middleware(asked(HTTP_X_REQUEST_ID="r1")))
    assert (response.content, response["X-Request-ID"]) == (b"r1", "r1")


def test_the_site_answers_with_the_id_of_the_request(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "r1"})["X-Request-ID"] == "r1"
