"""Settings, Redaction: rules, trying them, looking a secret up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.models import Event, Organization, RedactionRule, Snapshot
from audit.models.redaction_rule import MAX_REDACTION_RULES
from audit.recording import record
from auditsite.models import User
from tests.web.markup import read

PAGE = "/acme/settings/redaction/"
NAME = {"masking": "name", "pattern": "iban", "event_type": ""}
MARA = {"kind": "user", "id": "mara.ito@acme.dev"}


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def rule(organization: Organization) -> RedactionRule:
    return RedactionRule.objects.create(organization=organization, **NAME)


def stored(organization: Organization, document: Any, event_type: str = "customer.updated") -> str:
    event = record(organization, event_type=event_type, actor=MARA, after=document)
    assert event is not None
    return Snapshot.objects.get(pk=event.pk).after or ""


@pytest.mark.parametrize(
    ("rule", "hidden"),
    [
        (NAME, True),
        ({"masking": "pointer", "pattern": "/bank/*/customerIban", "event_type": ""}, True),
        ({**NAME, "event_type": "customer.*"}, True),
        ({**NAME, "event_type": "customer.updated"}, True),
        ({**NAME, "event_type": "order.*"}, False),
    ],
)
def test_a_rule_masks_what_is_recorded_from_then_on(
    client: Client,
    organization: Organization,
    rule: dict[str, str],
    hidden: bool,
    django_capture_on_commit_callbacks: Any,
) -> None:
    document = {"bank": [{"customerIban": "PL61"}]}
    assert "PL61" in stored(organization, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(PAGE, rule)["Location"] == PAGE
    assert ("PL61" not in stored(organization, document)) == hidden


def test_a_name_can_be_kept_readable(
    client: Client, organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE, {"masking": "keep", "pattern": "token", "event_type": ""})
    assert stored(organization, {"token": "t1"}) == '{"token":"t1"}'


def test_adding_and_removing_a_rule_is_recorded(client: Client, organization: Organization) -> None:
    client.post(PAGE, NAME)
    rule = RedactionRule.objects.get()
    client.post(f"{PAGE}{rule.pk}/remove/")
    assert not RedactionRule.objects.exists()
    removed, added = Event.objects.order_by("-id")
    assert (added.event_type, removed.event_type) == (
        "redaction_rule.created", "redaction_rule.deleted",
    )  # fmt: skip
    assert Snapshot.objects.get(pk=added.pk).after == Snapshot.objects.get(pk=removed.pk).before
    assert added.resource_name == "iban"


def test_removing_asks_first(client: Client, rule: RedactionRule) -> None:
    page = read(client.get(f"{PAGE}{rule.pk}/remove/"))
    assert "iban" in page.find("h2", class_="section-title").text
    assert RedactionRule.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"masking": "pointer", "pattern": "spec"}, "A place begins with a slash"),
        ({"masking": "name", "pattern": "--"}, "A name holds a letter or a digit"),
        ({"pattern": ""}, "Say which name or place"),
        ({"masking": "hide"}, "not one of the available choices"),
        ({"event_type": "a*b"}, "A star stands last"),
        ({"pattern": "x" * 600}, "at most 512 characters"),
        ({"pattern": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_wrong_rule_is_shown_again_with_what_is_wrong(
    client: Client, organization: Organization, fields: dict[str, str], said: str
) -> None:
    response = client.post(PAGE, NAME | fields)
    assert response.status_code == 400
    assert said in read(response).text
    assert not RedactionRule.objects.exists()


def test_the_same_rule_is_made_once(client: Client, rule: RedactionRule) -> None:
    response = client.post(PAGE, NAME)
    assert response.status_code == 400
    assert "There is this rule already" in read(response).text


def test_there_are_not_more_rules_than_recording_can_look_at(
    client: Client, organization: Organization
) -> None:
    RedactionRule.objects.bulk_create(
        RedactionRule(organization=organization, masking="name", pattern=f"n{n}")
        for n in range(MAX_REDACTION_RULES)
    )
    assert client.post(PAGE, NAME).status_code == 400


def test_a_trial_shows_what_would_be_stored_and_stores_nothing(
    client: Client, rule: RedactionRule
) -> None:
    document = '{"iban": "PL61", "password": "hunter2", "city": "Warsaw"}'
    page = read(client.post(f"{PAGE}try/", {"document": document}))
    after = "".join(cell.text for cell in page.find_all("td", data_side="after"))
    assert "Warsaw" in after
    assert "hunter2" not in after
    assert "PL61" not in after
    assert "2 values would be masked" in page.text
    assert not Event.objects.exists()


@pytest.mark.parametrize("document", ["", "{", "[" * 300, "x" * 20_001])
def test_a_trial_of_what_is_no_document_says_so(client: Client, document: str) -> None:
    response = client.post(f"{PAGE}try/", {"document": document})
    assert response.status_code == 400
    assert read(response).find_all("p", class_="errors")


@pytest.mark.parametrize("where", ["password", "text"])
def test_a_secret_is_looked_up_by_its_fingerprint(
    client: Client, organization: Organization, where: str
) -> None:
    secret = "ghp_" + "a1B2" * 9
    documents = {"password": {"password": secret}, "text": {"script": f"push {secret} now"}}
    stored(organization, documents[where])
    response = client.post(f"{PAGE}look-up/", {"secret": secret})
    assert secret not in response.text
    link = next(a for a in read(response).find_all("a") if "Show the events" in a.text)
    rows = read(client.get(link["href"])).find_all("tr", class_="event")
    assert len(rows) == 1
    assert Event.objects.filter(event_type="redaction.searched").count() == 1


def test_a_secret_that_no_event_held_is_not_found(client: Client) -> None:
    assert "No event held it" in read(client.post(f"{PAGE}look-up/", {"secret": "x"})).text
    again = read(client.post(f"{PAGE}look-up/", {"secret": "x"})).text
    assert "No event held it" in again, "the first look-up is no trace of it"


def test_the_page_costs_the_same_however_many_rules_there_are(
    client: Client, organization: Organization, django_assert_max_num_queries: Any
) -> None:
    for n in range(9):
        RedactionRule.objects.create(organization=organization, masking="name", pattern=f"n{n}")
    with django_assert_max_num_queries(6):
        client.get(PAGE)


def test_rules_of_others_are_neither_shown_nor_removed(
    signed_in: Callable[[User], Client], rule: RedactionRule, stranger: User, member: User
) -> None:
    theirs = stranger.memberships.get().organization.slug
    client = signed_in(stranger)
    assert (
        "iban"
        not in read(client.get(f"/{theirs}/settings/redaction/"))
        .find("main")
        .text.split("Add a rule")[0]
    )
    for path in (f"/{theirs}/settings/redaction/{rule.pk}/remove/", f"{PAGE}{rule.pk}/remove/"):
        assert client.post(path).status_code == 404
    for path in ("try/", "look-up/", f"{rule.pk}/remove/", ""):
        assert client.post(PAGE + path).status_code == 404
        assert signed_in(member).post(PAGE + path).status_code == 403
        assert Client().post(PAGE + path).status_code == 302
    assert RedactionRule.objects.exists()
