"""The extracted histories beside this repository: every change is in, once, and as it was."""

import json
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit.diff import dumps, loads
from audit.models import Event, Organization, Snapshot
from audit.recording.importers import FORMATS, Options, Tally, import_items

DATA = Path(__file__).parents[4] / "shared" / "data"
HISTORIES = {
    "govuk-deployments": 2_926,
    "govuk-config": 44,
    "kubernetes-org": 89,
}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real histories are not here: there is no {DATA}"
)


def run(organization: Organization, folder: str) -> Tally:
    tally = Tally()
    importer = FORMATS["git-jsonl"].open([str(DATA / folder)], Options())
    with closing(importer):
        for _ in import_items(
            organization, importer.items(), tally, reject=pytest.fail, batch_size=1_000
        ):
            pass
    return tally


def records(folder: str) -> list[dict[str, Any]]:
    files = sorted((DATA / folder).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize(("folder", "expected"), HISTORIES.items())
def test_a_history_is_in_whole_and_once(
    organization: Organization, folder: str, expected: int
) -> None:
    first, second = run(organization, folder), run(organization, folder)
    assert (first.read, first.recorded, first.already_there) == (expected, expected, 0)
    assert (second.read, second.recorded, second.already_there) == (expected, 0, expected)
    assert first.incomplete == 0
    assert Event.objects.count() == len(records(folder)) == expected


@pytest.mark.parametrize("folder", HISTORIES)
def test_a_history_is_as_it_was(organization: Organization, folder: str) -> None:
    run(organization, folder)
    expected = {(r["commit"], r["path"]): r for r in records(folder)}
    snapshots = {s.id: s for s in Snapshot.objects.all()}
    for event in Event.objects.all():
        record = expected.pop((event.request_id, event.resource_id))
        assert event.change == {"A": "created", "M": "updated", "D": "deleted"}[record["op"]]
        assert event.summary == record["subject"]
        assert event.actor_name == record["author"]
        assert event.occurred_at.isoformat()
        snapshot = snapshots.get(event.id)
        for side in ("before", "after"):
            there = record["op"] != {"before": "A", "after": "D"}[side]
            text = getattr(snapshot, side, None)
            assert (text is not None) == there
            if there:
                exact = dumps(loads(json.dumps(record[side], ensure_ascii=False)))
                assert text == exact
    assert not expected


def test_paths_become_apps_and_environments(organization: Organization) -> None:
    run(organization, "govuk-deployments")
    environments = Counter(r["path"].split("/")[3] for r in records("govuk-deployments"))
    assert Counter(Event.objects.values_list("deployment", flat=True)) == environments
    event = Event.objects.filter(resource_name="short-url-manager").first()
    assert event
    assert event.details["app"] == "short-url-manager"
    assert event.details["environment"] == event.deployment
    assert event.actor_kind == "service_account"


def test_paths_become_github_organizations(organization: Organization) -> None:
    run(organization, "kubernetes-org")
    expected = Counter(
        path.split("/")[1] if path.count("/") > 1 else ""
        for path in (r["path"] for r in records("kubernetes-org"))
    )
    assert Counter(Event.objects.values_list("deployment", flat=True)) == expected
