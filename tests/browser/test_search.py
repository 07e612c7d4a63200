"""The search box, by keyboard and by pointer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect

from audit.models import Organization
from auditsite.models import User
from tests.factories import EventFactory

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
expect.set_options(timeout=15_000)


@pytest.fixture
def cookies(live_server: Any, admin: User, signed_in: Callable[[User], Client]) -> list[Any]:
    session = signed_in(admin).cookies["session"]
    chosen = {"session": session.value, "time_zone": "UTC"}
    return [{"name": n, "value": v, "url": live_server.url} for n, v in chosen.items()]


@pytest.fixture
def address(live_server: Any, organization: Organization) -> str:
    for deployment in ("prod", "prod", "staging"):
        EventFactory.create(organization=organization, deployment=deployment, summary="Paused 𝒳")
    return f"{live_server.url}/acme/events/"


@pytest.fixture
def log(page: Page, context: BrowserContext, cookies: list[Any], address: str) -> Page:
    context.add_cookies(cookies)
    page.goto(address)
    return page


def box_of(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search events")


def caret(box: Locator) -> int:
    at: int = box.evaluate("box => box.selectionStart")
    return at


def test_a_query_is_put_together_by_keyboard(log: Page) -> None:
    table = log.locator(".events").bounding_box()
    log.keyboard.press("/")
    box = box_of(log)
    expect(box).to_be_focused()
    # A letter of two UTF-16 units before the place where one types.
    box.press_sequentially("𝒳 -dep")
    option = log.get_by_role("option", name="deployment:")
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert Axe().run(log, options=AXE).response["violations"] == []
    log.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    log.keyboard.press("Enter")
    expect(box).to_have_value("𝒳 -deployment:")
    assert caret(box) == len("XX -deployment:")

    expect(log.get_by_role("option")).to_have_text(["prod 2 events", "staging 1 events"])
    assert log.locator(".events").bounding_box() == table
    chosen = log.locator("[aria-selected=true]")
    for key, name in [
        ("ArrowDown", "prod"),
        ("End", "staging"),
        ("Home", "prod"),
        ("End", "staging"),
    ]:
        log.keyboard.press(key)
        expect(chosen).to_contain_text(name)
    log.keyboard.press("Tab")
    expect(box).to_have_value("𝒳 -deployment:staging ")
    expect(box).to_be_focused()

    expect(log.get_by_role("listbox")).to_be_visible()
    log.keyboard.press("Escape")
    expect(log.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("𝒳 -deployment:staging ")
    expect(box).to_be_focused()
    log.keyboard.press("Enter")
    expect(log.locator("tr[data-event-id]")).to_have_count(2)
    expect(box_of(log)).to_be_focused()
    assert caret(box_of(log)) == len("XX -deployment:staging ")


def test_what_is_typed_while_results_are_under_way_stays(log: Page) -> None:
    box_of(log).fill("paused")
    held: list[Any] = []
    log.route(re.compile(r"/events/\?q=paused"), lambda route: held.append(route))
    log.keyboard.press("Enter")
    expect(log.locator("#results")).to_have_class("log htmx-request")
    log.keyboard.type(" prod")
    held[0].continue_()
    expect(log.locator("[data-filter='q=paused']")).to_be_visible()
    expect(box_of(log)).to_have_value("paused prod")
    assert caret(box_of(log)) == len("paused prod")


def test_a_suggestion_is_one_key_away(log: Page) -> None:
    box_of(log).fill("deploymnt:staging")
    log.keyboard.press("Enter")
    expect(log.get_by_role("link", name="deployment:staging")).to_be_visible()
    log.keyboard.press("ArrowDown")
    expect(box_of(log)).to_have_value("deployment:staging")
    log.keyboard.press("Enter")
    expect(log.locator("tr[data-event-id]")).to_have_count(1)


def test_an_option_can_be_clicked(log: Page) -> None:
    box_of(log).click()
    box_of(log).press_sequentially("deployment:st")
    log.get_by_role("option", name="staging").click()
    expect(box_of(log)).to_have_value("deployment:staging ")
    expect(box_of(log)).to_be_focused()
    log.get_by_role("heading", name="Audit log").click()
    expect(log.get_by_role("listbox")).to_have_count(0)


def test_an_option_that_was_taken_can_be_undone(log: Page) -> None:
    log.keyboard.press("/")
    box_of(log).press_sequentially("paused -dep")
    expect(log.get_by_role("option", name="deployment:")).to_be_visible()
    log.keyboard.press("ArrowDown")
    log.keyboard.press("Enter")
    expect(box_of(log)).to_have_value("paused -deployment:")
    log.keyboard.press("ControlOrMeta+z")
    expect(box_of(log)).to_have_value("paused -dep")
    log.keyboard.press("ControlOrMeta+Shift+z")
    expect(box_of(log)).to_have_value("paused -deployment:")


def test_escape_closes_the_list_and_then_leaves_the_box(log: Page) -> None:
    log.keyboard.press("/")
    box_of(log).press_sequentially("dep")
    expect(log.get_by_role("listbox")).to_be_visible()
    log.keyboard.press("Escape")
    expect(log.get_by_role("listbox")).to_have_count(0)
    expect(box_of(log)).to_be_focused()
    log.keyboard.press("Escape")
    log.keyboard.press("j")
    expect(box_of(log)).to_have_value("dep")
    expect(log.locator("tr.event a[data-panel]").first).to_be_focused()
