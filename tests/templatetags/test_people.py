import pytest

from audit.templatetags.people import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mara Ito", "MI"),
        ("mara.ito@acme.dev", "MI"),
        ("Ana María de la Cruz", "AC"),
        ("jon_reyes", "JR"),
        ("plato", "PL"),
        ("x", "X"),
        ("", "?"),
        ("🚀", "?"),
        ("שרה כהן", "שכ"),
        ("<script>alert(1)</script>", "SS"),
    ],
)
def test_two_letters_stand_for_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters
