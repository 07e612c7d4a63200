"""Writes made-up events, one statement a day, so that no row passes through Python."""

import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from audit.management.bench import vocabulary
from audit.models import Organization

# The first organisation's share, where events are spread over several.
LARGEST_SHARE = 0.6
# More rows of one organisation in a partition make the slowest searches slower (docs/storage.md).
_ROWS_PER_PARTITION = 500_000
_DAY = timedelta(days=1)

# Every draw is made once, here, where later expressions can use it twice. power(n + 1, random())
# is a rank from 1 to n, of which the first comes about twice as often as the second, and so on.
_DRAWN = """
SELECT floor((random() + random() + random()) / 3 * %(microseconds)s)::bigint AS us,
  random() AS owner, random() AS special, random() AS luck, random() AS distance,
  floor(power(%(users)s + 1, random()))::int AS actor,
  floor(power(%(flows)s + 1, random()))::int AS flow,
  floor(power(%(type_count)s + 1, random()))::int AS type,
  floor(power(%(deployment_count)s + 1, random()))::int AS deployment,
  floor(power(%(namespace_count)s + 1, random()))::int AS namespace,
  random(1, %(source_count)s) AS source, random(1, %(user_agent_count)s) AS user_agent,
  random(1, greatest(%(rows)s / 4, 1)) AS execution,
  random(-9223372036854775808, -4611686018427387905) AS tail
FROM generate_series(1, %(rows)s) ORDER BY us
"""

_NAMED = f"""
SELECT *, actor %% 12 AS kind, %(starts_at)s::timestamptz + us * interval '1 microsecond' AS at,
  first_names[1 + actor %% 40] || '.' || last_names[1 + actor / 40 %% 50] AS name,
  CASE WHEN owner < %(share)s THEN 1 ELSE
    1 + floor(power(cardinality(organizations), (owner - %(share)s) / (1 - %(share)s)))::int END
    AS organization,
  CASE WHEN special < %(common)s THEN %(common_a)s
    WHEN special < %(common)s * 2 THEN %(common_b)s
    WHEN special < %(common)s * 2 + %(unique)s THEN 'ticket:T-' || to_hex(tail)
    WHEN special < %(common)s * 2 + %(unique)s + %(rare)s
      THEN 'incident:INC-' || actor %% %(rare_values)s
    WHEN special > 1 - %(retired)s AND %(is_early)s THEN %(retired_tag)s END AS special_tag
FROM ({_DRAWN}) AS drawn CROSS JOIN words
"""  # noqa: S608 -- put together from constants; the values are bound

# The id is that of audit.event_id: milliseconds, microseconds, variant and random tail.
# {{words}} stands for the lists of the vocabulary.
_MADE = f"""
SELECT organizations[organization] AS organization_id,
  (lpad(to_hex(%(milliseconds)s + us / 1000), 12, '0') || '7'
    || lpad(to_hex(us %% 1000 * 4096 / 1000), 3, '0') || to_hex(tail))::uuid AS id,
  at AS occurred_at, at + interval '40 ms' AS recorded_at,
  CASE kind WHEN 10 THEN 'service_account' WHEN 11 THEN 'agent_token' ELSE 'user' END
    AS actor_kind,
  name || CASE kind WHEN 10 THEN '.bot' WHEN 11 THEN '.agent' ELSE '@acme.example' END
    AS actor_id,
  initcap(replace(name, '.', ' ')) AS actor_name,
  types[type] AS event_type, changes[type] AS change,
  CASE WHEN luck < 0.97 THEN 'success' WHEN luck < 0.99 THEN 'failure' ELSE 'denied' END
    AS outcome,
  resource_types[type] AS resource_type, 'flow-' || flow AS resource_id,
  'Flow ' || flow AS resource_name, deployments[deployment] AS deployment,
  array_remove(ARRAY[
    'namespace:' || namespaces[namespace], 'flow:flow-' || flow,
    'execution_id:' || %(day)s || '-' || execution, 'source:' || sources[source],
    'region:' || CASE WHEN distance < 0.6 THEN 'eu-west' WHEN distance < 0.9 THEN 'us-east'
      ELSE 'ap-south' END, special_tag], NULL) AS details,
  labels[type] || ', flow ' || flow AS summary,
  's_' || %(day)s || '_' || actor AS session,
  ('203.0.' || actor %% 200 || '.' || actor %% 250)::inet AS ip,
  user_agents[user_agent] AS user_agent, 'req_' || to_hex(~ tail) AS request_id,
  CASE changes[type] WHEN 'updated' THEN ARRAY['/schedule/cron'] ELSE ARRAY[]::text[] END
    AS changed_paths
FROM ({_NAMED}) AS named
"""  # noqa: S608

# Words are spaced as audit.models.words does it, two spaces between texts. What stands before a
# detail's colon is its key, and no word. All texts are ASCII.
_FILL_A_DAY = f"""
WITH words AS MATERIALIZED (SELECT {{words}})
INSERT INTO audit_event (organization_id, id, occurred_at, recorded_at, actor_kind, actor_id,
  actor_name, event_type, change, outcome, resource_type, resource_id, resource_name, deployment,
  details, summary, session, ip, user_agent, request_id, changed_paths, words)
SELECT *, replace(regexp_replace(lower(concat_ws('|', '', summary, resource_type, actor_name,
    actor_id, deployment,
    regexp_replace(array_to_string(details, '|'), '(^|[|])[^:]*:', '|', 'g'), '')),
  '[^a-z0-9|]+', ' ', 'g'), '|', '  ')
FROM ({_MADE}) AS made
"""  # noqa: S608

_REMEMBER_WORDS = """
INSERT INTO audit_word (organization_id, word)
SELECT organization, word FROM unnest(%(organizations)s::bigint[]) AS organization
CROSS JOIN unnest(%(words)s::text[]) AS word
ON CONFLICT DO NOTHING
"""
_REMEMBER = """
INSERT INTO audit_dictionary (organization_id, field, value, label)
SELECT organization, field, value, ''
FROM unnest(%(organizations)s::bigint[]) AS organization
CROSS JOIN unnest(%(fields)s::text[], %(values)s::text[]) AS entry (field, value)
ON CONFLICT DO NOTHING
"""


# Made-up events may be lost in a crash; and the index takes in its pending entries in runs as
# long as this memory allows.
_FASTER = "SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Events from ``since`` to ``until``, more of them towards the end and on working days.

    The first of the organisations has most of them. The same seed makes the same events.
    """

    organizations: Sequence[Organization]
    count: int
    since: datetime
    until: datetime
    seed: int = 1

    def days(self) -> Iterator[tuple[datetime, int]]:
        """Each day, and how many events it gets."""
        starts = [self.since + _DAY * n for n in range(-((self.since - self.until) // _DAY))]
        weights = [
            (1 + n / len(starts)) * (0.35 if start.weekday() > 4 else 1)
            for n, start in enumerate(starts)
        ]
        total, done, reached = sum(weights), 0, 0.0
        for start, weight in zip(starts, weights, strict=True):
            reached += weight
            rows = round(self.count * reached / total) - done
            done += rows
            yield start, rows

    def write(self, jobs: int = 1) -> Iterator[int]:
        """Write day after day, over so many connections; yields how many events each day got."""
        days, width = list(self.days()), self.width
        with connection.cursor() as cursor:
            for start, _ in days:
                cursor.execute("SELECT audit_ensure_partition(%s, %s)", [start, width])
        if jobs == 1:
            yield from (self._write_day(*day) for day in days)
            return
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(lambda day: self._write_day_apart(*day), days)

    def _write_day_apart(self, start: datetime, rows: int) -> int:
        try:
            return self._write_day(start, rows)
        finally:
            connection.close()  # a thread has one of its own

    def _write_day(self, start: datetime, rows: int) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FASTER)
            cursor.execute("SELECT setseed(%s)", [self._seed_of(start)])
            cursor.execute(_statement(), self._parameters(start, rows))
        return rows

    def finish(self) -> None:
        """What recording would have done: the dictionaries and the statistics."""
        entries = [(f, v) for f, values in vocabulary.dictionary().items() for v in values]
        organizations = [organization.pk for organization in self.organizations]
        with connection.cursor() as cursor:
            cursor.execute(
                _REMEMBER,
                {
                    "organizations": organizations,
                    "fields": [field for field, _ in entries],
                    "values": [value for _, value in entries],
                },
            )
            cursor.execute(
                _REMEMBER_WORDS, {"organizations": organizations, "words": vocabulary.words()}
            )
            cursor.execute("SELECT audit_analyze(%s, %s)", [self.since, self.until])

    @property
    def _share(self) -> float:
        return LARGEST_SHARE if len(self.organizations) > 1 else 1.0

    @property
    def width(self) -> str:
        """Of the partitions, so that none has too many rows of one organisation."""
        a_day = self.count * self._share / ((self.until - self.since) / _DAY)
        if a_day * 31 <= _ROWS_PER_PARTITION:
            return "month"
        return "week" if a_day * 7 <= _ROWS_PER_PARTITION else "day"

    def _seed_of(self, day: datetime) -> float:
        return zlib.crc32(f"{self.seed} {day:%F}".encode()) / 2**32

    def _parameters(self, start: datetime, rows: int) -> dict[str, Any]:
        length = min(_DAY, self.until - start)
        return {
            **vocabulary.lists(),
            **vocabulary.numbers(),
            "organizations": [organization.pk for organization in self.organizations],
            "rows": rows,
            "share": self._share,
            "starts_at": start,
            "milliseconds": int(start.timestamp()) * 1000,
            "microseconds": length // timedelta(microseconds=1),
            "day": f"{start:%y%m%d}",
            "is_early": start < self.since + (self.until - self.since) / 4,
        }


def _statement() -> str:
    words = ", ".join(f"%({name})s::text[] AS {name}" for name in vocabulary.lists())
    return _FILL_A_DAY.format(words=f"{words}, %(organizations)s::bigint[] AS organizations")


def whole_days(days: int, now: datetime) -> tuple[datetime, datetime]:
    """A range of that many days up to now, from a midnight in UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - _DAY * (days - 1), now
