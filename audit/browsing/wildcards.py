"""What a query asks beyond exact values: words, beginnings, and alternatives of several kinds."""

from dataclasses import dataclass

from django.db.models.expressions import RawSQL

from audit.browsing.criteria import SQL, Criterion, as_expression
from audit.browsing.fields import FIELDS

# More values than these are no help to the index, and most events have one of them.
MAX_KNOWN_VALUES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Has these words, normalised, one after the other in one of its texts.

    After them comes one that is ``like`` this pattern (of ``LIKE``: ``tenan%``, ``%enan%``), if
    that is given: it is one of ``known`` or, where they are None, any.
    """

    words: tuple[str, ...] = ()
    like: str = ""
    known: tuple[str, ...] | None = None
    excluded: bool = False

    @property
    def clauses(self) -> list[list[str]]:
        if self.excluded:
            return []
        clauses = [[f"word={word}"] for word in self.words]
        if self.like and self.known is not None:
            # No event has a word without letters: so nothing is found where none is known.
            clauses.append([f"word={word}" for word in self.known or ("",)])
        return clauses

    def exactly(self) -> SQL:
        sql = "words LIKE ANY (%s::text[])"
        return (f"NOT ({sql})" if self.excluded else sql), [self._patterns()]

    def condition(self, organization_id: int) -> RawSQL:
        return as_expression(self, organization_id)

    def _patterns(self) -> list[str]:
        """For ``LIKE``: normalised words hold none of its signs."""
        if not self.like:
            return [f"% {' '.join(self.words)} %"]
        before = "".join(f"{word} " for word in self.words)
        last = (self.like,) if self.known is None else self.known
        return [f"% {before}{word} %" for word in last]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """``field`` begins with ``text``; for ``tag`` that is ``key:`` and the value's beginning.

    ``known`` are all values of which that holds, if they are known: ``key:value`` for ``tag``.
    """

    field: str
    text: str
    known: tuple[str, ...] | None = None

    @property
    def clauses(self) -> list[list[str]]:
        if self.known is not None:
            # One that nobody has where there is no value: so nothing is found.
            return [list(Criterion(self.field, self.known).terms if self.known else ("",))]
        return [[f"has={self.text.partition(':')[0]}"]] if self.field == "tag" else []

    def exactly(self) -> SQL:
        if self.field == "tag":
            sql = "EXISTS (SELECT FROM unnest(details) AS tag WHERE starts_with(tag, %s))"
        elif self.field == "ip":
            sql = "starts_with(host(ip), %s)"
        else:
            sql = f"starts_with(nullif({FIELDS[self.field].column}, ''), %s)"
        return sql, [self.text]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """At least one of these or, if ``excluded``, none."""

    options: tuple[Criterion | Beginning, ...]
    excluded: bool = False

    @property
    def clauses(self) -> list[list[str]]:
        of_each = [option.clauses for option in self.options]
        if self.excluded or not all(of_each):
            return []
        return [[term for clauses in of_each for clause in clauses for term in clause]]

    def exactly(self) -> SQL:
        parts = [option.exactly() for option in self.options]
        sql = " OR ".join(f"({part})" for part, _ in parts)
        params = [value for _, values in parts for value in values]
        return f"({sql}) IS NOT TRUE" if self.excluded else f"({sql})", params

    def condition(self, organization_id: int) -> RawSQL:
        return as_expression(self, organization_id)
