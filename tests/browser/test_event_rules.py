"""From a flood of events to a rule against them, and what it left out."""

from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from audit.models import ApiKey, Event, Organization, Scope
from tests.api.events import event


def test_a_level_is_switched_off_for_a_group(
    page: Page,
    context: BrowserContext,
    cookies: list[Any],
    live_server: Any,
    organization: Organization,
    problems: list[str],
) -> None:
    key = ApiKey.objects.issue(organization, name="app", scopes=[Scope.EVENTS_WRITE])[1]
    context.add_cookies(cookies)
    page.goto(f"{live_server.url}/acme/settings/event-rules/")
    page.get_by_role("link", name="Add a group").click()
    page.get_by_label("Name").fill("Robots")
    page.get_by_label("Actors, by id").fill("etl-*")
    page.get_by_role("button", name="Add group").click()

    # Only what is chosen is asked for.
    expect(page.get_by_label("Type", exact=True)).to_be_visible()
    page.get_by_role("radio", name="A level").check()
    expect(page.get_by_label("Type", exact=True)).to_be_hidden()
    page.get_by_label("Level", exact=True).select_option("Debug")
    page.get_by_label("For", exact=True).select_option("Robots")
    page.get_by_label("Reason").fill("It says everything twice")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator("[data-rule]")).to_contain_text("nothing so far")

    actors = [{"kind": "system", "id": id} for id in ("etl-1", "etl-2", "cron")]
    sent = [event(event_type="log", details={"level": "debug"}, actor=actor) for actor in actors]
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{live_server.url}/acme/api/events", json=sent, headers=headers)
    assert (answer.status_code, answer.json()["suppressed"]) == (201, 2)
    assert Event.objects.get(event_type="log").actor_id == "cron"

    page.reload()
    expect(page.locator("[data-suppressed='2']")).to_be_visible()
    page.get_by_role("link", name="Remove the rule for Level debug").click()
    page.get_by_role("button", name="Remove rule").click()
    expect(page.get_by_role("heading", name="Everything is recorded")).to_be_visible()
    assert problems == []
