import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.diff import ABSENT, Fold, Row, diff, fold, loads
from audit.templatetags.diff import diff_rows
from tests.diff_table import Table

TAGS = {"tr", "td", "ins", "del", "span", "br", "bdi", "a", "label", "input"}


def rendered(rows: Iterable[Row | Fold], sides: str = "before after", everything: str = "") -> str:
    return diff_rows(
        rows,
        sides=tuple(sides.split()),  # type: ignore[arg-type]
        anchor="line-",
        unfold="?open=1&unfold=",
        fragment="/e/?rows=",
        everything=everything,
        raw="/e/after.json",
    )


def table(before: Any, after: Any) -> Table:
    return Table(rendered(diff(before, after).rows))


HOSTILE = [
    pytest.param({"a": 1, "b": [1, 2]}, {"a": 2, "b": [1, 3, 2]}, id="plain"),
    pytest.param(
        {"</td><script>x()</script>": "<b>"}, {"</td><script>x()</script>": "<i>"}, id="markup"
    ),
    pytest.param(["&amp;", "&lt;", "'\""], ["&amp;amp;", "&lt", "\"'"], id="entities"),
    pytest.param({"k": "a\u202eb\u2066"}, {"k": "a\u202ec\u2069"}, id="bidi"),
    pytest.param({"k": "\x00\x1f\ud800"}, {"k": "\x00\x1e\udfff"}, id="control"),
    pytest.param({"السعر": "مئة", "x": "y"}, {"السعر": "مئتان", "x": "z"}, id="right to left"),
    pytest.param({"s": "eins\nzwei\ndrei\n"}, {"s": "eins\n2\ndrei\nvier\n"}, id="lines"),
    pytest.param({"s": "سطر\nسطر ٢\n"}, {"s": "سطر\nسطر ٣\n"}, id="right-to-left lines"),
    pytest.param({"s": "a\n" * 500 + "b"}, {"s": "a\n" * 499 + "c\n" * 9}, id="many lines"),
    pytest.param({"s": "one\ntwo"}, {"s": None}, id="lines to null"),
    pytest.param({"s": {"$redacted": "f1"}}, {"s": {"$redacted": "f2"}}, id="redacted"),
    pytest.param([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 1}], id="moved"),
    pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="another order"),
    pytest.param("x" * 1_048_000, "x" * 1_048_000 + "y", id="a long string"),
    pytest.param(loads("[" * 250 + "]" * 250), loads("[" * 250 + "1" + "]" * 250), id="deep"),
    pytest.param(None, {}, id="null to object"),
]


@pytest.mark.parametrize(("before", "after"), HOSTILE)
def test_the_cells_of_a_side_are_its_document(before: Any, after: Any) -> None:
    shown = table(before, after)
    assert loads(shown.document("before")) == before
    assert loads(shown.document("after")) == after
    for side in ("before", "after"):
        rows = diff(before, after).rows
        lines = [line.text for row in rows if (line := getattr(row, side))]
        assert shown.sides[side] == lines


texts = st.text(st.sampled_from("a\n<>&\"'\\ \u202e\u05d0\u0660\x00\ud800"), max_size=12)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(before=documents, after=documents)
def test_any_document_is_shown_exactly_and_as_text_alone(before: Any, after: Any) -> None:
    html = rendered(diff(before, after).rows)
    shown = Table(html)
    assert loads(shown.document("before")) == before
    assert loads(shown.document("after")) == after
    assert shown.tags <= TAGS
    assert not [name for name in shown.attributes if name.startswith("on")]
    html.encode()  # no lone surrogate is left


def test_a_created_document_stands_alone_on_its_side() -> None:
    shown = Table(rendered(diff(ABSENT, {"a": 1}).rows, sides="after"))
    assert loads(shown.document("after")) == {"a": 1}
    assert shown.sides["before"] == []
    assert {row["class"] for row in shown.rows} == {"added"}


def test_words_that_changed_are_marked() -> None:
    html = rendered(diff({"cron": "0 2 * * *"}, {"cron": "30 4 * * *"}).rows)
    assert "<del>0 2</del>" in html
    assert "<ins>30 4</ins>" in html


def test_changed_lines_name_their_pointer_and_unchanged_ones_do_not() -> None:
    html = rendered(diff({"a/b": {"c": 1}, "d": 1}, {"a/b": {"c": 2}, "d": 1}).rows)
    assert re.findall('data-pointer="([^"]*)"', html) == ["/a~1b/c"] * 2


def test_what_is_said_about_a_line_is_no_part_of_it() -> None:
    shown = table({"port": "80"}, {"port": 80})
    assert shown.said == ["was string"]
    assert "was string" not in shown.document("after")


def test_what_is_redacted_is_covered() -> None:
    html = rendered(diff({"key": {"$redacted": "f1"}}, {"key": {"$redacted": "f2"}}).rows)
    covered = re.findall(r'<span class="redacted">(.*?)</span>', html)
    assert [re.sub("<[^>]*>", "", text) for text in covered] == [
        "{ &quot;$redacted&quot;: &quot;f1&quot; }",
        "{ &quot;$redacted&quot;: &quot;f2&quot; }",
    ]


def test_a_string_that_speaks_of_redaction_is_not_covered() -> None:
    shown = rendered(diff(ABSENT, {"a": '{ "$redacted": "f1" }', "b": "<$redacted>"}).rows)
    assert 'class="redacted"' not in shown


def test_right_to_left_text_does_not_reach_beyond_its_quotes() -> None:
    html = rendered(diff({"שם": "ערך ישן"}, {"שם": "ערך חדש"}).rows)
    assert "&quot;<bdi>שם</bdi>&quot;: &quot;<bdi>ערך <del>ישן</del></bdi>&quot;" in html


def test_lines_of_a_text_stand_beside_their_counterparts() -> None:
    before, after = "one\ntwo\nVACUUM;\nend", "one\nTWO\nANALYZE t;\nVACUUM FULL;\nend"
    html = rendered(diff({"sql": before}, {"sql": after}).rows)
    cells = re.findall(r'<td data-side="\w+" class="\w+">(.*?)</td>', html)
    left, right = (
        re.findall(r'<span class="block(.*?)">(.*?)</span>(?=<span class="block|$)', cell)
        for cell in cells
    )
    words = [
        tuple(re.sub("<[^>]*>|\\\\n", "", text) for text in pair)
        for pair in zip([text for _, text in left], [text for _, text in right], strict=True)
    ]
    assert words == [
        ("  &quot;sql&quot;: &quot;one", "  &quot;sql&quot;: &quot;one"),
        ("two", "TWO"),
        ("", "ANALYZE t;"),
        ("VACUUM;", "VACUUM FULL;"),
        ("end&quot;", "end&quot;"),
    ]


def test_unchanged_lines_of_a_long_text_are_shown_on_request() -> None:
    text = "".join(f"line {number}\n" for number in range(60))
    html = rendered(diff({"s": text + "old"}, {"s": text + "new"}).rows)
    assert "Show 54 unchanged lines of this text" in html
    assert html.count('class="more"') == 2


def test_a_fold_is_a_link_that_comes_back_to_the_line_above() -> None:
    before = {"items": [*range(30)], "last": 1}
    found = diff(before, before | {"last": 2})
    shown = rendered(fold(found.rows))
    hidden = next(row for row in fold(found.rows) if isinstance(row, Fold))
    above = found.rows[hidden.index - 1].after
    assert above
    assert f'href="?open=1&amp;unfold={hidden.index}#line-{above.number}"' in shown
    assert f'hx-get="/e/?rows={hidden.index}"' in shown
    assert f"Show {hidden.count} unchanged lines" in shown
    assert f'id="line-{above.number}"' in shown


def test_every_row_has_an_id_of_its_own() -> None:
    shown = table([1, 2, {"a": 1}], [{"a": 2}, 3, 1])
    ids = [row["id"] for row in shown.rows]
    assert len(ids) == len(set(ids))
    assert all(ids)


def test_a_page_is_bounded_and_says_what_it_leaves_out() -> None:
    found = diff(ABSENT, list(range(10_000)))
    shown = Table(rendered(found.rows, sides="after", everything="?full=1"))
    assert len(shown.rows) == 3_001
    assert "7,002 lines are left out" in shown.rows[-1]["text"]
    assert "raw JSON" in shown.rows[-1]["text"]


def test_one_long_line_does_not_hide_the_others() -> None:
    found = diff({"a": "x" * 200_000, "b": 1}, {"a": "y" * 200_000, "b": 2})
    shown = Table(rendered(found.rows, everything="?full=1"))
    assert [row["class"] for row in shown.rows] == ["", "fold left-out", "changed", ""]
    assert "1 line is left out" in shown.rows[1]["text"]


def test_on_request_everything_is_shown() -> None:
    found = diff(ABSENT, list(range(10_000)))
    shown = Table(rendered(found.rows, sides="after"))
    assert loads(shown.document("after")) == list(range(10_000))
