"""An export, as somebody has it who waits for it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from audit.browsing.exports import progress, reading
from audit.models import Event, Organization
from tests.factories import EventFactory

# Milliseconds; other tests may keep the machine busy.
expect.set_options(timeout=15_000)

_PATIENCE_S = 30


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """The export waits for this before each event but the first three."""
    permits, batches = threading.Semaphore(3), reading._batches

    def slowly(search: Any) -> Iterator[list[Event]]:
        for batch in batches(search):
            permits.acquire(timeout=_PATIENCE_S)
            yield batch

    monkeypatch.setattr(reading, "_BATCH", 1)
    monkeypatch.setattr(reading, "_batches", slowly)
    monkeypatch.setattr(progress, "_REPORT_S", 0)
    yield permits
    permits.release(100)


@pytest.fixture
def exports(
    page: Page,
    context: BrowserContext,
    cookies: list[Any],
    live_server: Any,
    organization: Organization,
    go_on: threading.Semaphore,
) -> Page:
    for _ in range(6):
        EventFactory.create(organization=organization)
    context.add_cookies(cookies)
    page.goto(f"{live_server.url}/acme/events/export/")
    return page


def test_an_export_says_how_far_it_is_and_when_it_is_done(
    exports: Page, go_on: threading.Semaphore, problems: list[str]
) -> None:
    exports.get_by_label("NDJSON", exact=True).check()
    exports.get_by_label("Plain file").check()
    with exports.expect_download() as download:
        exports.get_by_role("button", name="Export").click()
    said = exports.locator("#progress")
    expect(said).to_contain_text("3 events so far")
    expect(exports.get_by_role("button", name="Export")).to_be_hidden()
    go_on.release()
    expect(said).to_contain_text("4 events so far")
    go_on.release(10)
    expect(said).to_contain_text("Done: 6 events as NDJSON.")
    assert download.value.suggested_filename.endswith(".ndjson")
    expect(exports.locator("#announcer")).to_have_text("Export done: 6 events as NDJSON")
    exports.get_by_role("button", name="Export").click()
    expect(said).to_contain_text("Done: 7 events as NDJSON.")
    assert problems == []


def test_an_export_can_be_cancelled(
    exports: Page, go_on: threading.Semaphore, organization: Organization
) -> None:
    exports.get_by_label("Plain file").check()
    with exports.expect_download():
        exports.get_by_role("button", name="Export").click()
    exports.get_by_role("button", name="Cancel").click()
    expect(exports.locator("#progress")).to_contain_text("Cancelling…")
    go_on.release(10)
    expect(exports.locator("#progress")).to_contain_text("Cancelled. Broke off after")
    event = Event.objects.get(organization=organization, event_type="export.created")
    assert event.outcome == "failure"
