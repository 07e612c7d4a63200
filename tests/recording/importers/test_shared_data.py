"""Everything in the real audit data beside this repository is in, or named with its reason."""

import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from audit.models import Event, Organization
from audit.recording.importers import FORMATS, Options, Rejected, Tally, import_items

DATA = Path(__file__).parents[4] / "shared" / "data"
SET = {"actor.id": "npm", "occurred_at": "2026-11-25T00:00:00Z"}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real audit data are not here: there is no {DATA}"
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files that are imported by one command, and what must come of it."""

    format: str
    paths: tuple[str, ...]
    recorded: int
    already_there: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    record_at: str = ""
    mapping: dict[str, tuple[str, ...]] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return self.recorded + self.already_there + sum(self.rejected.values())


def folder(name: str, format: str, recorded: int, **more: Any) -> Source:
    return Source(format=format, paths=(name,), recorded=recorded, **more)


def panther(name: str, format: str, recorded: int, **more: Any) -> Source:
    path = f"panther-vendor-events/{name}.jsonl"
    return Source(format=format, paths=(path,), recorded=recorded, record_at="/event", **more)


def pair(language: str) -> tuple[str, str]:
    folder = "documents-unicode/i18n-iso-countries"
    return f"{folder}/{language}-5.0.0.json", f"{folder}/{language}-7.14.0.json"


# Held to their counts by test_real_histories.py.
HISTORIES = ("govuk-config", "govuk-deployments", "kubernetes-org")
NO_TIME = "has no time"
NO_ENTRY = "is no entry of Google Cloud's audit log"

SOURCES = (
    folder("aws-cloudtrail-invictus", "cloudtrail", 954),
    folder("aws-cloudtrail-stratus", "cloudtrail", 142),
    folder("kubernetes-audit-falco", "kubernetes", 24),
    folder("entra-m365-otrf/AADAuditEvents.json", "entra", 4),
    folder("entra-m365-otrf/OfficeActivityEvents.json", "m365", 1),
    Source(
        format="pairs", paths=pair("ar") + pair("el") + pair("ja"), recorded=3, given=SET
    ),
    panther("aws_cloudtrail", "cloudtrail", 212, already_there=6, rejected={NO_TIME: 7}),
    panther(
        "aws_eks", "kubernetes", 13, already_there=1,
        rejected={"is no Kubernetes audit event": 6},
    ),
    panther("azure_activity", "azure-activity", 110),
    panther("azure_signin", "entra", 17),
    panther(
        "gcp_audit", "google-cloud", 70,
        rejected={NO_TIME: 1, "receiveTimestamp": 1, NO_ENTRY: 8},
    ),
    panther("gcp_k8s", "google-cloud", 17, rejected={NO_TIME: 6, NO_ENTRY: 2}),
    panther(
        "github", "github", 22,
        rejected={NO_TIME: 7, "created_at": 4, "is no entry of the audit log": 30},
    ),
    panther(
        "gsuite_activityevent", "google-workspace", 36, already_there=8,
        rejected={NO_TIME: 17, "is no activity of Google Workspace": 5},
    ),
    panther("gsuite_reports", "google-workspace", 0, rejected={NO_TIME: 4}),
    panther("kubernetes", "auto", 0, rejected={NO_TIME: 99, "is of no known format": 2}),
    panther("microsoft", "m365", 19, rejected={"is no event of Microsoft 365": 6}),
    panther(
        "okta", "okta", 29, already_there=2,
        rejected={NO_TIME: 4, "published": 4, "is no event of Okta's System Log": 14},
    ),
    panther(
        "anthropic", "json", 38,
        mapping={"occurred_at": ("created_at",), "event_type": ("type",), "id": ("id",),
                 "actor.id": ("actor.email_address", "actor.api_key_id", "actor.type")},
    ),
    panther(
        "box", "json", 0, rejected={NO_TIME: 26},
        mapping={"occurred_at": ("created_at",), "event_type": ("event_type",),
                 "actor.id": ("created_by.login", "created_by.id")},
    ),
    panther(
        "docusign", "json", 16,
        mapping={"occurred_at": ("generatedDateTime",), "event_type": ("event",),
                 "actor.id": ("data.email", "data.senderEmail", "data.userId"),
                 "resource.id": ("data.envelopeId",)},
        given={"resource.type": "envelope"},
    ),
    panther(
        "dropbox", "json", 11, rejected={NO_TIME: 6},
        mapping={"occurred_at": ("timestamp",), "event_type": ("event_type._tag",),
                 "actor.id": ("actor.user.email",)},
    ),
    panther(
        "duo", "json", 28, rejected={NO_TIME: 14},
        mapping={"occurred_at": ("isotimestamp",), "event_type": ("action", "event_type"),
                 "actor.id": ("username", "user.name"), "resource.id": ("object",)},
        given={"resource.type": "object"},
    ),
    panther(
        "notion", "json", 23, already_there=8,
        mapping={"occurred_at": ("event.timestamp",), "event_type": ("event.type",),
                 "actor.id": ("event.actor.person.email",), "id": ("event.id",)},
    ),
    panther(
        "openai", "json", 29, already_there=4,
        mapping={"occurred_at": ("effective_at",), "event_type": ("type",), "id": ("id",),
                 "actor.id": ("actor.session.user.email", "actor.api_key.id")},
    ),
    panther(
        "slack", "json", 14, already_there=9, rejected={NO_TIME: 17},
        mapping={"occurred_at": ("date_create",), "event_type": ("action",), "id": ("id",),
                 "actor.id": ("actor.user.email",)},
    ),
    panther(
        "snyk", "json", 33, rejected={NO_TIME: 3},
        mapping={"occurred_at": ("created",), "event_type": ("event",), "actor.id": ("userId",),
                 "before": ("content.before",), "after": ("content.after",)},
    ),
    panther(
        "tines", "json", 13, already_there=7,
        mapping={"occurred_at": ("created_at",), "event_type": ("operation_name",),
                 "actor.id": ("user_email",), "id": ("id",)},
    ),
    panther(
        "wiz", "json", 35, already_there=16, rejected={NO_TIME: 3, "has no event type": 3},
        mapping={"occurred_at": ("timestamp", "createdAt"), "event_type": ("action", "type"),
                 "actor.id": ("user.id", "serviceAccount.name"), "id": ("id",)},
    ),
    panther(
        "zoom_operation", "json", 27, rejected={NO_TIME: 1},
        mapping={"occurred_at": ("time",), "event_type": ("action",), "actor.id": ("operator",)},
        given={"event_type": "zoom.{category_type}.{action}"},
    ),
)  # fmt: skip


def run(organization: Organization, source: Source) -> tuple[Tally, Counter[str]]:
    tally, reasons = Tally(), Counter[str]()

    def reject(rejected: Rejected) -> None:
        reasons[re.split("[:;]", rejected.reason)[0]] += 1

    options = Options(record_at=source.record_at, mapping=source.mapping, given=source.given)
    importer = FORMATS[source.format].open([str(DATA / path) for path in source.paths], options)
    with closing(importer):
        for _ in import_items(
            organization, importer.items(), tally, reject=reject, batch_size=1_000
        ):
            pass
    return tally, reasons


def named(source: Source) -> str:
    return Path(source.paths[0]).stem


@pytest.mark.parametrize("source", SOURCES, ids=named)
def test_every_record_is_in_or_named(organization: Organization, source: Source) -> None:
    tally, reasons = run(organization, source)
    assert reasons == source.rejected
    assert (tally.recorded, tally.already_there) == (source.recorded, source.already_there)
    assert tally.read == source.read == tally.recorded + tally.already_there + tally.rejected
    assert Event.objects.count() == source.recorded
    if source.read < 100:
        again, _ = run(organization, source)
        assert (again.recorded, again.read) == (0, source.read)


def test_no_file_is_forgotten() -> None:
    about = {"SOURCE.md", "README.md", "LICENSE", "LICENCE", "LICENSE.txt", "NOTICE", "COPYING"}
    there = {path for path in DATA.rglob("*") if path.is_file() and path.name not in about}
    given = [DATA / path for path in HISTORIES]
    given += [DATA / path for source in SOURCES for path in source.paths]
    covered = {file for path in given for file in (path.rglob("*") if path.is_dir() else [path])}
    assert there - covered == set()
