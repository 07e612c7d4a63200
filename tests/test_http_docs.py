"""The examples of curl work as they stand, but for the address and where Python is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit.models import Event, Organization, Snapshot
from tests.api.sites import Site, database_url, serving

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="NO CURL: examples did not run")


def examples(text: str) -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


def run(script: str, site: Site) -> str:
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{site.port}")
    script = script.replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["sh", "-euc", script],
        cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_readmes_first_event_is_on_the_events_page(
    committed_db: None, organization: Organization
) -> None:
    section = (ROOT / "README.md").read_text().partition("### Over HTTP")[2].partition("\n##")[0]
    script = examples(section)
    assert script.count("\n") == 5
    with serving({"DATABASE_URL": database_url()}) as site:
        answer = run(script, site)
    event = Event.objects.get(event_type="schedule.updated")
    assert str(event.id) in answer
    assert event.changed_paths == ["/paused"]
    assert Snapshot.objects.get(id=event.id).after == '{"paused":true}'


def test_the_examples_of_the_documentation_do_what_it_says(
    committed_db: None, organization: Organization
) -> None:
    with serving({"DATABASE_URL": database_url()}) as site:
        answers = run(examples((ROOT / "docs" / "http.md").read_text()), site)
    assert answers.count('"recorded": 3') == 1
    assert answers.count('"field": "actor.kind"') == 1
    assert '"after":{"n":1.10}' in answers
    # One event, three lines, one that is right, one that was read, and one that was sent twice.
    assert Event.objects.exclude(event_type="api_key.created").count() == 7


def test_the_example_of_the_loggers_documentation_makes_a_token(
    committed_db: None, organization: Organization
) -> None:
    http, logger = (
        (ROOT / "docs" / name).read_text() for name in ("http.md", "javascript-logger.md")
    )
    variables = examples(http).partition("\ncurl")[0]
    with serving({"DATABASE_URL": database_url()}) as site:
        answer = run(f"{variables}\n{examples(logger)}", site)
    assert answer.startswith('{"token": "bt_')


def test_the_documentation_has_the_patterns_of_keys() -> None:
    key = "as_acme_0123456789ab_" + "0123456789abcdef" * 4
    (pattern,) = re.findall(
        r"^    (as_\S+)$", (ROOT / "docs" / "http.md").read_text(), re.MULTILINE
    )
    assert re.fullmatch(pattern, key)
