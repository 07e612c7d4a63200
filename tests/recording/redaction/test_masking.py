"""Events on their way through redaction."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Organization
from audit.recording.redaction import (
    NOTHING_MORE,
    Redacted,
    Rules,
    fingerprint_of,
    possible_fingerprints,
    redact,
)
from audit.recording.redaction.names import words_of_name

ACME = Organization(slug="acme", id_salt=b"0123456789abcdef")
OTHER = Organization(slug="other", id_salt=b"fedcba9876543210")
TOKEN = "ghp_" + "a1B2" * 9


def redacted(
    event: dict[str, Any], rules: Rules = NOTHING_MORE, whose: Organization = ACME
) -> Redacted:
    return redact(event, fingerprint_of(whose), rules)


def after(document: Any, rules: Rules = NOTHING_MORE) -> Any:
    return redacted({"after": document}, rules).event["after"]


def is_masked(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["$redacted"]


@pytest.mark.parametrize("secret", ["hunter2", 42, 4.5])
def test_a_leaf_with_a_secret_name_is_masked_whatever_its_type(secret: object) -> None:
    document = after({"db": {"password": secret, "host": "db1"}})
    assert is_masked(document["db"]["password"])
    assert document["db"]["host"] == "db1"


@pytest.mark.parametrize(
    "value", [None, True, False, "", "{{ secret('db') }}", "${DB_PASSWORD}", "$PASSWORD"]
)
def test_where_there_is_no_value_a_switch_or_only_its_place_nothing_is_hidden(
    value: object,
) -> None:
    assert after({"password": value}) == {"password": value}


def test_of_a_list_with_a_secret_name_each_item_is_masked() -> None:
    assert all(map(is_masked, after({"tokens": ["a", 1]})["tokens"]))


def test_an_object_with_a_secret_name_is_looked_into() -> None:
    document = after({"token": {"id": "t1", "secret": "x"}})
    assert document["token"]["id"] == "t1"
    assert is_masked(document["token"]["secret"])


def test_the_values_of_a_kubernetes_secret_are_masked() -> None:
    document = after({"kind": "Secret", "metadata": {"name": "db"}, "data": {"url": "cG9zdA=="}})
    assert is_masked(document["data"]["url"])
    assert document["metadata"] == {"name": "db"}


def test_the_same_secret_shows_as_the_same_and_another_as_another() -> None:
    event = redacted({"before": {"password": "a"}, "after": {"password": "a"}}).event
    assert event["before"] == event["after"]
    assert after({"password": "a"}) != after({"password": "b"})
    assert after({"password": "1"}) != after({"password": 1})


def test_two_organisations_have_different_fingerprints_of_one_secret() -> None:
    event = {"after": {"password": "a"}}
    assert redacted(event).fingerprints != redacted(event, whose=OTHER).fingerprints


def test_a_secret_that_is_pasted_gives_the_fingerprint_of_where_it_was() -> None:
    event = redacted({"after": {"password": "a"}, "summary": f"pushed with {TOKEN}"})
    assert possible_fingerprints(ACME, "a")[0] in event.fingerprints
    assert possible_fingerprints(ACME, TOKEN)[0] in event.fingerprints


def test_a_secret_is_still_found_after_the_key_has_changed(settings: Any) -> None:
    old = redacted({"after": {"password": "a"}}).fingerprints[0]
    settings.AUDIT_FINGERPRINT_KEYS = ["the new one", settings.SECRET_KEY]
    new = redacted({"after": {"password": "a"}}).fingerprints[0]
    assert possible_fingerprints(ACME, "a") == (new, old)


def test_details_and_texts_are_masked_by_name_and_by_form() -> None:
    event: Any = redacted(
        {
            "summary": f"used {TOKEN} twice",
            "details": {"api_key": "k", "url": f"https://x/?t={TOKEN}", "region": "eu"},
            "actor": {"kind": "user", "id": TOKEN},
            "after": {"script": f"curl -H {TOKEN}", TOKEN: 1},
        }
    ).event
    assert TOKEN not in json.dumps(event)
    assert event["details"]["region"] == "eu"
    assert event["details"]["api_key"].startswith("[redacted ")
    assert event["summary"].startswith("used [redacted ")


def test_what_was_redacted_already_stays_as_it_is() -> None:
    given = {"summary": TOKEN, "details": {"password": "x"}, "after": {"password": "y"}}
    once = redacted(given)
    assert redacted({**once.event}).event == once.event


def test_the_event_that_was_given_is_not_changed() -> None:
    given = {"after": {"a": [{"password": "x"}]}, "details": {"token": "x"}}
    copy = json.loads(json.dumps(given))
    redacted(given)
    assert given == copy


def test_a_name_can_be_added_and_one_can_be_kept() -> None:
    rules = Rules(names=(words_of_name("iban"),), kept=frozenset({words_of_name("token")}))
    document = after({"customerIban": "PL1", "token": "t1", "accessToken": "x"}, rules)
    assert is_masked(document["customerIban"])
    assert document["token"] == "t1"
    assert is_masked(document["accessToken"]), "only the very name is kept"


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], "x", 0, True])
def test_a_place_is_masked_whatever_stands_there(value: object) -> None:
    rules = Rules(pointers=(("spec", "env", "*", "value"),))
    document = after({"spec": {"env": [{"value": value}, {"other": 1}]}, "value": 1}, rules)
    assert is_masked(document["spec"]["env"][0]["value"])
    assert document["spec"]["env"][1] == {"other": 1}
    assert document["value"] == 1


def test_the_whole_document_can_be_the_place() -> None:
    assert is_masked(after({"a": 1}, Rules(pointers=((),))))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.sampled_from(["password", "kind", "data"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_no_document_breaks_it_and_redacting_twice_changes_nothing(document: Any) -> None:
    once = redacted({"after": document})
    assert redacted({**once.event}).event == once.event


@given(_JSON)
def test_a_secret_does_not_come_through_wherever_it_stands(document: Any) -> None:
    event = {"after": [document, {"password": "correct horse", "deep": [[{"x": TOKEN}]]}]}
    text = json.dumps(redacted(event).event)
    assert "correct horse" not in text
    assert TOKEN not in text


def test_what_is_no_json_is_left_for_validation_to_refuse() -> None:
    nested: Any = []
    for _ in range(400):
        nested = [nested]
    assert redacted({"after": {"password": nested, "token": object(), "deep": nested}})
