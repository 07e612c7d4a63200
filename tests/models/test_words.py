import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models.words import (
    MAX_WORD_LENGTH,
    MAX_WORDS,
    normalized,
    placed_words,
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


# --- Where words stand ---------------------------------------------------------------------------

# Marks, letters that become several, jamo that become one, and what combines though it is none.
_ODD = [
    "Z\u0307",
    "ß",
    "ﬁ",
    "Æ",
    "İ",
    "\u0301",
    "\u1112\u1161\u11ab",
    "한",
    "\u1025\u102e",
    "ᾳ",
    "ŉ",
    "각",
]
texts = st.lists(st.one_of(st.text(max_size=4), st.sampled_from(_ODD))).map("".join)


@given(texts)
def test_placed_words_are_the_words_of_the_text(text: str) -> None:
    placed = placed_words(text)
    assert [each.word if len(each.word) <= MAX_WORD_LENGTH else "" for each in placed] == words_of(
        text
    )


@given(texts)
def test_each_letter_stands_where_the_text_has_it(text: str) -> None:
    for placed in placed_words(text):
        assert len(placed.places) == len(placed.word)
        for letter, (start, end) in zip(placed.word, placed.places, strict=True):
            assert 0 <= start < end <= len(text)
            assert letter in normalized(text[start:end])
        assert list(placed.places) == sorted(placed.places)


def test_marks_belong_to_their_letter() -> None:
    (placed,) = placed_words("\u0301Z\u0307\u0301ak")
    assert placed.places == ((1, 4), (4, 5), (5, 6))
    (sharp,) = placed_words("ß1")
    assert (sharp.word, sharp.places) == ("ss1", ((0, 1), (0, 1), (1, 2)))
