"""What was written for Dagster+ runs here."""

from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.api.authentication import Caller
from audit.api.graphql.context import Context
from audit.api.graphql.dagster import MAX_LIMIT, AuditLogEventType
from audit.api.graphql.schema import schema
from audit.event_types import registry
from audit.models import Organization
from audit.recording import record
from tests.api.graphql.conftest import Ask
from tests.api.sites import database_url, serving
from tests.factories import START, EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

# Word for word as Dagster's documentation prints it.
QUERY = """
query AuditLogQuery(
$limit: Int,
$cursor: String,
$filters: AuditLogFilters
) {
auditLog {
auditLogEntries(limit: $limit, cursor: $cursor, filters: $filters) {
id
eventType
authorUserEmail
authorAgentTokenId
eventMetadata
timestamp
deploymentName
}
}
}
"""


def entries(answer: Any) -> Any:
    assert "errors" not in answer, answer
    return answer["data"]["auditLog"]["auditLogEntries"]


def refusal(answer: Any) -> str:
    assert answer["data"] == {"auditLog": {"auditLogEntries": None}}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    return str(error["message"])


def test_the_enumeration_is_that_of_the_catalogue() -> None:
    ours = {each.alias for each in registry if each.origin == "dagster"}
    assert {each.name for each in AuditLogEventType} == ours
    assert len(ours) == 43


def test_an_entry_has_what_theirs_has(organization: Organization, ask: Ask) -> None:
    at = datetime(2026, 11, 22, 14, 32, 7, 418_123, tzinfo=UTC)
    event = EventFactory.create(
        organization=organization,
        occurred_at=at,
        event_type="secret.updated",
        actor={"kind": "user", "id": "mara.ito@acme.dev"},
        deployment="prod",
        branch_deployment="fix-1",
        details={"secret_name": "TOKEN"},
    )
    more = QUERY.replace("deploymentName", "deploymentName branchDeploymentName event { label }")
    assert entries(ask(more)) == [
        {
            "id": str(event.id),
            "eventType": "UPDATE_SECRET",
            "authorUserEmail": "mara.ito@acme.dev",
            "authorAgentTokenId": None,
            "eventMetadata": {"secret_name": "TOKEN"},
            "timestamp": at.timestamp(),
            "deploymentName": "prod",
            "branchDeploymentName": "fix-1",
            "event": {"label": "Update secret"},
        }
    ]


@pytest.mark.parametrize(
    ("kind", "email", "token"),
    [
        ("user", "x", None),
        ("service_account", "x", None),
        ("agent_token", None, "x"),
        ("system", None, None),
    ],
)
def test_authors_are_people_or_tokens(
    organization: Organization, ask: Ask, kind: str, email: str | None, token: str | None
) -> None:
    EventFactory.create(organization=organization, actor={"kind": kind, "id": "x"})
    (entry,) = entries(ask(QUERY))
    assert (entry["authorUserEmail"], entry["authorAgentTokenId"]) == (email, token)


def test_events_that_dagster_does_not_know_are_left_out(
    organization: Organization, ask: Ask
) -> None:
    EventFactory.create(organization=organization, event_type="flow.updated")
    EventFactory.create(organization=organization, event_type="my.own")
    assert entries(ask(QUERY)) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"eventTypes": [], "userEmails": None}, [3, 2, 1, 0]),
        ({"eventTypes": ["LOG_IN", "UPDATE_SECRET"]}, [3, 1]),
        ({"deploymentNames": ["staging"]}, [2]),
        ({"userEmails": ["tom@acme.dev"]}, [1]),
        ({"isBranchDeployment": True}, [3]),
        ({"isBranchDeployment": False}, [2, 1, 0]),
        ({"afterDatetime": START.timestamp() + 1}, [3, 2, 1]),
        ({"beforeDatetime": START.timestamp() + 1}, [0]),
        ({"deploymentNames": ["staging"], "userEmails": ["tom@acme.dev"]}, []),
    ],
)
def test_filters(
    organization: Organization, ask: Ask, filters: dict[str, Any], found: list[int]
) -> None:
    given: list[dict[str, Any]] = [
        {},
        {"event_type": "secret.updated", "actor": {"kind": "user", "id": "tom@acme.dev"}},
        {"deployment": "staging", "actor": {"kind": "agent_token", "id": "tom@acme.dev"}},
        {"event_type": "user.logged_in", "branch_deployment": "fix"},
    ]
    made = [
        EventFactory.create(
            organization=organization, occurred_at=START + timedelta(seconds=n), **each
        )
        for n, each in enumerate(given)
    ]
    places = {str(event.id): n for n, event in enumerate(made)}
    assert [places[each["id"]] for each in entries(ask(QUERY, filters=filters))] == found


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"limit": 0}, "limit is 1 to 1,000"),
        ({"limit": MAX_LIMIT + 1}, "limit is 1 to 1,000, not 1,001."),
        ({"cursor": "nonsense"}, "cursor is the id of an entry"),
        ({"filters": {"afterDatetime": 1.7e15}}, "afterDatetime is in seconds since 1970"),
        ({"filters": {"userEmails": ["\0"]}}, "actor must be text"),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_so(
    ask: Ask, variables: dict[str, Any], said: str
) -> None:
    assert refusal(ask(QUERY, **variables)).startswith(said)


def test_any_deployment_in_the_address_is_the_whole_organisation(
    organization: Organization, ask: Ask
) -> None:
    EventFactory.create(organization=organization, deployment="prod")
    assert len(entries(ask(QUERY, path="/acme/staging/graphql"))) == 1


def test_each_page_costs_the_same(
    organization: Organization, ask: Ask, django_assert_max_num_queries: Any
) -> None:
    EventFactory.create_batch(30, organization=organization, after={"n": 1})
    ask(QUERY)
    documents = QUERY.replace("deploymentName", "event { before after patch }")
    for query, limit in ((QUERY, 5), (QUERY, 30), (documents, 5), (documents, 30)):
        with django_assert_max_num_queries(6):
            assert len(entries(ask(query, limit=limit))) == limit


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    size=st.integers(1, 7),
    arrivals=st.lists(st.tuples(st.integers(0, 40), st.integers(-40, 40)), max_size=6),
)
def test_pages_have_each_event_once_while_others_arrive(
    db: None, size: int, arrivals: list[tuple[int, int]]
) -> None:
    """Whatever their time: nothing that was there is lost, and nothing comes twice."""
    organization = OrganizationFactory.create()
    there = {str(EventFactory.create(organization=organization).id) for _ in range(20)}
    context = Context(Caller(organization=organization, identity="test"))
    seen: list[str] = []
    cursor = None
    for page in range(40):
        for when, seconds in arrivals:
            if when == page:
                at = START + timedelta(seconds=seconds)
                EventFactory.create(organization=organization, occurred_at=at)
        variables = {"limit": size, "cursor": cursor}
        result = schema.execute_sync(QUERY, variable_values=variables, context_value=context)
        assert not result.errors
        found = [each["id"] for each in result.data["auditLog"]["auditLogEntries"]]
        seen += found
        if len(found) < size:
            break
        cursor = found[-1]
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_the_printed_query_runs_by_a_foreign_client_while_events_are_recorded(
    committed_db: None, organization: Organization, reader: str
) -> None:
    there = {str(EventFactory.create(organization=organization).id) for _ in range(60)}
    done = Signal()

    def go_on_recording() -> None:
        while not done.is_set():
            actor = {"kind": "user", "id": "tom@acme.dev"}
            record(organization, event_type="schedule.updated", actor=actor)
        connection.close()

    with serving({"DATABASE_URL": database_url()}) as site:
        recording = Thread(target=go_on_recording)
        recording.start()
        transport = HTTPXTransport(
            url=f"http://127.0.0.1:{site.port}/acme/prod/graphql",
            headers={"Dagster-Cloud-Api-Token": reader},
        )
        seen: list[str] = []
        try:
            with Client(transport=transport, fetch_schema_from_transport=True) as client:
                page = [{"id": None}]
                while page:
                    variables = {"limit": 7, "cursor": page[-1]["id"]}
                    answer = client.execute(GraphQLRequest(QUERY, variable_values=variables))
                    page = answer["auditLog"]["auditLogEntries"]
                    seen += [str(entry["id"]) for entry in page]
        finally:
            done.set()
            recording.join()
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
