"""How texts are written in a query: bare where that is understood, else in quotes."""

import re

from audit.browsing.grammar.vocabulary import DETAILS_PREFIX, hides

# What ends a bare text, or would not be taken as it stands. Leading minus: see _spell.
_UNFIT_FOR_VALUES = re.compile(r'[\s"*,]')
_UNFIT_FOR_WORDS = re.compile(r'[\s"*:]')
_ESCAPE = re.compile(r'\\(["\\])')
_ESCAPED = re.compile(r'["\\]')


def quote(text: str) -> str:
    return f'"{_ESCAPED.sub(r"\\\g<0>", text)}"'


def unescape(text: str) -> str:
    """What a text between quotes says. A backslash before any other character is just that."""
    return _ESCAPE.sub(r"\1", text)


def spell_value(text: str, *, prefix: bool = False) -> str:
    return _spell(text, _UNFIT_FOR_VALUES, prefix=prefix)


def spell_word(text: str, *, prefix: bool = False) -> str:
    if text.startswith("-"):
        return quote(text) + "*" * prefix
    return _spell(text, _UNFIT_FOR_WORDS, prefix=prefix)


def spell_details_key(key: str) -> str:
    return spell_word(DETAILS_PREFIX + key if hides(key) else key)


def _spell(text: str, unfit: re.Pattern[str], *, prefix: bool) -> str:
    is_bare = unfit.search(text) is None and (text or prefix)
    return (text if is_bare else quote(text)) + "*" * prefix
