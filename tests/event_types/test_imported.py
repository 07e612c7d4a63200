import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.event_types import registry
from audit.event_types.imported import VENDORS, readable


@pytest.mark.parametrize(
    ("slug", "label"),
    [
        ("aws.iam.UpdateAssumeRolePolicy", "Update assume role policy (AWS IAM)"),
        ("aws.rds.CreateDBInstance", "Create DB instance (AWS RDS)"),
        (
            "azure.network/networksecuritygroups/write",
            "Write network/networksecuritygroups (Azure)",
        ),
        ("entra.update_application", "Update application (Entra)"),
        ("gcp.google.cloud.bigquery.v2.JobService.InsertJob", "Insert job (Google Cloud)"),
        ("gcp.v1.compute.instances.insert", "Instances insert (Google Cloud)"),
        ("google_workspace.admin.CREATE_USER", "Create user (Google Workspace Admin)"),
        ("kubernetes.pods.exec.create", "Create pods/exec (Kubernetes)"),
        ("m365.exchange.New-InboxRule", "New-InboxRule (Microsoft 365 Exchange)"),
        ("okta.user.session.start", "User session start (Okta)"),
        ("aws", "aws"),
        ("my_log", "my_log"),
    ],
)
def test_an_imported_type_reads_as_a_sentence_does(slug: str, label: str) -> None:
    assert readable(slug) == label
    assert registry.label(slug) == label


def test_an_imported_event_is_told_by_its_label() -> None:
    told = registry.describe("aws.iam.CreateRole", "Mara Ito", "backup", "prod")
    assert told == "Mara Ito: Create role (AWS IAM) on backup in prod"


@given(st.sampled_from([*VENDORS, "x"]), st.text())
def test_every_slug_has_a_label(vendor: str, rest: str) -> None:
    assert readable(f"{vendor}.{rest}").strip()
