"""Three questions to the demo, answered by keyboard alone, each kept as a view for a colleague.

What is pressed is what a person presses, through the type-ahead and the shortcuts: `/` to the
search box, Esc out of it, `s` to save; a colleague needs 8 strokes to open the view. The answers
are those of the simulation, not of the page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from audit.models import Organization, Role
from audit.recording import record_many
from audit.simulation import Incident, incidents, simulate
from audit.simulation.world import Event
from auditsite.models import User
from tests.factories import MembershipFactory

_ZONE = "Europe/Warsaw"
_DAYS = 24  # the leaked token was made up to 18 days ago
_NAMED = {"Enter", "Escape", "Tab", "ArrowDown", "Space", "Backspace", "ControlOrMeta+a"}

# Milliseconds; other tests may keep the machine busy.
expect.set_options(timeout=15_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A short demo that ends now, and its stories by slug."""

    events: list[Event]
    stories: dict[str, Incident]

    def times(self, is_asked: Callable[[Event], bool]) -> list[datetime]:
        """When the events that are asked for occurred, newest first."""
        return sorted((_moment(each) for each in self.events if is_asked(each)), reverse=True)


@dataclass(slots=True)
class Hands:
    """Somebody at a keyboard, whose strokes are counted."""

    page: Page
    strokes: int = field(default=0)

    def press(self, *keys: str) -> None:
        """Named keys, and text one key after the other."""
        for text in keys:
            for key in [text] if text in _NAMED else text:
                self.page.keyboard.press(key)
                self.strokes += 1

    def take(self, option: str) -> None:
        """The first option of the list, once one sees that it is this."""
        expect(self.page.get_by_role("option").first).to_contain_text(option)
        self.press("ArrowDown")
        chosen = self.page.locator("[role=option][aria-selected=true]")
        expect(chosen).to_contain_text(option)
        self.press("Enter")

    def search(self, events: int) -> None:
        self.press("Enter")
        expect(self.page.locator("tr.event")).to_have_count(events)

    def save_for_all(self, name: str) -> None:
        self.press("Escape", "s")
        expect(self.page.get_by_label("Name", exact=True)).to_be_focused()
        self.press(name, "Tab", "Tab", "Space", "Enter")
        expect(self.page.locator("h1")).to_have_text(name)
        expect(self.page.locator(".view-bar")).to_contain_text("Shared by you")

    def open_view_of_another(self, name: str) -> None:
        """From the navigation, past what stands above the only view."""
        self.press("g", "v")
        expect(self.page.locator("h1")).to_have_text("Views")
        self.press("Tab", "Enter")
        expect(self.page.locator("#main")).to_be_focused()
        self.press("Tab", "Tab", "Tab")
        expect(self.page.get_by_role("link", name=name)).to_be_focused()
        self.press("Enter")
        expect(self.page.locator("h1")).to_have_text(name)
        expect(self.page.locator(".view-bar")).to_contain_text("Shared by")


@pytest.fixture
def demo(organization: Organization) -> Demo:
    ends_at = datetime.now(UTC).replace(second=0, microsecond=0)
    events = list(simulate(seed=1, ends_at=ends_at, days=_DAYS, scale=0.1))
    assert not record_many(organization, events).rejected
    told = incidents(seed=1, ends_at=ends_at, days=_DAYS)
    return Demo(events=events, stories={story.slug: story for story in told})


type Sit = Callable[[User], Hands]


@pytest.fixture
def sit_down(
    browser: Browser,
    browser_context_args: dict[str, Any],
    live_server: Any,
    signed_in: Callable[[User], Client],
    request: pytest.FixtureRequest,
) -> Sit:
    """A person at the start page, in a browser of their own."""

    def sit(user: User) -> Hands:
        context: BrowserContext = browser.new_context(**browser_context_args)
        request.addfinalizer(context.close)
        chosen = {"session": signed_in(user).cookies["session"].value, "time_zone": _ZONE}
        context.add_cookies(
            [{"name": n, "value": v, "url": live_server.url} for n, v in chosen.items()]
        )
        page = context.new_page()
        page.goto(live_server.url)
        expect(page.get_by_role("combobox", name="Search events")).to_be_visible()
        return Hands(page)

    return sit


@pytest.fixture
def colleague(organization: Organization) -> User:
    return MembershipFactory.create(organization=organization, role=Role.ADMIN).user


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def shown(page: Page) -> list[datetime]:
    times = page.locator("tr.event td.when time").evaluate_all("all => all.map(e => e.dateTime)")
    return [datetime.fromisoformat(each) for each in times]


def to_the_millisecond(times: list[datetime]) -> list[datetime]:
    return [each.replace(microsecond=each.microsecond // 1000 * 1000) for each in times]


def test_who_switched_off_the_schedule_before_the_failed_run(
    demo: Demo, admin: User, colleague: User, sit_down: Sit
) -> None:
    """58 strokes: 16 to the failed run, 20 to the event, 3 to its diff, 19 to save it."""
    story = demo.stories["paused-schedule"]
    hands = sit_down(admin)
    page = hands.page
    hands.press("/", "failed finance", "Enter")
    failed = page.locator("tr.event", has_text="revenue_report").filter(has_text="StalePartition")
    expect(failed).to_have_count(1)

    hands.press("ControlOrMeta+a", "flow_id:ni")
    hands.take("nightly_revenue")
    hands.press("paused")
    hands.search(1)
    answer = page.locator("tr.event")
    expect(answer).to_contain_text(story.facts["actor"])
    expect(answer).to_contain_text("Paused and moved to 04:30")
    hands.press("Escape", "j", "Enter")
    expect(page.locator("[data-side=before]", has_text='"paused": false')).to_be_visible()
    expect(page.locator("[data-side=after]", has_text='"paused": true')).to_be_visible()
    hands.save_for_all("Who paused it")

    other = sit_down(colleague)
    other.open_view_of_another("Who paused it")
    paused = story.events["paused"]
    expected = demo.times(lambda event: event["idempotency_key"] == paused)
    assert shown(other.page) == shown(page) == to_the_millisecond(expected)
    assert (hands.strokes, other.strokes) == (58, 8)


def test_everything_one_leaked_token_did_by_address(
    demo: Demo, admin: User, colleague: User, sit_down: Sit
) -> None:
    """42 strokes: 24 to what it did from the strange address, 18 to save that."""
    facts = demo.stories["leaked-token"].facts
    strange = demo.times(
        lambda event: event["actor"]["id"] == facts["token"] and event["ip"] == facts["address"]
    )
    hands = sit_down(admin)
    hands.press("/", "actor:growth")
    hands.take("growth-ci")
    hands.press("ip:")
    # Both addresses, with how much it did from each.
    options = hands.page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.filter(has_text=facts["usual_address"])).to_have_count(1)
    expect(options.filter(has_text=facts["address"])).to_contain_text(f"{len(strange)} events")
    hands.press("203")
    expect(options).to_have_count(1)
    hands.take(facts["address"])
    hands.search(len(strange))
    hands.save_for_all("Leaked token")

    other = sit_down(colleague)
    other.open_view_of_another("Leaked token")
    assert shown(other.page) == shown(hands.page) == to_the_millisecond(strange)
    assert (hands.strokes, other.strokes) == (42, 8)


def test_what_changed_in_a_namespace_on_an_afternoon(
    demo: Demo, admin: User, colleague: User, sit_down: Sit
) -> None:
    """69 strokes: 41 to the two hours, 28 to save them."""
    facts = demo.stories["paused-schedule"].facts
    day = demo.stories["paused-schedule"].begins_at.astimezone(ZoneInfo(_ZONE))
    since = day.replace(hour=14, minute=0, second=0, microsecond=0)
    until = since + timedelta(hours=2)
    changed = demo.times(
        lambda event: (
            event.get("details", {}).get("namespace") == facts["namespace"]
            and since <= _moment(event) < until
        )
    )
    assert len(changed) >= 3  # the story's, and whatever else there was
    hands = sit_down(admin)
    hands.press("/", "namespace:", "fin")
    hands.take(facts["namespace"])
    hands.press("time:", f"{day:%a}".lower())
    hands.take(f"{day:%Y-%m-%d}")
    hands.press("Backspace", "T14:00..16:00")
    hands.search(len(changed))
    hands.save_for_all("Finance that afternoon")

    other = sit_down(colleague)
    other.open_view_of_another("Finance that afternoon")
    assert shown(other.page) == shown(hands.page) == to_the_millisecond(changed)
    assert (hands.strokes, other.strokes) == (69, 8)
