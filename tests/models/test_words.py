import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models.words import (
    MAX_WORD_LENGTH,
    MAX_WORDS,
    normalized,
    searchable,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Żak", "zak"),
        ("ŁÓDŹ", "lodz"),
        ("Ångström", "angstrom"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ﬁle", "file"),
        ("Ærø", "aero"),
        ("Σίσυφος", "σισυφοσ"),
    ],
)
def test_case_and_accents_make_no_difference(text: str, same: str) -> None:
    assert normalized(text) == normalized(text.upper()) == same


@given(st.text())
def test_what_is_normalized_stays_as_it_is(text: str) -> None:
    words = words_of(text)
    assert [word for one in words for word in words_of(one)] == [word for word in words if word]


@given(st.lists(st.text()))
def test_every_word_of_a_text_stands_between_spaces(texts: list[str]) -> None:
    joined = searchable(texts)
    for word in words_of(" ".join(texts))[: MAX_WORDS // 2]:
        assert not word or f" {word} " in joined
    assert not set("%_\\") & set(joined)


def test_words_of_two_texts_do_not_follow_one_another() -> None:
    joined = searchable(["Paused nightly-revenue", "revenue report", "nightly"])
    assert joined == " paused nightly revenue  revenue report "
    assert " revenue revenue " not in joined


def test_a_word_that_is_too_long_leaves_a_gap() -> None:
    joined = searchable([f"token {'x' * (MAX_WORD_LENGTH + 1)} used"])
    assert joined == " token  used "


def test_the_first_words_stand_for_a_document() -> None:
    joined = searchable(["paused", " ".join(f"w{n}" for n in range(MAX_WORDS * 2))])
    assert len(joined.split()) == MAX_WORDS
