import json
from typing import Any

import jsonschema_rs
from django.test import Client

from audit.api.event_schema import EVENT
from audit.models import Event, Organization
from tests.api.events import event
from tests.factories import EventFactory


def get(event: Event, key: str, slug: str = "acme") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    return Client().get(f"/{slug}/api/events/{event.id}", headers=headers)


def test_an_event_is_read_as_it_was_sent(post: Any, reader: str) -> None:
    document = '{"b":1.10,"a":[{}]}'
    body = json.dumps(event(details={"n": "1"}, before=None, after="HERE"))
    post(body.replace('"HERE"', document).encode())
    response = get(Event.objects.get(event_type="schedule.updated"), reader)
    assert response.status_code == 200
    assert document in response.content.decode()
    read = response.json()
    assert (read["organization"], read["details"], read["before"]) == ("acme", {"n": "1"}, None)
    jsonschema_rs.validate(EVENT, read)
    # What was read can be sent as it is, and is the same event.
    again = post(response.content)
    assert (again.status_code, again.json()["duplicates"]) == (201, 1)


def test_an_event_without_documents_has_none(organization: Organization, reader: str) -> None:
    read = get(EventFactory.create(organization=organization), reader).json()
    assert "before" not in read
    jsonschema_rs.validate(EVENT, read)


def test_a_key_that_may_only_record_reads_nothing(
    organization: Organization, key: str, reader: str
) -> None:
    mine = EventFactory.create(organization=organization)
    assert get(mine, key).status_code == 403
    assert get(mine, "").status_code == 401


def test_nobody_reads_what_another_organisation_recorded(reader: str) -> None:
    theirs = EventFactory.create()
    for slug in ("acme", theirs.organization.slug):
        response = get(theirs, reader, slug)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_reading_costs_the_same_for_every_event(
    organization: Organization, reader: str, django_assert_num_queries: Any
) -> None:
    mine = EventFactory.create(organization=organization, after={"n": 1})
    get(mine, reader)
    with django_assert_num_queries(4):  # the key, its rate, the event, its documents
        get(mine, reader)
