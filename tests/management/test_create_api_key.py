from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import ApiKey, Event, Organization


def create(capsys: pytest.CaptureFixture[str], *arguments: str, **options: Any) -> str:
    call_command("create_api_key", *arguments, **options)
    return capsys.readouterr().out


def test_the_key_and_nothing_else_is_printed(
    organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    text = create(capsys, "acme", "nightly").removesuffix("\n")
    key = ApiKey.objects.holding(text)
    assert key is not None
    assert (key.name, key.scopes, key.expires_at) == ("nightly", ["events:write"], None)
    event = Event.objects.get(organization=organization)
    assert (event.event_type, event.actor_kind) == ("api_key.created", "system")


def test_scopes_and_an_end_can_be_given(
    organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    create(capsys, "acme", "n", "--scope", "events:read", "--scope", "events:write", "--days", "1")
    key = ApiKey.objects.get()
    assert key.scopes == ["events:read", "events:write"]
    assert key.expires_at is not None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "n"], "There is no organisation “nobody”."),
        (["acme", "n" * 101], "1 to 100 characters"),
        (["acme", "n", "--days", "0"], "--days must be"),
    ],
)
def test_what_can_not_be_is_said(
    organization: Organization, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("create_api_key", *arguments)
