"""Views and columns by keyboard alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from audit.models import Organization
from tests.factories import START, EventFactory

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SAVED = "Changes of schedules"

expect.set_options(timeout=15_000)


@pytest.fixture
def log(
    context: BrowserContext,
    page: Page,
    live_server: Any,
    cookies: list[Any],
    organization: Organization,
) -> Page:
    for n, type in enumerate(("schedule.updated", "user.logged_in", "schedule.updated")):
        EventFactory.create(
            organization=organization,
            occurred_at=START + timedelta(minutes=n),
            event_type=type,
            details={"namespace": f"team-{n}"},
        )
    context.add_cookies(cookies)
    page.goto(f"{live_server.url}/acme/events/?event_type=schedule.updated")
    return page


def press(page: Page, selector: str, key: str = "Enter") -> None:
    page.locator(selector).focus()
    page.keyboard.press(key)


def check(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_a_view_is_saved_starred_opened_and_deleted_by_keyboard(log: Page) -> None:
    press(log, "#save-view")
    expect(log.locator("#name")).to_be_focused()
    log.keyboard.type(SAVED)
    press(log, "input[name=is_starred]", "Space")  # which is ticked at first
    check(log)
    press(log, "#name")
    expect(log.locator("h1")).to_have_text(SAVED)

    expect(log.locator(".view-bar .star")).to_have_attribute("aria-pressed", "false")
    press(log, ".view-bar .star")
    expect(log.locator(".view-bar .star")).to_have_attribute("aria-pressed", "true")
    check(log)

    press(log, "details.views > summary")
    press(log, "details.views a:has-text('All events')")
    expect(log.locator("tr.event")).to_have_count(4)  # with that of the view itself
    press(log, "details.views > summary")
    press(log, f"details.views a:has-text('{SAVED}')")
    expect(log.locator("h1")).to_have_text(SAVED)
    expect(log.locator("tr.event")).to_have_count(2)

    press(log, "details.views > summary")
    press(log, "details.views a:has-text('All views')")
    expect(log.locator("h1")).to_have_text("Views")
    check(log)
    press(log, ".does button:has-text('Delete')")
    expect(log.locator(".notice")).to_contain_text(f"Deleted “{SAVED}”.")
    press(log, ".notice button")
    expect(log.locator("h1")).to_have_text(SAVED)
    expect(log.locator("details.views li")).to_have_count(1)


def test_columns_are_chosen_and_ordered_by_keyboard(log: Page) -> None:
    press(log, "#columns")
    dialog = log.locator("#columns-dialog")
    expect(dialog).to_be_visible()
    check(log)
    press(log, "#columns-dialog input[value='details.namespace']", "Space")
    for _ in range(3):
        press(log, "#columns-dialog button[value='up:details']")
    log.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(log.locator("#columns")).to_be_focused()

    press(log, "#columns")
    expect(dialog).to_be_visible()
    for value in ("change", "deployment", "details"):
        press(log, f"#columns-dialog input[value='{value}']", "Space")
    press(log, "#columns-dialog input[value='details.namespace']", "Space")
    press(log, "#columns-dialog button[value='up:event']")
    expect(log.locator("#announcer")).to_have_text("Event, column 1")
    press(log, "#columns-dialog button.primary")
    expect(log.locator("#results thead th")).to_have_text(
        ["Time", "Event", "Actor", "namespace", "What changed"]
    )
    expect(log).to_have_url(re.compile("columns=time,event,actor,details.namespace"))
    log.goto(log.url.partition("?")[0])
    expect(log.locator("#results thead th")).to_have_count(5)


def test_columns_are_dragged_into_their_order(log: Page) -> None:
    press(log, "#columns")
    names = log.locator("#columns-dialog [data-columns] li input")
    expect(names.first).to_be_visible()
    before = [each.input_value() for each in names.all()]
    grips = log.locator("#columns-dialog .grip")
    from_, to = grips.nth(3).bounding_box(), grips.nth(0).bounding_box()
    assert from_
    assert to
    log.mouse.move(from_["x"] + 5, from_["y"] + 8)
    log.mouse.down()
    log.mouse.move(to["x"] + 5, to["y"] + 2, steps=8)
    log.mouse.up()
    after = [before[3], *before[:3], *before[4:]]
    assert [each.input_value() for each in names.all()] == after
    expect(log.locator("#announcer")).to_contain_text("column 1")
    press(log, "#columns-dialog button.primary")
    expect(log.locator("#results thead th").nth(1)).to_have_text("Deployment")


def test_a_link_to_the_rows_is_copied(log: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(log, "#frozen")
    expect(log.locator("#announcer")).to_have_text("Copied")
    copied = log.evaluate("navigator.clipboard.readText()")
    assert copied == log.evaluate("new URL(document.querySelector('#frozen').href).href")
    assert "as_of=" in copied
