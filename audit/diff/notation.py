"""JSON as it is shown: what could deceive the eye is written as an escape.

Control, bidirectional and invisible characters would let two different documents look alike, or
one look like another (CVE-2021-42574, "Trojan Source"). As escapes they are the same JSON.
"""

import re
from collections.abc import Iterable
from json.encoder import encode_basestring
from typing import Final, NamedTuple

from audit.diff.document import JSON, is_redacted, spell_number

# An object or array inside an array stays on one line up to this many characters.
ONE_LINE: Final = 72
_MOST_ON_ONE_LINE: Final = ONE_LINE // 3

# A text of more lines is shown without breaks from there on.
_MOST_BREAKS: Final = 10_000

_DECEPTIVE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


class Segment(NamedTuple):
    """A stretch of a line's text: whether it changed, whether a visual break follows.

    A break follows the `\\n` escapes of a long text; it is no part of the line's text.
    """

    text: str
    emphasis: bool = False
    line_break: bool = False


def _code(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def escape(text: str) -> str:
    """The text as it stands between a JSON string's quotes."""
    body: str = encode_basestring(text)[1:-1]
    if body.isascii() and "\x7f" not in body:
        return body
    return _DECEPTIVE.sub(_code, body)


def quote(text: str) -> str:
    return f'"{escape(text)}"'


def spell(value: JSON) -> str:
    """A value on one line, whatever its length."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        members = ", ".join([f"{quote(key)}: {spell(item)}" for key, item in value.items()])
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(spell, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return spell_number(value)


def is_leaf(value: JSON) -> bool:
    """Always on one line: scalar, empty or redacted."""
    return not isinstance(value, dict | list) or not value or is_redacted(value)


def one_line(value: JSON, *, in_array: bool) -> str | None:
    """The value's form on one line, if it has one where it stands."""
    if is_leaf(value):
        return spell(value)
    if not in_array or not isinstance(value, dict | list) or len(value) > _MOST_ON_ONE_LINE:
        return None
    if not all(map(_is_short, value.values() if isinstance(value, dict) else value)):
        return None
    text = spell(value)
    return text if len(text) <= ONE_LINE else None


def _is_short(value: JSON) -> bool:
    if isinstance(value, str):
        return len(value) < ONE_LINE and "\n" not in value
    return not isinstance(value, dict | list)


def text_segments(runs: Iterable[tuple[str, bool]]) -> list[Segment]:
    """Runs of a string's text as segments between quotes, broken where the text has lines."""
    segments = [Segment('"')]
    for text, changed in runs:
        *lines, last = text.split("\n", max(0, _MOST_BREAKS - len(segments)))
        segments += [Segment(escape(line + "\n"), changed, line_break=True) for line in lines]
        if last:
            segments.append(Segment(escape(last), changed))
    # A break before the closing quote alone would look like an empty line.
    segments[-1] = segments[-1]._replace(line_break=False)
    segments.append(Segment('"'))
    return segments


def joined(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Neighbours of one kind made one."""
    whole: list[Segment] = []
    for segment in segments:
        last = whole[-1] if whole else None
        if last and last.emphasis == segment.emphasis and not last.line_break:
            whole[-1] = segment._replace(text=last.text + segment.text)
        elif segment.text:
            whole.append(segment)
    return tuple(whole)
