"""The client needs httpx and nothing else, and README's lines work as they stand."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from django.test import Client as Browser

from audit.models import ApiKey, Event, Organization, Scope
from auditsite.models import User
from tests.api.sites import Site, database_url, serving
from tests.client.test_survival import wait_until_it_answers

ROOT = Path(__file__).parents[2]
# As where only the extra is installed: whatever else is asked for is not there.
ALONE = """
import sys
from importlib.abc import MetaPathFinder
class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "psycopg", "ninja", "detect_secrets", "yaml"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""


def run(script: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE + script],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def python_examples(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def issued(organization: Organization) -> str:
    return ApiKey.objects.issue(organization, name="k", scopes=[Scope.EVENTS_WRITE])[1]


def test_the_extra_pulls_httpx_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []
    assert project["optional-dependencies"]["client"] == ["httpx"]


def test_it_can_be_imported_where_there_is_no_django() -> None:
    run("import audit.client")


def test_the_readmes_five_lines_put_an_event_with_a_diff_on_the_events_page(
    committed_db: None,
    organization: Organization,
    admin: User,
    signed_in: Callable[[User], Browser],
) -> None:
    section = (ROOT / "README.md").read_text().partition("### From any Python program")[2]
    script = python_examples(section)[0]
    assert len([line for line in script.splitlines() if line]) == 5
    with serving({"DATABASE_URL": database_url()}) as site:
        wait_until_it_answers(site)
        run(_at(script, site), AUDITSITE_KEY=issued(organization))
    event = Event.objects.get(event_type="schedule.updated")
    assert event.changed_paths == ["/paused"]
    page = signed_in(admin).get(f"/acme/events/?open={event.id}").content.decode()
    assert f'data-event-id="{event.id}"' in page
    assert 'data-side="after"' in page


def test_the_first_example_of_the_documentation_does_what_it_says(
    committed_db: None, organization: Organization, tmp_path: Path
) -> None:
    script = python_examples((ROOT / "docs" / "python-client.md").read_text())[0]
    with serving({"DATABASE_URL": database_url()}) as site:
        wait_until_it_answers(site)
        script = script.replace("https://audit.example.com", f"http://127.0.0.1:{site.port}")
        script = script.replace("as_…", issued(organization))
        run(script.replace("/var/lib/shop/audit", str(tmp_path)))
    event = Event.objects.get(event_type="order.shipped")
    assert (event.actor_id, event.session, event.details) == (
        "mara.ito@acme.dev", "s_8f2c", {"carrier": "post"},
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def _at(script: str, site: Site) -> str:
    return script.replace("127.0.0.1:8000", f"127.0.0.1:{site.port}")
