"""From the settings to the first event over HTTP, and to the end of the key."""

from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from audit.models import Event, Organization
from tests.api.events import event

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def test_a_key_is_made_copied_used_and_revoked(
    page: Page,
    context: BrowserContext,
    cookies: list[Any],
    live_server: Any,
    organization: Organization,
    problems: list[str],
) -> None:
    context.add_cookies(cookies)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(f"{live_server.url}/acme/events/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()

    page.get_by_label("Name").fill("worker")
    page.get_by_role("button", name="Create key").click()
    shown = page.locator("#key")
    expect(shown).to_be_visible()
    assert Axe().run(page, options=AXE).response["violations"] == []
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert key == shown.inner_text()

    def send() -> int:
        headers = {"Authorization": f"Bearer {key}"}
        body = event(before={"paused": False}, after={"paused": True})
        url = f"{live_server.url}/acme/api/events"
        return httpx.post(url, json=body, headers=headers).status_code

    assert send() == 201
    sent = Event.objects.get(event_type="schedule.updated")
    page.goto(f"{live_server.url}/acme/events/{sent.id}/")
    expect(page.locator("[data-side=after] ins").first).to_have_text("true")

    page.goto(f"{live_server.url}/acme/settings/api-keys/")
    row = page.locator("[data-api-key]")
    expect(row).to_contain_text("Active")
    expect(row).not_to_contain_text("never used")
    row.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke key").click()
    expect(page.locator("[data-api-key]")).to_contain_text("Revoked")
    assert send() == 401
    assert problems == []
