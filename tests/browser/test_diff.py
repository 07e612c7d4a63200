import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import EventFactory

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

SCRIPT = "".join(f"echo step {number}\n" for number in range(20))
BEFORE = {
    "cron": "0 2 * * *",
    "paused": False,
    "items": [*range(100, 140)],
    "script": f"set -e\n{SCRIPT}old\n",
    "secret": {"$redacted": "f1"},
    "port": "80",
}
AFTER = BEFORE | {
    "cron": "30 4 * * *",
    "script": f"set -e\n{SCRIPT}new\n",
    "secret": {"$redacted": "f2"},
    "port": 80,
    "zone": "UTC",
}


@pytest.fixture
def event(organization: Organization) -> Event:
    return EventFactory.create(
        organization=organization,
        resource={"type": "schedule", "id": "nightly"},
        change="updated",
        details={"namespace": "company.finance"},
        before=BEFORE,
        after=AFTER,
    )


@pytest.fixture
def sign_in(
    live_server: LiveServer, signed_in: Callable[[User], Client], admin: User
) -> Callable[[BrowserContext], None]:
    def give_session(context: BrowserContext) -> None:
        name = settings.SESSION_COOKIE_NAME
        session = signed_in(admin).cookies[name].value
        context.add_cookies([{"name": name, "value": session, "url": live_server.url}])

    return give_session


@pytest.fixture
def opened(
    page: Page, sign_in: Callable[[BrowserContext], None], live_server: LiveServer, event: Event
) -> Page:
    """The page of the event."""
    sign_in(page.context)
    page.goto(live_server.url + path_of(event))
    return page


def path_of(event: Event) -> str:
    return reverse("audit:event-detail", args=["acme", event.id])


def clipboard(page: Page) -> str:
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


def cell(page: Page, side: str, text: str) -> Any:
    return page.locator(f"[data-side={side}]", has_text=text).first


def select(page: Page, start: Any, end: Any) -> None:
    """Drag the mouse from the beginning of one cell to the end of another."""
    first, last = start.bounding_box(), end.bounding_box()
    page.mouse.move(first["x"] + 11, first["y"] + 8)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 3, last["y"] + last["height"] - 4, steps=6)
    page.mouse.up()


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("view", ["split", "unified"])
def test_what_is_selected_in_one_column_is_copied_as_its_json(
    opened: Page, side: str, view: str
) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.goto(f"{opened.url}?view={view}&full=1")
    opened.set_viewport_size({"width": 1440, "height": 2200})
    # Where lines are the same, the unified view shows them once, in the right cells.
    first = opened.locator(f"[data-side={'after' if view == 'unified' else side}]").first
    last = opened.locator(f"[data-side={'after' if view == 'unified' else side}]").last
    if view == "unified":
        first = cell(opened, side, "cron")
    select(opened, first, last)
    opened.keyboard.press("ControlOrMeta+c")
    copied = clipboard(opened)
    if view == "unified":
        copied = "{" + copied.strip()
    assert json.loads(copied) == (BEFORE if side == "before" else AFTER)


def test_a_part_of_a_line_is_copied_as_it_is(opened: Page) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    word = opened.locator("ins", has_text="30 4")
    word.evaluate("word => getSelection().selectAllChildren(word)")
    opened.keyboard.press("ControlOrMeta+c")
    assert clipboard(opened) == "30 4"


def test_unfolding_keeps_the_place_and_the_focus(opened: Page) -> None:
    fold = opened.get_by_role("link", name=re.compile("unchanged line")).first
    fold.focus()
    fold.scroll_into_view_if_needed()
    above = opened.locator("tr:has(+ tr.fold)").first.element_handle()
    place = above.bounding_box()
    count = opened.locator(".diff tbody tr").count()
    opened.keyboard.press("Enter")
    expect(fold).not_to_be_attached()
    assert opened.locator(".diff tbody tr").count() > count
    assert above.bounding_box() == place
    assert opened.evaluate("document.activeElement.matches('.diff tr')")


def test_without_a_script_the_diff_reads_and_unfolds(
    browser: Any, sign_in: Callable[[BrowserContext], None], live_server: LiveServer, event: Event
) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context)
    page = context.new_page()
    page.goto(live_server.url + path_of(event))
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()
    page.get_by_role("link", name=re.compile("unchanged line")).first.click()
    assert "unfold=" in page.url
    expect(page.get_by_text("120,").first).to_be_visible()
    page.get_by_text("unchanged lines of this text").click()
    expect(page.locator("[data-side=after] .more").first).to_be_visible()
    page.get_by_role("link", name="Unified").click()
    expect(page.locator(".panel")).to_have_attribute("data-view", "unified")
    context.close()


def test_the_view_changes_at_once_and_is_remembered(opened: Page) -> None:
    table = opened.locator(".diff")
    left, right = cell(opened, "before", "cron"), cell(opened, "after", "cron")
    assert left.bounding_box()["y"] == right.bounding_box()["y"]
    opened.get_by_role("link", name="Unified").click()
    assert left.bounding_box()["y"] + left.bounding_box()["height"] == right.bounding_box()["y"]
    expect(opened.get_by_role("link", name="Side by side")).to_be_focused()
    opened.reload()
    assert left.bounding_box()["y"] < right.bounding_box()["y"]
    expect(table).to_be_visible()


def test_narrow_screens_read_unified_and_do_not_scroll_sideways(opened: Page) -> None:
    opened.set_viewport_size({"width": 390, "height": 844})
    left, right = cell(opened, "before", "cron"), cell(opened, "after", "cron")
    assert left.bounding_box()["y"] + left.bounding_box()["height"] == right.bounding_box()["y"]
    assert left.bounding_box()["x"] == right.bounding_box()["x"]
    assert opened.evaluate("document.documentElement.scrollWidth") == 390


def test_lines_of_a_text_stand_level(opened: Page) -> None:
    opened.get_by_text("unchanged lines of this text").click()
    old = opened.locator("[data-side=before] .block", has_text="old").first.bounding_box()
    new = opened.locator("[data-side=after] .block", has_text="new").first.bounding_box()
    assert old
    assert new
    assert old["y"] == new["y"]


def test_a_changed_line_offers_its_pointer_and_value_to_the_mouse(opened: Page) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    number = opened.locator(".ln[data-pointer='/cron']").last
    number.hover()
    opened.get_by_role("button", name="/cron").click()
    opened.get_by_role("button", name="Copy JSON Pointer").click()
    expect(opened.get_by_role("status")).to_have_text("Copied")
    assert clipboard(opened) == "/cron"
    opened.get_by_role("button", name="Copy value").click()
    expect(opened.get_by_role("button", name="Copied")).to_have_count(2)
    assert clipboard(opened) == '"30 4 * * *"'
    expect(opened.get_by_role("link", name="Open value")).to_have_attribute(
        "href", re.compile(r"/after\.json\?pointer=%2Fcron$")
    )


def test_a_changed_line_offers_its_pointer_and_value_to_the_keyboard(opened: Page) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = opened.locator(".line-button")
    expect(button).to_have_count(1)  # one stop on the way through the page, not one a line
    button.focus()
    expect(button).to_have_accessible_name("Copy from line 2, /cron")
    for _ in range(2):
        opened.keyboard.press("ArrowDown")
    expect(button).to_be_focused()
    expect(button).to_have_accessible_name(re.compile("/script"))
    opened.keyboard.press("ArrowUp")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("button", name="Copy JSON Pointer")).to_be_focused()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("status")).to_have_text("Copied")
    assert clipboard(opened) == '"30 4 * * *"'
    opened.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_patch_and_the_link_can_be_copied(opened: Page, live_server: LiveServer) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.get_by_role("button", name="Copy link").click()
    expect(opened.get_by_role("status")).to_have_text("Copied")
    assert clipboard(opened).startswith(opened.url.partition("?")[0] + "?tz=")
    opened.get_by_text("JSON", exact=True).click()
    opened.get_by_role("button", name="Copy patch").click()
    expect(opened.get_by_role("status")).to_have_text("Copied")
    assert {"op": "replace", "path": "/port", "value": 80} in json.loads(clipboard(opened))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?view=unified", "?full=1"])
def test_nobody_is_shut_out(opened: Page, theme: Any, query: str) -> None:
    opened.emulate_media(color_scheme=theme)
    opened.goto(opened.url + query)
    found = Axe().run(opened, options={"runOnly": _RULES}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_tables_are_still_tables_to_screen_readers(opened: Page) -> None:
    table = opened.get_by_role("table")
    expect(table).to_have_accessible_name(re.compile("what changed"))
    assert table.get_by_role("row").count() > 5
    expect(table.get_by_role("columnheader", name="After")).to_be_visible()
    told = table.get_by_role("row").filter(has_text='"cron"').aria_snapshot()
    assert "removed" in told
    assert "added" in told


def test_the_panel_works_inside_the_list(
    page: Page, sign_in: Callable[[BrowserContext], None], live_server: LiveServer, event: Event
) -> None:
    sign_in(page.context)
    page.goto(live_server.url + reverse("audit:event-list", args=["acme"]))
    page.get_by_role("link", name=re.compile("^Show")).click()
    expect(page.locator(".panel")).to_be_visible()
    address = page.url
    assert f"open={event.id}" in address
    page.get_by_role("link", name=re.compile("unchanged line")).first.click()
    expect(page.get_by_text("120,").first).to_be_visible()
    page.get_by_role("link", name="Unfold all").click()
    expect(page.get_by_role("link", name="Fold", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name=re.compile("unchanged line"))).to_have_count(0)
    assert page.url == address
    page.get_by_role("link", name="Permalink").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Update schedule")
    page.go_back()
    expect(page.locator(".panel")).to_be_visible()
    page.get_by_text("JSON", exact=True).click()
    page.get_by_role("link", name="Document after").click()
    assert json.loads(page.locator("pre").inner_text()) == AFTER
