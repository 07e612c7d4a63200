"""GraphQL over HTTP: who may ask, in which form, and how much."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from graphql import get_introspection_query

from audit.api.graphql.limits import MAX_COST, MAX_DEPTH
from audit.models import ApiKey, EventQuerySet, Organization
from auditsite.models import User
from tests.api.graphql.conftest import Ask
from tests.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

PATH = "/acme/graphql"
GRAPHQL = "application/graphql-response+json"
NAME = {"query": "{ __typename }"}


def post(body: object, client: Client | None = None, path: str = PATH, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content_type = named.pop("Content-Type", "application/json")
    client = client or Client(enforce_csrf_checks=True)
    return client.post(path, data, content_type=content_type, headers=named)


def refused(response: Any, status: int, said: str = "") -> None:
    assert response.status_code == status, response.content
    (error,) = response.json()["errors"]
    assert said in error["message"]
    assert "data" not in response.json()


@pytest.fixture
def bearer(reader: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {reader}"}


# --- Who -----------------------------------------------------------------------------------------


def test_a_key_is_needed_also_for_the_schema(organization: Organization) -> None:
    response = post({"query": get_introspection_query()})
    refused(response, 401, "Send an API key")
    assert response["WWW-Authenticate"].startswith("Bearer")
    refused(post(NAME, Authorization="Bearer nonsense"), 401, "unknown")


def test_the_schema_is_told_to_whoever_may_read(ask: Ask) -> None:
    answer = ask(get_introspection_query())
    names = {each["name"] for each in answer["data"]["__schema"]["types"]}
    assert {"CloudQuery", "AuditLogEventType", "GenericScalar", "EventConnection"} <= names


def test_the_header_of_dagster_does_too(reader: str) -> None:
    assert post(NAME, Dagster_Cloud_Api_Token=reader).json() == {
        "data": {"__typename": "CloudQuery"}
    }


def test_a_key_that_may_only_record_an_expired_and_a_foreign_one_are_refused(
    bearer: dict[str, str], key: str
) -> None:
    refused(post(NAME, Authorization=f"Bearer {key}"), 403, "events:read")
    OrganizationFactory.create(slug="other")
    for slug in ("other", "nobody"):
        refused(post(NAME, path=f"/{slug}/graphql", **bearer), 404)
        refused(post(NAME, path=f"/{slug}/prod/graphql", **bearer), 404)
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(post(NAME, **bearer), 401)


def test_admins_ask_by_their_session(
    admin: User, signed_in: Callable[[User], Client], organization: Organization
) -> None:
    EventFactory.create()
    mine = EventFactory.create(organization=organization)
    response = post({"query": "{ events { nodes { id } } }"}, signed_in(admin))
    assert response.json()["data"]["events"]["nodes"] == [{"id": str(mine.id)}]


def test_members_and_strangers_ask_in_vain(
    member: User, stranger: User, signed_in: Callable[[User], Client]
) -> None:
    refused(post(NAME, signed_in(member)), 403, "Only admins")
    refused(post(NAME, signed_in(stranger)), 404)


def test_a_page_of_another_site_asks_in_vain(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    refused(post(NAME, client), 403, "CSRF")
    client.get("/acme/events/")
    token = client.cookies["csrf"].value
    assert post(NAME, client, X_CSRFToken=token).status_code == 200


# --- In which form -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
    ],
)
def test_the_answer_is_of_the_type_that_is_accepted(
    bearer: dict[str, str], accept: str, expected: str
) -> None:
    response = post(NAME, **bearer, **({"Accept": accept} if accept else {}))
    assert response["Content-Type"] == f"{expected}; charset=utf-8"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query A { __typename } query A { a }"])
def test_what_cannot_be_begun_is_4xx_but_for_old_clients(
    bearer: dict[str, str], query: str
) -> None:
    for accept, status in ((GRAPHQL, 400), ("application/json", 200)):
        response = post({"query": query}, Accept=accept, **bearer)
        assert response.status_code == status
        assert response.json()["errors"]
        assert "data" not in response.json()


def test_a_variable_of_the_wrong_type_is_4xx(bearer: dict[str, str]) -> None:
    query = "query ($n: Int!) { events(first: $n) { nodes { id } } }"
    body = {"query": query, "variables": {"n": "x"}}
    assert post(body, Accept=GRAPHQL, **bearer).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"\xff", b"[]", b"1", b'{"query": NaN}', b"[" * 100_000,
        {}, {"query": 1}, {"query": " "}, {"query": "{ a }", "variables": []},
        {"query": "{ a }", "operationName": 1}, {"query": "{ a }", "extensions": "x"},
        [{"query": "{ __typename }"}],
    ],
)  # fmt: skip
def test_a_malformed_call_is_400(bearer: dict[str, str], body: object) -> None:
    refused(post(body, **bearer), 400)


def test_other_types_and_methods_are_refused(bearer: dict[str, str]) -> None:
    refused(post(NAME, **bearer, Content_Type="text/plain"), 415)
    refused(post(NAME, **bearer, Accept="image/png"), 406)
    response = Client().put(PATH, headers=bearer)
    refused(response, 405)
    assert response["Allow"] == "GET, POST"


def test_get_asks_as_well(bearer: dict[str, str]) -> None:
    query = "query Q($o: String) { eventTypes(origin: $o) { slug } } query R { __typename }"
    given = {"query": query, "operationName": "Q", "variables": '{"o": "kestra"}'}
    answer = Client().get(PATH, given, headers=bearer).json()
    assert answer["data"]["eventTypes"]
    refused(Client().get(PATH, {"query": query, "variables": "{"}, headers=bearer), 400)
    refused(Client().get(PATH, given | {"operationName": "S"}, headers=bearer), 400)
    unnamed = Client().get(PATH, {"query": query}, headers=bearer | {"Accept": GRAPHQL})
    assert unnamed.status_code == 400


def test_mutations_and_subscriptions_are_none(bearer: dict[str, str]) -> None:
    for kind in ("mutation", "subscription"):
        response = post({"query": f"{kind} {{ __typename }}"}, Accept=GRAPHQL, **bearer)
        assert response.status_code == 400


def test_what_goes_wrong_here_is_told_to_the_log_alone(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("the password is hunter2")

    monkeypatch.setattr(EventQuerySet, "matching", fail)
    answer = ask("{ events { nodes { id } } }")
    assert "hunter2" not in json.dumps(answer)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "hunter2" in caplog.text


# --- How much ------------------------------------------------------------------------------------


def error_of(answer: Any) -> str:
    assert "data" not in answer
    return str(answer["errors"][0]["message"])


def test_what_costs_too_much_is_refused_before_it_is_begun(
    ask: Ask, django_assert_max_num_queries: Any
) -> None:
    many = " ".join(f"a{n}: events {{ nodes {{ id }} }}" for n in range(10))
    with django_assert_max_num_queries(3):
        assert "points; at most 50,000 are allowed" in error_of(ask(f"{{ {many} }}"))
    large = "query ($n: Int = 1000) { events(first: $n) { nodes { patch } } }"
    answer = ask(large)
    assert answer["errors"][0]["extensions"]["maxCost"] == MAX_COST
    assert "errors" not in ask(large, n=500)
    assert "errors" in ask(large, n=1000)


def test_fragments_that_multiply_are_refused(ask: Ask) -> None:
    bomb = "".join(f"fragment f{n} on CloudQuery {{ ...f{n + 1} ...f{n + 1} }} " for n in range(30))
    query = f"{{ ...f0 }} {bomb} fragment f30 on CloudQuery {{ __typename }}"
    assert "points; at most" in error_of(ask(query))


def test_what_is_too_long_too_deep_or_asks_the_schema_in_circles_is_refused(ask: Ask) -> None:
    assert "tokens" in error_of(ask("{ " + "__typename " * 3_000 + "}"))
    circle = "{ __schema { types " + "{ fields { type " * 8 + "{ name }" + "} }" * 8 + "} }"
    assert "errors" in ask(circle)
    assert "errors" in ask("{ a" * 100_000)


def test_no_query_that_means_something_is_too_deep(ask: Ask) -> None:
    deepest = "{ auditLog { auditLogEntries { event { type { details { name } } } } } }"
    assert "errors" not in ask(deepest)
    assert deepest.count("{") < MAX_DEPTH
