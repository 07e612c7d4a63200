"""Which words of a text are marked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff.budget import Budget
from audit.diff.text import Run, compare, words
from tests.diff.documents import STRINGS

LONG = st.tuples(STRINGS, st.integers(1, 300)).map(lambda pair: (pair[0] + " ") * pair[1])


@settings(max_examples=300, deadline=None)
@given(STRINGS | LONG, STRINGS | LONG)
def test_runs_join_to_the_texts(before: str, after: str) -> None:
    left, right = compare(before, after, Budget())
    assert "".join(text for text, _ in left) == before
    assert "".join(text for text, _ in right) == after
    assert _equal(left) == _equal(right)


def _equal(runs: list[Run]) -> str:
    return "".join(text for text, changed in runs if not changed)


@settings(max_examples=200, deadline=None)
@given(STRINGS)
def test_words_join_to_the_text(text: str) -> None:
    assert "".join(words(text)) == text


def marked(before: str, after: str) -> tuple[str, str]:
    left, right = compare(before, after, Budget())
    return _marks(left), _marks(right)


def _marks(runs: list[Run]) -> str:
    return "".join(f"[{text}]" if changed else text for text, changed in runs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[0 2] * * *", "[30 4] * * *"),
        ("[0 */1] * * *", "[5 1] * * *"),
        ("v[264]", "v[266]"),
        ("release-[a1b2c3]", "release-[d4e5f6]"),
        ("The [quick] brown fox", "The [slow] brown fox"),
        ("foo(a)", "foo(a[, b])"),
        ("https://[a].example/?y=[1]", "https://[b].example/?y=[2]"),
        ("2024-01-[02]T03:04Z", "2024-01-[03]T03:04Z"),
        ("日本語の文[章]です", "日本語の文[書]です"),
        ("[👩🏽\u200d🚀] hi", "[👩🏽\u200d🔬] hi"),
        ("un [cafe\u0301] noir", "un [cafe] noir"),
        ("alpha", "alpha[ beta]"),
        ("", "[x]"),
        ("a\nb", "a\nb[\n]"),
        ("one\n[two\n]three", "one\nthree"),
        ("[3f786850e387550fdab836ed7e6dc881]", "[89e6c98d92887913cadf06b2adb97f2b]"),
    ],
)  # fmt: skip
def test_marks_are_where_a_reader_expects_them(before: str, after: str) -> None:
    plain = before.replace("[", "").replace("]", ""), after.replace("[", "").replace("]", "")
    assert marked(*plain) == (before, after)


def test_one_word_in_a_very_long_text_is_found() -> None:
    filler = "lorem ipsum dolor\n" * 20_000
    left, right = compare(f"{filler}red {filler}", f"{filler}blue {filler}", Budget())
    assert [text for text, changed in left if changed] == ["red"]
    assert [text for text, changed in right if changed] == ["blue"]


def test_a_text_too_long_to_compare_is_marked_whole_and_says_so() -> None:
    budget = Budget()
    compare("ab " * 20_000, "cd " * 20_000, budget)
    assert budget.limitation == "Long passages of text that changed are marked as a whole."
