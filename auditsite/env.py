"""Typed readers of the environment. A wrong value is said in one sentence, and nothing starts."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_TRUE = frozenset({"1", "on", "true", "yes"})
_FALSE = frozenset({"0", "off", "false", "no"})
_POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})


class WrongEnvironment(SystemExit):
    """A variable is missing or wrong. Uncaught, Python prints the sentence and exits with 1."""


def text(name: str, default: str = "") -> str:
    """The value of ``name``; an empty variable counts as an unset one."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """on/off, yes/no, true/false or 1/0, in any case."""
    value = text(name).lower()
    if not value:
        return default
    if value not in _TRUE | _FALSE:
        raise WrongEnvironment(f"{name} must be on or off, not “{value}”.")
    return value in _TRUE


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """A whole number within bounds, both included."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise WrongEnvironment(f"{name} must be a whole number, not “{value}”.") from None
    if number < minimum or (maximum is not None and number > maximum):
        bounds = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise WrongEnvironment(f"{name} must be {bounds}, not {number}.")
    return number


def choice(name: str, options: Iterable[str], default: str) -> str:
    """One of ``options``."""
    value = text(name, default)
    known = tuple(options)
    if value not in known:
        raise WrongEnvironment(f"{name} must be one of {', '.join(known)}, not “{value}”.")
    return value


def words(name: str, default: Iterable[str] = ()) -> list[str]:
    """A list separated by commas or spaces."""
    return text(name).replace(",", " ").split() or list(default)


def networks(name: str) -> list[str]:
    """A list of addresses and networks (``10.0.0.0/8``); ``unix`` is a Unix socket."""
    found = words(name)
    for word in found:
        try:
            word == "unix" or ip_network(word)
        except ValueError as error:
            raise WrongEnvironment(f"{name}: {error}.") from None
    return found


def secret(name: str) -> str:
    """The value of ``name``, or of the file that ``<name>_FILE`` names; empty if neither is set."""
    path = text(f"{name}_FILE")
    value = text(name)
    if not path:
        return value
    if value:
        raise WrongEnvironment(f"Both {name} and {name}_FILE are set; set only one.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise WrongEnvironment(
            f"{name}_FILE names {path}, which can't be read: {reason}."
        ) from None
    if not value:
        raise WrongEnvironment(f"{name}_FILE names {path}, which is empty.")
    return value


def required_secret(name: str) -> str:
    """Like ``secret``, but refuses to go on without one."""
    value = secret(name)
    if not value:
        raise WrongEnvironment(f"Set {name}, or {name}_FILE to the path of a file that holds it.")
    return value


@dataclass(frozen=True, slots=True)
class DatabaseURL:
    """``postgresql://user:password@host:port/name?option=value``, taken apart.

    The host may be a directory that holds a Unix socket, given as ``?host=/directory``.
    Every other query parameter is a libpq connection option (``sslmode``, ``sslrootcert`` …).
    """

    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, url: str, *, variable: str) -> "DatabaseURL":
        """``variable`` is where the URL came from; errors name it and never quote the URL."""
        try:
            parts = urlsplit(url)
            port = str(parts.port or "")
        except ValueError:
            raise WrongEnvironment(f"{variable} is not a URL; check its host and port.") from None
        name = unquote(parts.path.lstrip("/"))
        if parts.scheme not in _POSTGRES_SCHEMES or not name:
            raise WrongEnvironment(
                f"{variable} must look like postgresql://user:password@host:5432/name."
            )
        options = dict(parse_qsl(parts.query))
        host = options.pop("host", "") or unquote(parts.hostname or "")
        return cls(
            name=name,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=host,
            port=options.pop("port", "") or port,
            options=options,
        )


def database_url(name: str) -> DatabaseURL | None:
    """The database that ``name`` or ``<name>_FILE`` gives, or None if neither is set."""
    url = secret(name)
    return DatabaseURL.parse(url, variable=name) if url else None
