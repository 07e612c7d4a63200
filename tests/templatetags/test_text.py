import re

import pytest
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.highlighting import Marker
from audit.templatetags.text import marked, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice‹U+202E›fdp.exe"),
        ("admin\u200b", "admin‹U+200B›"),
        ("\x00\x1b[31m", "‹U+0000›‹U+001B›[31m"),
        ("سعر 👩\u200d🚀", "سعر 👩\u200d🚀"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_characters_that_deceive_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("script", "<script>", "&lt;<mark>script</mark>&gt;"),
        ("a*", "<a>&amp;", "&lt;<mark>a</mark>&gt;&amp;<mark>a</mark>mp;"),
        ("amp", "a & b", "a &amp; b"),
        ("zak", "\u202eZ\u0307ak", "‹U+202E›<mark>Z\u0307ak</mark>"),
        ("", "<b>", "&lt;b&gt;"),
    ],
)
def test_marks_never_break_what_is_escaped(query: str, text: str, shown: str) -> None:
    assert marked(text, Marker.of_text(query)) == shown


@given(
    st.lists(
        st.one_of(
            st.text(max_size=3),
            st.sampled_from(["<script>", "&lt;", '"', "\u0301", "ß", "\u202e", "mark", "ab"]),
        )
    ).map("".join),
    st.sampled_from(["", "a*", "*s*", "script", "mark lt", "*b", "ss"]),
)
def test_without_its_marks_a_text_is_what_it_was(text: str, query: str) -> None:
    html = marked(text, Marker.of_text(query))
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert bare == escape(visible(text))
    assert not re.search(r"<(?!/?mark>)", html)


def test_where_nothing_was_searched_nothing_is_marked() -> None:
    assert marked("<a>", None) == marked("<a>", Marker()) == "&lt;a&gt;"
