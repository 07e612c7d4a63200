"""Documents and their edits."""

import json
from copy import deepcopy
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.simulation import access, analysis, auditing, automation, infrastructure
from audit.simulation.catalogue import ACME_FLOWS, FlowSpec
from audit.simulation.company import ACME
from audit.simulation.flow_defects import break_flow
from audit.simulation.flow_edits import edit_flow
from audit.simulation.flows import flow_document
from audit.simulation.text_edits import edit_text

seeds = st.integers(0, 10_000)
specs = st.sampled_from(ACME_FLOWS)


@pytest.mark.parametrize("spec", ACME_FLOWS, ids=lambda spec: spec.id)
def test_a_flow_reads_like_a_flow(spec: FlowSpec) -> None:
    document = flow_document(spec, Random(1))
    lines = json.dumps(document, indent=2).splitlines()

    assert 20 <= len(lines) <= 120
    ids = [task["id"] for task in document["tasks"]]
    assert len(ids) == len(set(ids))


@given(spec=specs, seed=seeds)
def test_an_edit_of_a_flow_changes_a_copy_and_says_what(spec: FlowSpec, seed: int) -> None:
    rng = Random(seed)
    document = flow_document(spec, rng)
    for _ in range(6):
        kept = deepcopy(document)
        edited, summary = edit_flow(document, spec, rng)
        assert document == kept
        assert edited != document
        assert summary[:1].isupper()
        ids = [task["id"] for task in edited["tasks"]]
        assert len(ids) == len(set(ids))
        document = edited


@given(spec=specs, seed=seeds)
def test_a_defect_names_a_task_of_the_flow(spec: FlowSpec, seed: int) -> None:
    rng = Random(seed)
    document = flow_document(spec, rng)
    broken = break_flow(document, spec, rng)

    assert broken is not None
    edited, summary, defect = broken
    assert edited != document
    assert summary
    assert defect.task in {task["id"] for task in edited["tasks"]}


@given(seed=seeds)
def test_other_edits_change_a_copy_and_say_what(seed: int) -> None:
    rng = Random(seed)
    spec, person = ACME_FLOWS[0], ACME.people[0]
    team = spec.team
    for document, edit in (
        (automation.schedule_document(spec, rng), automation.edit_schedule),
        (automation.sensor_document(spec, rng), automation.edit_sensor),
        (automation.alert_policy_document("a", team, ["f"], rng), automation.edit_alert_policy),
        (access.role_document("Analyst", rng), access.edit_role),
        (access.secret_document("KEY", team, rng), access.edit_secret),
        (infrastructure.deployment_document("prod", rng), infrastructure.edit_deployment),
        (infrastructure.namespace_document("company.ml", rng), infrastructure.edit_namespace),
        (analysis.query_document(spec, person.email, rng), analysis.edit_query),
        (analysis.dashboard_document(team, ["q"], rng), analysis.edit_dashboard),
        (auditing.settings_document(ACME), auditing.edit_settings),
        (auditing.stream_document("siem", "splunk", "acme.dev", rng), auditing.edit_stream),
    ):
        kept = deepcopy(document)
        edited, summary = edit(document, rng)
        assert document == kept
        assert edited != document, summary
        assert summary[:1].isupper()


@given(seed=seeds)
def test_an_edit_of_sql_keeps_to_a_line_or_two(seed: int) -> None:
    text = (
        "select region, sum(amount) as amount,\n  count(*) as n\nfrom charges\n"
        "where day >= current_date - interval '1 day'\nlimit 20;\n"
    )
    edited = edit_text(text, Random(seed))

    assert edited is not None
    old, new = set(text.splitlines()), set(edited[0].splitlines())
    assert 1 <= len(old ^ new) <= 2


def test_nothing_to_edit_in_plain_prose() -> None:
    assert edit_text("Nothing here.", Random(1)) is None


def test_a_grant_tells_up_from_down() -> None:
    document = {"grants": [{"deployment": "prod", "grant": "VIEWER"}]}

    raised, up = access.with_grant(document, "prod", "EDITOR")
    lowered, down = access.with_grant(raised, "prod", "VIEWER")

    assert up == "Raised from VIEWER to EDITOR in prod"
    assert down == "Lowered from EDITOR to VIEWER in prod"
    assert lowered == document
