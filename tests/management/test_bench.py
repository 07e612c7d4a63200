from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection

from audit.management.bench import beside, comparing
from audit.management.bench.beside import WORKS, measure_beside, report_beside
from audit.management.bench.cases import Log
from audit.management.bench.comparing import Compared
from audit.management.bench.filling import whole_days
from audit.models import Organization


@pytest.fixture
def log(committed_db: None) -> Iterator[Log]:
    """Committed, for the peer is a process of its own."""
    call_command("generate_events", organization="bench", count=400, days=40, jobs=1, verbosity=0)
    organization = Organization.objects.get(slug="bench")
    yield Log([organization], *whole_days(40, datetime.now(UTC)), Random(1))
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE; DROP SCHEMA IF EXISTS peer CASCADE; RESET ROLE")


def test_the_peer_answers_the_same_questions_over_the_same_events(log: Log) -> None:
    entries, compared = comparing.compare(log, draws=1)
    assert entries == 400
    assert len(compared) == 9
    for each in compared:
        assert 0 < each.theirs[0] < inf
        assert each.ours[0] > 0


def test_what_stands_beside_a_page_is_measured_with_every_kind_of_filter(log: Log) -> None:
    results = list(measure_beside(log, draws=2))
    assert {result.name for result in results} == {*beside.FILTERS}
    lines = list(report_beside(results))[4:]
    assert len(lines) == len(results)
    assert all(line.count("|") == len(WORKS) + 2 for line in lines)


def test_a_page_that_was_given_up_is_said_to_be() -> None:
    given_up = Compared("slow", theirs=[inf, inf, 900.0], ours=[30.0])
    quick = Compared("quick", theirs=[inf, 60.0, 90.0], ours=[30.0])
    *_, slow_line, quick_line = comparing.report(400, [given_up, quick])
    assert slow_line == "|slow|over 30 s|30|over 1,000|"
    assert quick_line == "|quick|90|30|3|"
