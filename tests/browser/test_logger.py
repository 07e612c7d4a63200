"""The JavaScript logger, on pages of an application of another origin."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from audit.models import ApiKey, BrowserOrigin, Event, Organization, Scope, Snapshot
from tests.api.sites import Site, database_url
from tests.browser.applications import Application, serving_application
from tests.factories import EventRuleFactory

README = Path(__file__).parents[2] / "README.md"
CONNECT = "(url) => { window.logger = Logger.connect({ url, tokenFrom }) }"
CONNECT_AS = """
([url, actor, token]) => {
  window.logger = Logger.connect({ url, actor, ...(token ? { token } : { tokenFrom }) });
}
"""


@pytest.fixture
def application(live_server: Any, organization: Organization) -> Iterator[Application]:
    _, key = ApiKey.objects.issue(organization, name="app", scopes=[Scope.EVENTS_WRITE])
    with serving_application(live_server.url, key) as application:
        BrowserOrigin.objects.create(organization=organization, origin=application.origin)
        yield application


@pytest.fixture
def url(live_server: Any) -> str:
    return f"{live_server.url}/acme"


def opened(page: Page, application: Application) -> Page:
    page.goto(f"{application.origin}/")
    page.wait_for_function("() => Boolean(window.Logger)")
    return page


def eventually(holds: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def recorded(event_type: str, count: int = 1) -> list[Event]:
    """Exactly so many events, once they are there."""
    events = Event.objects.filter(event_type=event_type).order_by("id")
    eventually(lambda: events.count() >= count)
    assert events.count() == count
    return list(events)


def documents(event: Event) -> tuple[Any, Any]:
    snapshot = Snapshot.objects.get(id=event.id)
    return tuple(text and json.loads(text) for text in (snapshot.before, snapshot.after))  # type: ignore[return-value]


def test_a_page_puts_a_diff_on_the_events_page(
    page: Page, context: BrowserContext, cookies: list[Any], live_server: Any, url: str,
    application: Application, problems: list[str],
) -> None:  # fmt: skip
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate(
        """() => logger.audit("Paused", {
          resource: { id: "nightly_revenue" }, namespace: "company.finance", revision: 42,
          before: { paused: false }, after: { paused: true },
        }, "schedule.updated")"""
    )
    (event,) = recorded("schedule.updated")
    assert (event.actor_id, event.session) == ("mara.ito@acme.dev", "s_8f2c")
    assert (event.resource_type, event.resource_id) == ("schedule", "nightly_revenue")
    assert (event.ip, "Chrome" in event.user_agent) == ("127.0.0.1", True)
    assert event.changed_paths == ["/paused"]
    assert event.details == {
        "level": "audit",
        "namespace": "company.finance",
        "revision": "42",
        "reported_by": "browser",
    }
    assert application.tokens == 1
    assert problems == []

    context.add_cookies(cookies)
    page.goto(f"{live_server.url}/acme/events/{event.id}/")
    expect(page.locator("[data-side=after] ins").first).to_have_text("true")


def test_it_has_the_shape_of_datagroks(page: Page, application: Application, url: str) -> None:
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate(
        """async () => {
          const early = new Logger((m) => (m.params["persistent"] = "value"));
          early.log("HELLO WORLD", { test: "value", foo: "bar" });
          early.log("HELLO WORLD", { test: "value" }, "my_log");
          new Logger((m) => { m.message = m.message.toUpperCase(); }).usage("opened");
          Logger.create({ params: { version: "1.2" } }).warning("careful");
          new PackageLogger({ name: "Chem" }).debug("parsed");
          new Logger((m) => { m.skip = true; }).info("never");
          new Logger(() => { throw new Error("broken callback"); }).info("all the same");
          if (Logger.getStatic() !== logger) throw new Error("another static logger");
          await logger.flush();
        }"""
    )
    (mine,) = recorded("my_log")
    (usage,) = recorded("usage")
    hello, warning, debug, info = recorded("log", 4)
    assert hello.summary == "HELLO WORLD"
    assert hello.details | {"foo": "bar", "persistent": "value", "test": "value"} == hello.details
    assert (mine.details["test"], mine.details["level"]) == ("value", "audit")
    assert (usage.summary, usage.details["level"]) == ("OPENED", "usage")
    assert (warning.details["version"], warning.details["level"]) == ("1.2", "warning")
    assert (debug.details["package"], debug.details["level"]) == ("Chem", "debug")
    assert info.summary == "all the same"


def test_errors_that_nobody_catches_are_recorded_with_their_stack(
    page: Page, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate(
        """() => {
          for (let i = 0; i < 5; i++) setTimeout(save);
          Promise.reject(new RangeError("too far"));
          Promise.reject({ code: 3 });
          logger.error("by hand");
        }"""
    )
    events = recorded("error", 5)
    by_hand, *_ = (event for event in events if event.summary == "by hand")
    assert by_hand.details["stackTrace"].startswith("at ")
    assert "logger.js" not in by_hand.details["stackTrace"]
    far, *_ = (event for event in events if event.summary == "RangeError: too far")
    assert (far.outcome, far.details["level"]) == ("failure", "error")
    assert "at " in far.details["stackTrace"]
    first, again = (event for event in events if event.summary.startswith("TypeError"))
    assert first.details["stackTrace"].startswith("at save (")
    assert first.resource_id == "TypeError in save at /page.js"
    assert (again.details["repeats"], again.resource_id) == ("4", first.resource_id)
    assert any(event.summary == '{"code":3}' for event in events)


def test_a_page_that_fails_all_the_time_does_not_flood_the_log(
    page: Page, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate(
        """() => {
          for (let n = 0; n < 100; n++) reportError(new Error(`no. ${n}`));
          return logger.flush();
        }"""
    )
    assert {event.summary for event in recorded("error", 30)} == {
        f"Error: no. {n}" for n in range(30)
    }


def test_a_stack_trace_reads_alike_whichever_browser_wrote_it(
    page: Page, application: Application
) -> None:
    translated = "(text) => Logger.translateStackTrace(text)"
    alike = "at save (https://app/a.js:3:7)\nat (anonymous) (https://app/a.js:9:1)"
    opened(page, application)
    chromium = "Error: x\n    at save (https://app/a.js:3:7)\n    at https://app/a.js:9:1"
    firefox = "save@https://app/a.js:3:7\n@https://app/a.js:9:1\n"
    safari = "save@https://app/a.js:3:7\n@https://app/a.js:9:1"
    for text in (chromium, firefox, safari, alike):
        assert page.evaluate(translated, text) == alike
    assert page.evaluate(translated, " no stack ") == "no stack"


def test_nothing_that_a_page_logs_is_too_odd_to_be_recorded(
    page: Page, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate(
        """async () => {
          const loop = { name: "loop" }; loop.self = loop;
          const long = "word ".repeat(1000);
          const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => ["k" + n, n]));
          logger.log(long, { loop, long, "a:b ": 1, "": 2, nul: "a\\0b", half: "\\ud83d!",
            none: null, skipped: undefined, big: 10n, nan: NaN, call: () => 1,
            map: new Map([["a", new Set([1])]]), fault: new TypeError("t") }, "odd");
          logger.log("both", { before: null, after: [1], rest: { long } , ...many }, "odd");
          logger.log("many", many, "odd");
          logger.log(undefined, undefined, "odd");
          logger.error(long, { change: "nonsense", resource: "text", outcome: 3 }, "no stack");
          await logger.flush();
        }"""
    )
    assert page.evaluate("logger.dropped") == 0
    odd, both, many, nothing = recorded("odd", 4)
    before, after = documents(odd)
    assert (before, after["message"], odd.change) == (None, "word " * 1000, "other")
    assert after["params"]["loop"] == "[object Object]"
    assert after["params"]["long"] == "word " * 1000
    assert after["params"]["map"] == {"a": [1]}
    assert after["params"]["none"] is None
    assert after["params"]["fault"]["message"] == "t"
    assert odd.summary.endswith("word …")
    assert odd.details["a.b"] == "1"
    assert (odd.details["nul"], odd.details["half"]) == ("a\u2400b", "\ufffd!")
    assert (odd.details["big"], odd.details["nan"]) == ("10", "NaN")
    assert documents(both) == (None, [1])
    assert both.details["params"].endswith(" …")
    assert documents(many)[1]["params"]["k99"] == 99
    assert (nothing.summary, nothing.details["level"]) == ("", "audit")
    (error,) = recorded("error")
    assert error.details["resource"] == "text"
    assert error.resource_id.startswith("Error: word")


def test_what_was_logged_last_survives_the_end_of_the_page(
    page: Page, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT_AS, [url, "mara.ito@acme.dev", ""])
    with page.expect_response("**/audit-token"):
        page.evaluate("logger.log('left', {}, 'leaving')")
    page.wait_for_timeout(100)
    page.goto(f"{application.origin}/elsewhere")
    (left,) = recorded("leaving")

    opened(page, application).evaluate(CONNECT_AS, [url, "mara.ito@acme.dev", ""])
    page.evaluate("logger.log('here', {}, 'arriving'); logger.flush()")
    recorded("arriving")  # so it has its token
    page.evaluate("logger.log('closed', {}, 'closing')")
    page.close()
    recorded("closing")
    # What the next page found unacknowledged, it sent again; it is recorded once all the same.
    assert recorded("leaving") == [left]


def test_what_was_logged_offline_is_sent_by_a_later_page_of_the_same_person(
    page: Page, context: BrowserContext, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT_AS, [url, "mara.ito@acme.dev", ""])
    context.set_offline(True)
    page.evaluate("logger.log('in the tunnel', {}, 'offline'); logger.flush()")
    page.close()
    context.set_offline(False)

    application.actor = {"kind": "user", "id": "lea@acme.dev"}
    another = opened(context.new_page(), application)
    another.evaluate(CONNECT_AS, [url, "lea@acme.dev", ""])
    another.evaluate("logger.log('mine'); logger.flush()")
    assert recorded("log")[0].actor_id == "lea@acme.dev"
    assert not Event.objects.filter(event_type="offline").exists()

    application.actor = {"kind": "user", "id": "mara.ito@acme.dev"}
    tabs = [opened(context.new_page(), application) for _ in range(2)]
    for tab in tabs:
        tab.evaluate(CONNECT_AS, [url, "mara.ito@acme.dev", ""])
    assert recorded("offline")[0].actor_id == "mara.ito@acme.dev"
    eventually(lambda: tabs[0].evaluate("Object.keys(localStorage).length") == 0)
    assert len(recorded("offline")) == 1


def test_a_page_that_was_offline_sends_when_it_is_online_again(
    page: Page, context: BrowserContext, application: Application, url: str
) -> None:
    opened(page, application).evaluate(CONNECT, url)
    context.set_offline(True)
    page.evaluate("for (let n = 0; n < 120; n++) logger.log(`note ${n}`, {}, 'offline')")
    page.wait_for_timeout(300)
    assert not Event.objects.filter(event_type="offline").exists()
    context.set_offline(False)
    events = recorded("offline", 120)
    assert [event.summary for event in events] == [f"note {n}" for n in range(120)]


def test_a_token_that_is_good_no_longer_is_replaced(
    page: Page, application: Application, url: str
) -> None:
    application.wrong_tokens.append("bt_ended")
    opened(page, application).evaluate(CONNECT, url)
    page.evaluate("logger.log('late'); logger.flush()")
    recorded("log")
    assert application.tokens == 2


def test_what_the_organisation_has_switched_off_is_not_sent(
    page: Page, application: Application, url: str, organization: Organization
) -> None:
    EventRuleFactory.create(organization=organization, scope="level", pattern="debug")
    opened(page, application)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    with page.expect_response("**/browser-event-rules"):
        page.evaluate(CONNECT, url)
        page.evaluate("logger.debug('too early to know'); logger.flush()")
    page.wait_for_timeout(300)
    page.evaluate("logger.debug('noise'); logger.info('news'); logger.flush()")
    assert [event.summary for event in recorded("log")] == ["news"]
    assert not any("noise" in body for body in sent)


def test_a_hostile_page_gets_nowhere(
    page: Page, application: Application, url: str, live_server: Any, organization: Organization
) -> None:
    opened(page, application)
    token = application.token()["token"]
    sent = """async ([url, token, event]) => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const body = JSON.stringify(event);
      const answer = await fetch(url, { method: "POST", headers, body }).catch(() => null);
      return answer?.status ?? "the browser refused";
    }"""
    forged = {"event_type": "forged", "actor": {"kind": "user", "id": "ceo@acme.dev"}}
    pages = f"{url}/api/browser-events"
    assert page.evaluate(sent, [pages, token, forged]) == 422
    assert page.evaluate(sent, [f"{url}/api/events", token, forged]) == "the browser refused"
    with serving_application(live_server.url, application.key) as elsewhere:
        opened(page, elsewhere)
        mine = {"event_type": "forged"}
        assert page.evaluate(sent, [pages, token, mine]) == "the browser refused"
        # A body that needs no preflight does get there, and is refused there.
        page.evaluate(
            """([url, body]) => fetch(url, { method: "POST", body, mode: "no-cors" })""",
            [pages, json.dumps({"token": token, "events": [mine]})],
        )
    page.wait_for_timeout(300)
    assert not Event.objects.filter(event_type="forged").exists()


def test_a_page_of_the_site_itself_records_for_whoever_is_signed_in(
    page: Page, context: BrowserContext, cookies: list[Any], live_server: Any, url: str, admin: Any
) -> None:
    context.add_cookies(cookies)
    page.goto(f"{url}/settings/api-keys/")
    page.evaluate(
        """async (url) => {
          const { Logger } = await import("/static/audit/logger.js");
          const logger = Logger.connect({ url, session: true });
          logger.log("from within");
          await logger.flush();
          logger.log("at the end", {}, "leaving");
        }""",
        url,
    )
    page.goto("about:blank")
    assert recorded("log")[0].actor_id == admin.email
    assert recorded("leaving")[0].session != ""


def test_the_readmes_five_lines_put_an_event_with_a_diff_on_the_events_page(
    page: Page, organization: Organization, tmp_path: Path, admin: Any
) -> None:
    section = README.read_text().partition("### From a browser page")[2]
    (html,) = re.findall(r"```html\n(.*?)```", section.partition("\n### ")[0], re.DOTALL)
    (curl,) = re.findall(r"```sh\n(.*?)```", section.partition("\n### ")[0], re.DOTALL)
    wish = json.loads(re.findall(r"-d '(.*)'", curl)[0])
    _, key = ApiKey.objects.issue(organization, name="app", scopes=[Scope.EVENTS_WRITE])
    addresses = {"DATABASE_URL": database_url(), "AUDITSITE_DATA": str(tmp_path)}
    site = Site(addresses)
    site.manage("collectstatic", "--noinput", "--verbosity=0")
    site.start()
    try:
        audit = f"http://127.0.0.1:{site.port}"
        with serving_application(audit, key) as application:
            BrowserOrigin.objects.create(organization=organization, origin=application.origin)
            application.actor = wish["actor"]
            html = html.replace("http://127.0.0.1:8000", audit)
            html = html.replace("bt_…", application.token()["token"])
            application.page = f"<!doctype html><title>App</title>{html}"
            application.policy = ""
            page.goto(f"{application.origin}/")
            (event,) = recorded("schedule.updated")
    finally:
        site.kill()
    assert event.actor_id == "mara.ito@acme.dev"
    assert documents(event) == ({"paused": False}, {"paused": True})
