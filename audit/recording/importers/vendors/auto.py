"""``auto``: each record is read as the one format that recognises it.

Nothing is guessed: a format knows its records by members that no other vendor writes, and a record
that none or more than one knows is rejected.
"""

from collections.abc import Sequence

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.vendor import Record, Vendor


def automatic(vendors: Sequence[Vendor]) -> Vendor:
    """A format that finds out for each record which of these it is of."""

    def unpack(record: Record) -> list[Record]:
        found = recognised(record, vendors)
        return found[0].unpack(record) if len(found) == 1 else [record]

    def draft(facts: Facts) -> Draft:
        found = recognised(facts.record, vendors)
        if len(found) == 1:
            drafted = found[0].draft(facts)
            drafted.vendor = found[0].name
            return drafted
        names = " and ".join(vendor.name for vendor in found)
        raise Refused(
            f"may be {names}: say --format" if found else "is of no known format: say --format"
        )

    return Vendor(
        name="auto",
        description="files of the vendors' formats, each record recognised by itself",
        draft=draft,
        arrays=tuple({path: None for vendor in vendors for path in vendor.arrays}),
        unpack=unpack,
        passed_over=frozenset().union(*(vendor.passed_over for vendor in vendors)),
    )


def recognised(record: Record, vendors: Sequence[Vendor]) -> list[Vendor]:
    facts = Facts(record)
    return [vendor for vendor in vendors if vendor.recognises(facts)]
