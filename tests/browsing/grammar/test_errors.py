import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.grammar import GrammarError, Remark, Span, parse


def caret(text: str, position: int, length: int, width: int = 72) -> list[str]:
    return Remark("", text, Span(position, length)).caret(width).split("\n")


def test_the_caret_stands_under_the_place() -> None:
    assert caret("actor:mara chnge:x", 11, 5) == ["actor:mara chnge:x", "           ^^^^^"]


def test_a_place_without_width_has_one_caret() -> None:
    assert caret("actor", 5, 0) == ["actor", "     ^"]


def test_line_breaks_and_what_turns_writing_around_keep_their_place_but_do_nothing() -> None:
    assert caret("a\n\u202eb c", 4, 1) == ["a  b c", "    ^"]


def test_wide_letters_and_accents_move_the_caret() -> None:
    assert caret("日本 e\u0301 x", 6, 1) == ["日本 e\u0301 x", "       ^"]


def test_of_a_long_text_the_surroundings_are_shown() -> None:
    text = "a" * 500 + "!" + "b" * 500
    assert caret(text, 500, 1, width=11) == ["…aaaaa!bbbbb…", "      ^"]
    assert caret(text, 0, 1001, width=5) == ["aaaaa…", "^^^^^"]


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60), st.integers(1, 40))
def test_carets_never_leave_the_text(text: str, position: int, length: int, width: int) -> None:
    position = min(position, len(text))
    length = min(length, len(text) - position)
    line, carets = caret(text, position, length, width)
    assert len(line) <= width + 2
    assert len(carets) <= 2 * len(line) + 1
    assert carets.strip(" ").strip("^") == ""


def test_an_error_survives_the_way_between_processes() -> None:
    with pytest.raises(GrammarError) as caught:
        parse("change:creatd")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.span, copy.corrected) == (
        str(caught.value),
        caught.value.span,
        "change:created",
    )
