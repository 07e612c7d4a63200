import json
from typing import Any

import pytest
from django.test import Client

from audit.api.event_schema import EVENT
from audit.recording.limits import MAX_CALL_EVENTS, MAX_TEXT
from audit.recording.validation import EXPORT_FIELDS, FIELDS
from tests.web.markup import read

pytestmark = pytest.mark.django_db

PAGE = "/acme/api/"
DOCUMENT = "/acme/api/openapi.json"


def test_the_schema_knows_every_field_and_no_other() -> None:
    assert set(EVENT["properties"]) == FIELDS | EXPORT_FIELDS
    parts = {"actor", "resource"}
    texts = {
        f"{part}.{name}": field
        for part in parts
        for name, field in EVENT["properties"][part]["properties"].items()
    } | {name: field for name, field in EVENT["properties"].items() if name not in parts}
    limits = {name: field["maxLength"] for name, field in texts.items() if "maxLength" in field}
    assert limits == MAX_TEXT


def test_everybody_may_read_the_description() -> None:
    document = Client().get(DOCUMENT).json()
    assert document["openapi"] == "3.1.0"
    operation = document["paths"]["/acme/api/events"]["post"]
    array = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"][1]
    assert array["maxItems"] == MAX_CALL_EVENTS
    assert {"201", "207", "400", "401", "422", "429"} <= set(operation["responses"])
    assert {"Event", "Problem", "Recording"} <= set(document["components"]["schemas"])


def test_the_description_tells_nothing_of_the_organisation(organization: Any) -> None:
    for page in (PAGE, DOCUMENT):
        known, unknown = (
            Client().get(page.replace("acme", slug)).content.decode() for slug in ("acme", "nobody")
        )
        assert known == unknown.replace("nobody", "acme")


def test_the_page_says_what_the_document_says() -> None:
    page = read(Client().get(PAGE))
    document = Client().get(DOCUMENT).json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            section = page.find("section", id=operation["operationId"])
            assert path in section.text
            for status, answer in operation["responses"].items():
                assert f"{status} " in section.text
                assert answer["description"] in section.text
            for parameter in operation["parameters"]:
                assert parameter["name"] in section.text
    event = page.find("section", id="schema-Event").text
    assert "actor.kind required" in event
    assert "at most 2,048 characters" in event
    assert "at most 64 keys" in event
    for name in EVENT["properties"]:
        assert name in event


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = read(Client().get(PAGE))
    sources = [tag["src"] for tag in page.find_all("script")]
    sources += [tag["href"] for tag in page.find_all("link")]
    assert all(source.startswith("/static/") for source in sources)


def test_the_example_of_the_page_can_be_recorded(post: Any) -> None:
    text = read(Client().get(PAGE)).find("pre").text
    body = text[text.index("-d '") + 4 : text.rindex("'")]
    assert post(json.loads(body)).status_code == 201
