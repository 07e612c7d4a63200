import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.highlighting import Excerpt, Marker
from audit.models.words import words_of


def marked(query: str, text: str) -> str:
    at, parts = 0, []
    for start, end in Marker.of_text(query).spans(text):
        parts += [text[at:start], f"[{text[start:end]}]"]
        at = end
    return "".join((*parts, text[at:]))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("tenant", "Create Tenant, tenants", "Create [Tenant], tenants"),
        ("tenan*", "Tenant, subtenant", "[Tenan]t, subtenant"),
        ("*enan*", "Tenant, subtenant", "T[enan]t, subt[enan]t"),
        ("*nant", "Tenant, tenants", "Te[nant], tenants"),
        ("zak", "Żak, Z\u0307ak and zakład", "[Żak], [Z\u0307ak] and zakład"),
        ("stras*", "Straße", "[Straß]e"),
        ("strass*", "Straße", "[Straß]e"),
        ('"nightly rev"*', "the Nightly-Revenue report", "the [Nightly-Rev]enue report"),
        ("acme.dev", "mara@acme.dev", "mara@[acme.dev]"),
        ("nightly revenue", "nightly revenue", "[nightly] [revenue]"),
        ("a*", "a ab", "[a] [a]b"),
        ("-tenant actor:tenant", "tenant", "tenant"),
        ('tenant "', "tenant", "tenant"),
        ("!! tenant", "tenant", "tenant"),
        ("", "tenant", "tenant"),
    ],
)
def test_what_was_searched_for_is_found_whatever_its_case_and_accents(
    query: str, text: str, expected: str
) -> None:
    assert marked(query, text) == expected


@given(st.text(), st.text(min_size=1, max_size=3))
def test_a_text_is_marked_exactly_if_it_holds_the_word(text: str, typed: str) -> None:
    words = words_of(typed)
    if len(words) != 1 or not words[0]:
        return
    assert bool(Marker.of_text(words[0]).spans(text)) == (words[0] in words_of(text))


@given(st.text(), st.sampled_from(["a* *b* ss*", "0* *1", "*e* a", '"a b"* a']))
def test_spans_are_in_order_and_apart(text: str, query: str) -> None:
    last = -1
    for start, end in Marker.of_text(query).spans(text):
        assert last < start < end <= len(text)
        last = end


def test_where_nothing_that_is_shown_was_found_an_excerpt_says_where() -> None:
    marker = Marker.of_text("paused nightly")
    texts = [("summary", "Paused and moved"), ("flow", "nightly")]
    assert marker.unseen(["Nightly revenue", ""], texts) == [Excerpt("summary", "Paused and moved")]
    assert marker.unseen(["Nightly", "paused"], texts) == []
    assert marker.unseen([], [("summary", "paused nightly")]) == [
        Excerpt("summary", "paused nightly")
    ]


def test_an_excerpt_is_cut_between_words() -> None:
    words = " ".join(f"word{n}" for n in range(40))
    (excerpt,) = Marker.of_text("needle").unseen([], [("sql", f"{words} needle {words}")])
    assert excerpt.text == (
        "…word35 word36 word37 word38 word39 needle word0 word1 word2 word3 word4 word5…"
    )
    (excerpt,) = Marker.of_text("needle").unseen([], [("sql", "-" * 99 + "needle" + "-" * 99)])
    assert excerpt.text == f"…{'-' * 40}needle{'-' * 40}…"
