import re
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from audit.models import Event, Organization
from audit.recording import record_many
from auditsite.models import User
from tests.factories import PASSWORD, START, EventFactory

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}
CI = {"kind": "service_account", "id": "ci-deployer", "name": "ci-deployer"}

# Milliseconds; other tests may keep the machine busy.
expect.set_options(timeout=15_000)


@pytest.fixture
def events(organization: Organization) -> list[Event]:
    """Newest first, as the list has them: a secret deleted, a schedule changed, 58 sign-ins."""
    sign_ins = [
        {
            "occurred_at": START + timedelta(seconds=n),
            "event_type": "user.logged_in",
            "actor": MARA,
            "deployment": "prod",
            "details": {"namespace": "company.team", "method": "oidc"},
        }
        for n in range(58)
    ]
    assert record_many(organization, sign_ins).recorded == 58
    changed = EventFactory.create(
        organization=organization,
        occurred_at=START + timedelta(minutes=5),
        resource={"type": "schedule", "id": "nightly", "name": "Nightly revenue"},
        actor=CI,
        deployment="prod",
        details={"namespace": "company.finance"},
        before={"cron": "0 2 * * *", "paused": False},
        after={"cron": "30 4 * * *", "paused": True},
    )
    deleted = EventFactory.create(
        organization=organization,
        occurred_at=START + timedelta(minutes=9),
        event_type="secret.deleted",
        resource={"type": "secret", "id": "STRIPE_KEY"},
        actor=MARA,
        deployment="staging",
        details={f"key{n}": "x" for n in range(9)},
    )
    return [deleted, changed, *Event.objects.order_by("-id")[2:]]


@pytest.fixture
def log(
    page: Page, context: BrowserContext, cookies: list[Any], live_server: Any, events: list[Event]
) -> Page:
    context.add_cookies(cookies)
    page.goto(f"{live_server.url}/acme/events/")
    return page


def row(page: Page, event: Event) -> Any:
    return page.locator(f"tr[data-event-id='{event.id}']")


def query(page: Page) -> str:
    return page.url.partition("?")[2]


# --- Refining -----------------------------------------------------------------------------------


def test_clicking_a_tag_refines_in_place_and_back_undoes_it(
    log: Page, events: list[Event], problems: list[str]
) -> None:
    log.evaluate("window.isSamePage = true")
    row(log, events[1]).get_by_role("link", name="namespace company.finance").click()
    expect(log.locator("tr[data-event-id]")).to_have_count(1)
    assert query(log) == "tag=namespace:company.finance"
    assert log.evaluate("window.isSamePage")
    expect(log.locator("#announcer")).to_have_text("1 event, newest first, all time")
    expect(log).to_have_title(re.compile("Audit log"))
    log.go_back()
    expect(log.locator("tr[data-event-id]")).to_have_count(50)
    expect(log.locator("[data-filter]")).to_have_count(0)
    log.go_forward()
    expect(log.locator("tr[data-event-id]")).to_have_count(1)
    assert problems == []


def test_a_value_of_the_rail_keeps_the_focus(log: Page, problems: list[str]) -> None:
    value = log.locator("#rail a[data-facet=deployment]", has_text="staging")
    value.focus()
    log.keyboard.press("Enter")
    expect(log.locator("[data-filter='deployment=staging']")).to_be_visible()
    expect(value).to_be_focused()
    # A key pressed while the new results settle is quicker than any person's.
    log.wait_for_timeout(500)
    log.keyboard.press("Enter")
    expect(log.locator("[data-filter='deployment=-staging']")).to_be_visible()
    expect(value).to_be_focused()
    assert problems == []


def test_what_was_asked_last_is_what_comes(log: Page) -> None:
    """Whatever is still under way: the counts of the first page, or the answer before."""
    held: list[Route] = []
    log.route(re.compile(r"deployment=|/overview/"), lambda route: held.append(route))
    log.reload()
    expect(log.locator("tr[data-event-id]")).to_have_count(50)
    for name in ("prod", "staging"):
        log.locator("#rail a[data-facet=deployment]", has_text=name).click()
    log.wait_for_timeout(300)
    asked = [each.request.url.partition("?")[2] for each in held]
    assert asked == ["", "deployment=prod", "deployment=staging"]
    for each in held:  # the answer before has been given up
        each.continue_()
    log.unroute_all()
    expect(log.locator("[data-filter='deployment=staging']")).to_be_visible()
    expect(log.locator("tr[data-event-id]")).to_have_count(1)
    expect(log.locator("[id=results]")).to_have_count(1)
    assert query(log) == "deployment=staging"
    log.go_back()
    expect(log.locator("tr[data-event-id]")).to_have_count(50)


def test_alt_click_filters_out(log: Page, events: list[Event]) -> None:
    log.evaluate("window.isSamePage = true")
    row(log, events[0]).get_by_role("link", name="staging").click(modifiers=["Alt"])
    expect(log.locator("[data-filter='deployment=-staging']")).to_be_visible()
    assert query(log) == "deployment=-staging"
    assert log.evaluate("window.isSamePage")


def test_a_query_typed_into_the_box_narrows_the_list(log: Page) -> None:
    log.keyboard.press("/")
    log.keyboard.type("namespace:company.fin*")
    log.keyboard.press("Enter")
    expect(log.locator("tr[data-event-id]")).to_have_count(1)
    expect(log.get_by_label("Search events")).to_have_value("namespace:company.fin*")


def test_a_closed_filter_stays_closed(log: Page) -> None:
    log.locator("#facet-actor > summary").click()
    log.locator("#rail").get_by_role("link", name="24 h").click()
    expect(log.locator("[data-filter^=since]")).to_be_visible()
    assert not log.locator("#facet-actor").evaluate("facet => facet.open")


def test_what_is_wrong_is_said_without_leaving(log: Page, live_server: Any) -> None:
    log.get_by_label("Search events").fill("change:nonsense")
    log.get_by_label("Search events").press("Enter")
    expect(log.get_by_role("alert")).to_contain_text("change is created")
    log.get_by_role("link", name="Remove Search change:nonsense").click()
    expect(log.locator("tr[data-event-id]")).to_have_count(50)


def test_an_expired_session_leads_to_the_sign_in_and_back(
    log: Page, context: BrowserContext, admin: User
) -> None:
    context.clear_cookies(name="session")
    log.locator("#rail a[data-facet=deployment]", has_text="staging").click()
    log.get_by_label("E-mail address").fill(admin.email)
    log.get_by_label("Password").fill(PASSWORD)
    log.get_by_role("button", name="Sign in").click()
    expect(log.get_by_role("heading", name="Audit log")).to_be_visible()
    assert "/acme/events/" in log.url


# --- Show and hide ------------------------------------------------------------------------------


def test_show_and_hide_keep_the_address_and_the_focus(
    log: Page, events: list[Event], problems: list[str]
) -> None:
    event = events[1]
    button = row(log, event).locator("a[data-panel]")
    button.click()
    expect(log.locator("tr.detail .panel")).to_be_visible()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert query(log) == f"open={event.id}"
    button.click()
    expect(log.locator(".panel")).to_have_count(0)
    expect(button).to_be_focused()
    assert query(log) == ""
    log.go_back()
    expect(log.locator("tr.detail .panel")).to_be_visible()
    log.reload()
    expect(log.locator("tr.detail .panel")).to_be_visible()
    assert problems == []


def test_one_event_is_open_at_a_time(log: Page, events: list[Event]) -> None:
    for event in events[:3]:
        row(log, event).locator("a[data-panel]").click()
        expect(log.locator(f"[id='panel-{event.id}'] .panel")).to_be_visible()
    expect(log.locator(".panel")).to_have_count(1)
    log.go_back()
    expect(log.locator(f"[id='panel-{events[1].id}'] .panel")).to_be_visible()
    expect(log.locator(".panel")).to_have_count(1)


# --- Keyboard -----------------------------------------------------------------------------------


def test_the_log_can_be_read_by_keyboard_alone(
    log: Page, events: list[Event], problems: list[str]
) -> None:
    press = log.keyboard.press
    press("j")
    press("j")
    expect(row(log, events[1]).locator("a[data-panel]")).to_be_focused()
    press("Enter")
    expect(log.locator("tr.detail .panel")).to_be_visible()
    press("Enter")
    expect(log.locator(".panel")).to_have_count(0)
    press("k")
    press("t")
    expect(row(log, events[0]).locator("a.tag").first).to_be_focused()
    press("]")
    expect(log.locator("tr[data-event-id]")).to_have_count(10)
    press("[")
    expect(log.locator("tr[data-event-id]")).to_have_count(50)
    press("/")
    expect(log.get_by_label("Search events")).to_be_focused()
    log.keyboard.type("j/x?")  # text, where there is a field
    expect(log.get_by_label("Search events")).to_have_value("j/x?")
    log.evaluate("document.activeElement.blur()")
    press("j")
    press("x")
    expect(log.locator("[data-filter='actor=mara.ito@acme.dev']")).to_be_visible()
    press("g")
    press("t")
    expect(log.get_by_role("heading", name="Event types")).to_be_visible()
    log.wait_for_load_state()  # keys are heard once the page's scripts have run
    press("g")
    press("e")
    expect(log.get_by_role("heading", name="Audit log")).to_be_visible()
    assert problems == []


def test_enter_shows_the_current_row_though_it_lost_the_focus(
    log: Page, events: list[Event]
) -> None:
    log.keyboard.press("j")
    log.get_by_role("heading", name="Audit log").click()
    expect(row(log, events[0]).locator("a[data-panel]")).not_to_be_focused()
    log.keyboard.press("Enter")
    expect(log.locator(f"[id='panel-{events[0].id}'] .panel")).to_be_visible()
    log.locator("details.framed > summary").focus()
    log.keyboard.press("Enter")
    expect(log.locator(f"[id='panel-{events[0].id}'] .panel")).to_be_visible()


def test_keys_lead_to_the_other_pages(log: Page) -> None:
    for key, heading in (("v", "Views"), ("s", "Settings"), ("t", "Event types")):
        log.keyboard.press("g")
        log.keyboard.press(key)
        expect(log.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
        log.wait_for_load_state()
    log.keyboard.press("g")
    log.keyboard.press("e")
    expect(log.get_by_role("heading", name="Audit log")).to_be_visible()
    log.wait_for_load_state()
    log.keyboard.press("s")
    expect(log.get_by_role("heading", name="Save view")).to_be_visible()


def test_the_keys_are_listed_and_can_be_switched_off(log: Page) -> None:
    log.keyboard.press("?")
    dialog = log.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use single-key shortcuts").uncheck()
    log.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    log.keyboard.press("?")
    expect(dialog).to_be_hidden()
    log.reload()
    log.keyboard.press("j")
    assert log.evaluate("document.activeElement === document.body")


def test_escape_closes_a_menu_and_a_tip(log: Page, events: list[Event]) -> None:
    summary = log.locator("details.framed > summary")
    summary.click()
    log.keyboard.press("Escape")
    assert not log.locator("details.framed").evaluate("menu => menu.open")
    expect(summary).to_be_focused()
    log.keyboard.press("j")
    row(log, events[0]).locator("a.timestamp").focus()
    tip = row(log, events[0]).get_by_role("tooltip")
    expect(tip).to_contain_text("2026-03-02 09:09:00.000 UTC")
    log.keyboard.press("Escape")
    expect(tip).to_be_hidden()


# --- Zone and theme -----------------------------------------------------------------------------


def test_signing_in_takes_on_the_zone_of_the_device(
    page: Page, live_server: Any, admin: User, events: list[Event]
) -> None:
    page.goto(f"{live_server.url}/acme/events/")
    page.get_by_label("E-mail address").fill(admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("details.zone > summary")).to_contain_text("Europe/Berlin")
    expect(row(page, events[0])).to_contain_text("10:09:00.000")


def test_without_a_chosen_zone_the_devices_is_taken(log: Page, context: BrowserContext) -> None:
    context.clear_cookies(name="time_zone")
    log.reload()
    expect(log.locator("details.zone > summary")).to_contain_text("Europe/Berlin")


def test_theme_and_zone_can_be_chosen_from_any_page(log: Page) -> None:
    log.locator("details.bare > summary").click()
    log.get_by_role("button", name="Dark theme").click()
    expect(log.locator("html")).to_have_attribute("data-theme", "dark")
    log.locator("details.zone > summary").click()
    log.get_by_role("button", name="Europe/Berlin").click()
    expect(log.locator("details.zone > summary")).to_contain_text("Europe/Berlin")
    log.locator("details.bare > summary").click()
    log.get_by_role("button", name="Sign out").click()
    expect(log.get_by_role("heading", name="Sign in")).to_be_visible()


# --- Without a script, on a small screen, for everybody -----------------------------------------


def test_everything_works_without_a_script(
    browser: Browser, cookies: list[Any], live_server: Any, events: list[Event]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{live_server.url}/acme/events/")
    page.get_by_role("link", name="Older").click()
    expect(page.locator("tr[data-event-id]")).to_have_count(10)
    page.get_by_role("link", name="Newer").click()
    page.get_by_label("Search events").fill("namespace:company.finance")
    page.get_by_label("Search events").press("Enter")
    expect(page.locator("tr[data-event-id]")).to_have_count(1)
    page.get_by_role("link", name="Show").click()
    expect(page.locator("td[data-side=after]").first).to_be_visible()
    page.get_by_role("link", name="Hide").click()
    expect(page.locator(".panel")).to_have_count(0)
    page.get_by_role("link", name="Remove Details").click()
    page.get_by_label("Find a user").fill("ci-deployer")
    page.get_by_label("Find a user").press("Enter")
    expect(page.locator("tr[data-event-id]")).to_have_count(1)
    page.get_by_label("From").fill("2026-03-02T09:10")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("No events match")).to_be_visible()
    page.locator("details.framed > summary").click()
    expect(page.locator("details.framed").get_by_role("link", name="Acme")).to_be_visible()
    page.locator("details.bare > summary").click()
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_on_a_small_screen_filters_are_a_sheet_and_rows_are_cards(
    scripted: bool, browser: Browser, cookies: list[Any], live_server: Any, events: list[Event]
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=scripted
    )
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{live_server.url}/acme/events/")
    expect(page.locator("#rail")).to_be_hidden()
    expect(page.locator("thead").first).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.locator("#rail")).to_be_visible()
    page.locator("#rail a[data-facet=deployment]", has_text="staging").click()
    expect(page.locator("tr[data-event-id]")).to_have_count(1)
    expect(page.locator("#rail")).to_be_hidden()
    expect(page.get_by_role("button", name="Filters · 1")).to_be_visible()
    page.get_by_role("link", name="Show").click()
    expect(page.locator(".panel")).to_be_visible()
    if scripted:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["events/?open={changed}&deployment=-x", "events/?actor=nobody&change=deleted",
     "events/?change=nonsense&tz=Asia/Tokyo", "event-types/?origin=dagster"],
)  # fmt: skip
def test_nobody_is_locked_out(
    path: str,
    theme: Any,
    page: Page,
    context: BrowserContext,
    cookies: list[Any],
    live_server: Any,
    events: list[Event],
) -> None:
    context.add_cookies(cookies)
    page.emulate_media(color_scheme=theme)
    page.goto(f"{live_server.url}/acme/{path.format(changed=events[1].id)}")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=AXE).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
