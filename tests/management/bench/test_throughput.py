from typing import Any

from audit.management.bench import throughput
from audit.models import ApiKey, DictionaryEntry, Event, Organization


def test_every_way_in_is_measured_and_nothing_stays(
    organization: Organization, monkeypatch: Any
) -> None:
    monkeypatch.setattr(throughput, "_EVENTS", 60)
    monkeypatch.setattr(throughput, "_BATCH", 25)
    monkeypatch.setattr(throughput, "_ROUNDS", 2)
    ways = throughput.measure_throughput(organization)
    assert [len(way.rates) for way in ways] == [2, 2, 2]
    assert not Event.objects.exists()
    assert not ApiKey.objects.exists()
    assert not DictionaryEntry.objects.exists()
    table = list(throughput.report_throughput(ways))
    assert table[-3].endswith("|1.00|")
