"""A real Chromium against a real server. Without one, these tests alone are skipped, loudly."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Playwright

from auditsite.models import User

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",  # the tests may run as root, where Chromium's sandbox does not
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing leaves this machine.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NO_BROWSER = (
    "NO CHROMIUM: the browser tests did not run."
    " Install Debian's package chromium, or run “.venv/bin/playwright install chromium”."
)

# Playwright's synchronous interface keeps an event loop in the tests' thread, which Django would
# otherwise take for asynchronous code about to block.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _chromium(playwright: Playwright) -> str | None:
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Playwright
) -> dict[str, Any]:
    executable = _chromium(playwright)
    if executable is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(_NO_BROWSER, pytrace=False)
        pytest.skip(_NO_BROWSER)
    return {**browser_type_launch_args, "executable_path": executable, "args": _FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "viewport": {"width": 1440, "height": 900},
    }


@pytest.fixture(autouse=True)
def _committed(committed_db: None) -> None:
    """The server has connections of its own, which see only what is committed."""


@pytest.fixture
def cookies(live_server: Any, admin: User, signed_in: Callable[[User], Client]) -> list[Any]:
    session = signed_in(admin).cookies["session"]
    chosen = {"session": session.value, "time_zone": "UTC"}
    return [{"name": n, "value": v, "url": live_server.url} for n, v in chosen.items()]


@pytest.fixture
def problems(page: Page) -> list[str]:
    """What the browser complains of: errors of scripts, and what the policy refuses."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
    return told
