"""What an organisation does not record, and how much of it there was."""

from collections import Counter
from datetime import UTC, datetime

from django.db import connection, transaction

from audit.event_types import registry
from audit.models import EventRule
from audit.recording.policy import Policy
from audit.recording.validation import NewEvent

#: How many events were kept out, by the rule's primary key and their type.
Suppressed = Counter[tuple[int, str]]

# One statement after the commit, so that the rows of busy rules are locked for a moment only;
# in order, so that two processes never wait for each other. A rule may be gone by then.
_COUNT = """
INSERT INTO audit_suppressed_count AS known (rule_id, event_type, count, first_at, last_at)
SELECT rule.id, seen.event_type, seen.count, now(), now()
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS seen (rule_id, event_type, count)
JOIN audit_event_rule rule ON rule.id = seen.rule_id
ORDER BY 1, 2
ON CONFLICT (rule_id, event_type) DO UPDATE
SET count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at)
"""


def rule_against(
    event: NewEvent, policy: Policy, *, now: datetime | None = None
) -> EventRule | None:
    """The oldest rule by which the event is not to be recorded, if there is one.

    Asked of events that are right only: a wrong one is told to its sender, rule or no rule.
    """
    rules = policy.rules_against(event.event_type)
    if not rules:
        return None
    now = now or datetime.now(UTC)
    level = event.details.get("level", "").lower()
    holding = (
        rule
        for rule in rules
        if rule.holds_for(kind=event.actor_kind, id=event.actor_id, level=level, now=now)
    )
    return next(holding, None)


def count_later(suppressed: Suppressed) -> None:
    """Add to the counts of the rules once the surrounding transaction is committed.

    Best effort: a process that dies in between counts less than it kept out.
    """
    if not suppressed:
        return
    counts = Suppressed()
    for (rule, event_type), count in suppressed.items():
        counts[rule, event_type if event_type in registry else ""] += count
    transaction.on_commit(lambda: _count(counts), robust=True)


def _count(counts: Suppressed) -> None:
    rules, types = zip(*counts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(rules), list(types), list(counts.values())])
