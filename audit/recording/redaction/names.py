"""Names whose values are secrets, whatever they look like."""

import re
from functools import lru_cache
from typing import Final

#: A name is secret if it ends with one of these, however its words are joined:
#: ``dbPassword``, ``DB_PASSWORD`` and ``db-passwords`` all do.
SECRET_NAMES: Final = (
    "password", "password hash", "passwd", "passphrase", "pwd", "secret", "secret key",
    "secret access key", "client secret", "token", "authorization", "bearer", "api key", "apikey",
    "private key", "signing key", "encryption key", "account key", "connection string", "cookie",
    "recovery code",
)  # fmt: skip

# Real documents use a few thousand names.
_REMEMBERED: Final = 20_000
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z0-9]+|[0-9]+")

type Name = tuple[str, ...]


def words_of_name(name: str) -> Name:
    """The words of a name in small letters and the singular: ``accessTokens`` is access token."""
    words = [word.casefold() for word in _WORD.findall(name)]
    if words:
        words[-1] = words[-1].removesuffix("s") if len(words[-1]) > 3 else words[-1]
    return tuple(words)


def ends_with(name: Name, ending: Name) -> bool:
    return bool(ending) and name[-len(ending) :] == ending


_SECRET: Final = tuple(words_of_name(name) for name in SECRET_NAMES)


@lru_cache(_REMEMBERED, typed=True)
def is_secret_name(name: object) -> bool:
    """A key that is not text is none; validation refuses it."""
    words = words_of_name(name) if isinstance(name, str) else ()
    return any(ends_with(words, ending) for ending in _SECRET)
