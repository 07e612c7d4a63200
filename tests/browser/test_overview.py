import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route, expect

from audit.models import Organization
from audit.recording import record_many
from auditsite.models import User
from tests.factories import START

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOURS = "since=2026-03-02T09:00:00Z&until=2026-03-02T20:00:00Z"

# Milliseconds; other tests may keep the machine busy.
expect.set_options(timeout=15_000)

_RECORD_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.shifts.push(entry.sources.map((s) => s.node?.outerHTML));
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def page_of_events(
    page: Page,
    context: BrowserContext,
    live_server: Any,
    admin: User,
    organization: Organization,
    signed_in: Callable[[User], Client],
) -> Page:
    """Sixty events, one every ten minutes; the counts wait until ``let_counts_in``."""
    events = [
        {
            "occurred_at": START + timedelta(minutes=10 * n),
            "event_type": "secret.deleted" if n % 20 == 0 else "user.logged_in",
            "outcome": "failure" if n % 15 == 1 else "success",
            "actor": {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"},
            "deployment": f"d{n % 12}",
            "details": {f"key{n % 12}": str(n % 4), "team": "data"},
        }
        for n in range(60)
    ]
    assert record_many(organization, events).recorded == 60
    session = signed_in(admin).cookies["session"].value
    chosen = {"session": session, "time_zone": "UTC"}
    context.add_cookies(
        [{"name": n, "value": v, "url": live_server.url} for n, v in chosen.items()]
    )
    page.add_init_script(_RECORD_SHIFTS)
    return page


@pytest.fixture
def problems(page: Page) -> list[str]:
    """What the browser complains of."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
    return told


def bars(page: Page) -> Any:
    return page.locator("[data-histogram] .bar")


def address(page: Page) -> str:
    return page.url.partition("?")[2]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_counts_come_after_the_table_and_move_nothing(
    width: int, page_of_events: Page, live_server: Any, problems: list[str]
) -> None:
    page, held = page_of_events, list[Route]()
    page.set_viewport_size({"width": width, "height": 900})
    page.route("**/events/overview/**", lambda route: held.append(route))
    page.goto(f"{live_server.url}/acme/events/?{HOURS}")
    expect(page.locator("tr[data-event-id]")).to_have_count(50)
    expect(page.locator("[data-total]")).to_have_count(0)
    table, rail = page.locator(".events"), page.locator("#facet-deployment")
    before = table.bounding_box(), rail.bounding_box()
    held[0].continue_()
    expect(page.locator("[data-total='60'][data-bounded=false]")).to_have_text("60 events")
    expect(page.locator("#rail a[data-facet=actor][data-count='60']")).to_have_count(1)
    expect(page.locator("#counted")).to_have_text("60 events in all")
    assert (table.bounding_box(), rail.bounding_box()) == before
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") == []
    assert Axe().run(page, options=AXE).response["violations"] == []
    assert problems == []


def test_counts_arriving_leave_the_focus_and_what_is_open(
    page_of_events: Page, live_server: Any
) -> None:
    page, held = page_of_events, list[Route]()
    page.route("**/events/overview/**", lambda route: held.append(route))
    page.goto(f"{live_server.url}/acme/events/")
    value = page.locator("#rail a[data-facet=deployment]", has_text="d11")
    page.locator("#facet-tagteam summary").click()
    page.locator("#find-actor").fill("mar")
    value.focus()
    held[0].continue_()
    expect(page.locator("#rail a[data-tag='team:data'][data-count='60']")).to_be_visible()
    expect(value).to_be_focused()
    expect(value).to_have_attribute("data-count", "5")
    expect(page.locator("#find-actor")).to_have_value("mar")
    expect(page.locator("#facet-more-keys > summary")).to_contain_text("5 more keys")


def test_counts_of_a_search_that_was_left_do_not_come_into_the_next(
    page_of_events: Page, live_server: Any, problems: list[str]
) -> None:
    page, held = page_of_events, list[Route]()
    page.route("**/events/overview/**", lambda route: held.append(route))
    page.goto(f"{live_server.url}/acme/events/")
    page.locator("#rail a[data-facet=deployment]", has_text="d11").click()
    expect(page.locator("[data-filter='deployment=d11']")).to_be_visible()
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator("[data-count]")).to_have_count(0)
    held[1].continue_()
    expect(page.locator("[data-total]")).to_have_text("5 events")
    assert problems == []


def test_dragging_and_clicking_zoom_and_the_counts_follow(
    page_of_events: Page, live_server: Any, problems: list[str]
) -> None:
    page = page_of_events
    page.goto(f"{live_server.url}/acme/events/?deployment=-d0&{HOURS}")
    expect(bars(page)).to_have_count(66)
    first, last = bars(page).nth(6).bounding_box(), bars(page).nth(11).bounding_box()
    page.mouse.move(first["x"] + 2, first["y"] + 30)
    page.mouse.down()
    page.mouse.move(last["x"] + 2, last["y"] + 30, steps=5)
    expect(page.locator("[data-histogram] .chosen")).to_be_visible()
    page.mouse.up()
    expect(page.locator("[data-total]")).to_have_text("6 events")
    assert address(page) == "deployment=-d0&since=2026-03-02T10:00:00Z&until=2026-03-02T11:00:00Z"
    bars(page).first.click()
    expect(page.locator("tr[data-event-id]")).to_have_count(1)
    assert address(page).endswith("since=2026-03-02T10:00:00Z&until=2026-03-02T10:01:00Z")
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".empty")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-total]")).to_have_text("1 event")
    page.go_back()
    expect(page.locator("[data-total]")).to_have_text("6 events")
    assert problems == []


def test_the_keyboard_walks_the_bars_and_chooses_a_range(
    page_of_events: Page, live_server: Any, problems: list[str]
) -> None:
    page = page_of_events
    page.goto(f"{live_server.url}/acme/events/?{HOURS}")
    expect(bars(page)).to_have_count(66)
    expect(page.locator("[data-histogram] .bar[tabindex='0']")).to_have_count(1)
    bars(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(bars(page).nth(1)).to_be_focused()
    expect(bars(page).nth(1)).to_have_attribute(
        "aria-label", re.compile("^1 event, 1 failed or denied, 2 Mar, 09:10 – 09:20$")
    )
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-histogram] .chosen")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-total]")).to_have_text("3 events")
    assert address(page) == "since=2026-03-02T09:10:00Z&until=2026-03-02T09:40:00Z"
    expect(bars(page).first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Escape")
    expect(page.locator("[data-histogram] .chosen")).to_be_hidden()
    assert problems == []
