import pytest

from audit.templatetags.text import visible


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
