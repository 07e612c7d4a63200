"""Documents for the laws: any JSON, and pairs where the second is an edit of the first."""

from typing import Any

from hypothesis import strategies as st

from audit.diff import Diff, JSONNumber, Line, Row

KEYS = st.sampled_from(["id", "name", "key", "a", "b", "tags", "spec", "a/b", "~", "", "ключ"])
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(),
    st.sampled_from([0.0, -0.0, 1.0, 0.5, 1e-7]),
    st.sampled_from(["1.10", "1E5", "1e400", "-0", "1.0e0", "9" * 4400]).map(JSONNumber),
)
PHRASES = st.lists(
    st.sampled_from(
        ["alpha", "beta", "12", "\n", " ", "  ", "é", "e\u0301", "👩🏽\u200d🚀", "\u202e"]
    ),
    max_size=40,
)
STRINGS = st.one_of(
    st.sampled_from(["", "x", "1", "true", "v264", "0 2 * * *", "\x00", "\ud800", "\u2028"]),
    st.text(max_size=8),
    PHRASES.map("".join),
)
REDACTED = st.sampled_from(["one", "two"]).map(lambda mark: {"$redacted": mark})
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, STRINGS, REDACTED)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6), st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)


@st.composite
def edited(draw: st.DrawFn, value: Any) -> Any:
    """The value with some of it changed, taken out, put in or put elsewhere."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    if isinstance(value, dict):
        kept = {key: draw(edited(item)) for key, item in value.items() if draw(st.integers(0, 5))}
        if draw(st.integers(0, 3)) == 0:
            kept[draw(KEYS)] = draw(VALUES)
        return dict(draw(st.permutations(list(kept.items())))) if draw(st.booleans()) else kept
    if isinstance(value, list):
        items = [draw(edited(item)) for item in value if draw(st.integers(0, 5))]
        if draw(st.integers(0, 2)) == 0:
            items.insert(draw(st.integers(0, len(items))), draw(VALUES))
        return list(draw(st.permutations(items))) if draw(st.integers(0, 2)) == 0 else items
    return value


PAIRS = st.one_of(
    VALUES.flatmap(lambda value: st.tuples(st.just(value), edited(value))),
    st.tuples(VALUES, VALUES),
)


def side(found: Diff, name: str) -> list[Line]:
    """The lines of one side, "before" or "after"."""
    lines = (getattr(row, name) for row in found.rows)
    return [line for line in lines if line is not None]


def text(found: Diff, name: str) -> str:
    return "\n".join(line.text for line in side(found, name))


def shown(found: Diff) -> list[str]:
    """What a reader sees change: `- before`, `+ after`, ⟦emphasis⟧, (note); `~` for moved."""
    return [_row(row) for row in found.rows if row.kind != "same"]


def _row(row: Row) -> str:
    marks = ("~", "~") if row.kind == "moved" else ("-", "+")
    sides = zip(marks, (row.before, row.after), strict=True)
    return " ".join(f"{mark} {_line(line)}" for mark, line in sides if line)


def _line(line: Line) -> str:
    words = [f"⟦{part.text}⟧" if part.emphasis else part.text for part in line.segments]
    return "".join(words).strip() + (f" ({line.note})" if line.note else "")
