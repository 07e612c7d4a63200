"""What is asked of events, as values that know their SQL.

Made from URL parameters (``audit.browsing.filters``) and queries (``audit.browsing.asking``), and
by whoever else asks: pages hand them on as
``events.matching(Criterion("actor", ("mara.ito@acme.dev",)))``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Protocol, runtime_checkable
from uuid import UUID

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from audit.browsing.fields import FIELDS, InvalidValue
from audit.event_id import EPOCH
from audit.models import lowest_id

LOWEST: Final = UUID(int=0)
HIGHEST: Final = UUID(int=2**128 - 1)

type SQL = tuple[str, list[Any]]


@runtime_checkable
class Condition(Protocol):
    """What can be asked of an event, by the index and by its columns.

    ``clauses`` are what the index has of every event that meets it: of each list at least one
    term, before it is hashed. There are none where the index can't help.
    """

    @property
    def clauses(self) -> list[list[str]]: ...

    def exactly(self) -> SQL: ...

    def condition(self, organization_id: int) -> RawSQL: ...


@dataclass(frozen=True, slots=True)
class Criterion:
    """``field`` is one of ``values`` or, if ``excluded``, none of them.

    ``field`` is a name in FIELDS. For ``tag`` the values are ``key:value``, all of one key, for
    a criterion's values are alternatives and different keys are not. Raises InvalidValue.
    """

    field: str
    values: tuple[str, ...]
    excluded: bool = False

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise InvalidValue(f"{self.field} is not something to filter events by.")
        clean = FIELDS[self.field].clean
        values = tuple(dict.fromkeys(clean(value) for value in self.values))
        if not values:
            raise InvalidValue(f"{self.field} needs a value.")
        object.__setattr__(self, "values", values)

    @property
    def terms(self) -> list[str]:
        """The values as the index has them, before they are hashed."""
        if self.field == "tag":
            return list(self.values)
        return [f"{self.field}={value}" for value in self.values]

    @property
    def clauses(self) -> list[list[str]]:
        return [] if self.excluded else [self.terms]

    def exactly(self) -> SQL:
        """The condition on the columns themselves."""
        column, values = FIELDS[self.field].column, list(self.values)
        if self.field == "tag":
            sql = f"{column} && %s::text[]"
        elif self.field == "ip":
            sql = f"{column} = ANY (%s::inet[])"
        else:
            sql = f"{column} = ANY (%s::text[])"
        return (f"({sql}) IS NOT TRUE" if self.excluded else sql), [values]

    def condition(self, organization_id: int) -> RawSQL:
        return as_expression(self, organization_id)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` up to, not including, ``until``; None is unbounded."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def low(self) -> UUID:
        """The smallest id in the period."""
        return LOWEST if self.since is None else lowest_id(max(self.since, EPOCH))

    @property
    def high(self) -> UUID:
        """The id the period ends before."""
        return HIGHEST if self.until is None else lowest_id(max(self.until, EPOCH))

    def condition(self, organization_id: int) -> Q:
        return Q(id__range=(self.low, UUID(int=max(self.high.int - 1, 0))))  # both included


@dataclass(frozen=True, slots=True)
class AsOf:
    """Recorded by then: the log as it was at that moment, whatever has been added since.

    The index knows nothing of it, so it belongs with a Period that ends about then.
    """

    at: datetime

    @property
    def clauses(self) -> list[list[str]]:
        return []

    def exactly(self) -> SQL:
        return "recorded_at <= %s", [self.at]

    def condition(self, organization_id: int) -> RawSQL:
        return as_expression(self, organization_id)


def tag_criteria(tags: Iterable[str], *, excluded: bool = False) -> list[Criterion]:
    """One criterion per key, for tags ``key:value``: a key's values are alternatives."""

    def key(tag: str) -> str:
        return tag.partition(":")[0]

    return [
        Criterion("tag", tuple(of_key), excluded)
        for _, of_key in groupby(sorted(tags, key=key), key)
    ]


def as_expression(asked: Condition, organization_id: int) -> RawSQL:
    """For a QuerySet: by the index, and checked against the columns."""
    sql, params = conjunction([by_terms([asked], organization_id), asked.exactly()])
    return RawSQL(sql, params, output_field=BooleanField())  # noqa: S611 -- all of it bound


def exactly(criteria: Iterable[Condition]) -> SQL:
    """All of these, on the columns themselves: always right, never fast."""
    return conjunction([criterion.exactly() for criterion in criteria])


def by_terms(criteria: Iterable[Condition], organization_id: int) -> SQL:
    """What the index can tell of all of these.

    Terms are hashes, so this may let a wrong row through; ``exactly`` does not.
    """
    wanted = [clause for criterion in criteria for clause in criterion.clauses]
    return conjunction(_any_of(terms, organization_id) for terms in wanted)


def _any_of(terms: list[str], organization_id: int) -> SQL:
    """One key of the index's scan.

    A key with all of several terms would read the lists of all of them, but keys of their own are
    read only where those before have met: of four terms of which two never meet, half as much.
    """
    operator = "&&" if len(terms) > 1 else "@>"
    return f"terms {operator} audit_terms(%s, %s::text[])", [organization_id, terms]


def conjunction(parts: Iterable[SQL]) -> SQL:
    kept = [part for part in parts if part[0]]
    return " AND ".join(sql for sql, _ in kept), [value for _, params in kept for value in params]
