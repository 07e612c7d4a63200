"""What no event can have, field by field, so that nobody searches for it in vain."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from audit.browsing.grammar.nearness import nearest
from audit.browsing.grammar.spelling import spell_value
from audit.browsing.grammar.vocabulary import Field

_ADDRESS_BEGINS = re.compile(r"[0-9a-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """``suggestion`` is what to write instead of the value."""

    message: str
    suggestion: str | None = None


def choose(field: Field, text: str) -> str | None:
    """The one of the field's choices that is meant; None if it is none of them."""
    return next((c for c in field.choices if c.casefold() == text.casefold()), None)


def problem_with(field: Field, text: str, *, prefix: bool) -> Problem | None:
    """Why no value of the field is this text, or begins with it; None if one may be."""
    if field.choices:
        return _problem_with_choice(field, text, prefix=prefix)
    if field.name == "ip":
        return _problem_with_address(text, prefix=prefix)
    if field.name == "resource" and not prefix:
        return _problem_with_resource(text)
    return None


def _problem_with_choice(field: Field, text: str, *, prefix: bool) -> Problem | None:
    *others, last = field.choices
    either = f"{', '.join(others)} or {last}"
    if prefix:
        begun = [choice for choice in field.choices if text and choice.startswith(text)]
        message = f"{field.name} is {either}; there is nothing for * to complete."
        return Problem(message, ",".join(begun) or None)
    if choose(field, text) is not None:
        return None
    message = f"{field.name} is {either}, not “{text}”."
    return Problem(message, _meant(field, text))


def _meant(field: Field, text: str) -> str | None:
    folded = text.casefold().replace(" ", "_")
    alike = (c for c in field.choices if len(folded) > 1 and c.startswith(folded[:4]))
    return next(alike, None) or nearest(folded, field.choices)


def _problem_with_resource(text: str) -> Problem | None:
    type, slash, id = text.partition("/")
    if id or not slash:
        return None
    message = "resource is a type, as in flow, or type/id, as in flow/nightly."
    return Problem(message, spell_value(type) if type else None)


def _problem_with_address(text: str, *, prefix: bool) -> Problem | None:
    if prefix:
        if _ADDRESS_BEGINS.fullmatch(text):
            return None
        return Problem(f"No IPv4 or IPv6 address begins with “{text}”.")
    try:
        address = ip_address(text)
    except ValueError:
        return Problem(f"ip is an IPv4 or IPv6 address, or the beginning of one, not “{text}”.")
    if isinstance(address, IPv6Address) and address.scope_id:
        return Problem("ip is an address without a zone.", text.partition("%")[0])
    return None
