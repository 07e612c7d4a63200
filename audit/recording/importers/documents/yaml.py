"""YAML as JSON, composed from libyaml's events so that every doubtful case is decided here.

Read as YAML 1.1 with the core types, as PyYAML's safe loader does (``yes`` is true, ``0644`` is
420), except where JSON or an audit log asks for something else:

- dates and times, and numbers in base 60 (``12:30``), stay the text that is written;
- ``.nan`` and ``.inf``, which JSON has no numbers for, stay text too; other numbers are exact;
- a key that is not a string becomes the text it is written as: ``on``, ``8080``; an empty one
  is ``null``; a list or mapping as key is refused, being nearly always an unfilled template
  (``{{ name }}``);
- a key given twice is refused by name; one that ``<<`` brings in may be overridden;
- an anchor may be defined again, and an alias repeats what it names, as long as the whole
  fits into a snapshot;
- a tag of its own (``!Ref``, ``!vault``) is kept as an object of one member: ``{"!Ref": …}``;
- several documents in one file become a list, a file without any is null.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml
from yaml import CSafeLoader
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from audit.diff import JSON, MAX_DEPTH
from audit.recording.importers.documents.reasons import NotADocument, TooLarge, decimal
from audit.recording.limits import MAX_SNAPSHOT_BYTES

_CORE = "tag:yaml.org,2002:"
_MERGE = f"{_CORE}merge"
_COLLECTION_TAGS = frozenset(
    {None, "!", *(_CORE + name for name in ("map", "seq", "set", "omap", "pairs"))}
)
_BOOLEANS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_INTEGER_IN_BASE = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<b2>[01]+)|0x(?P<b16>[0-9a-fA-F]+)|0(?P<b8>[0-7]+))"
)


class _Mark(Protocol):
    """A place in the text, from 0; PyYAML and libyaml each have a class of their own for it."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def read_yaml(text: str) -> JSON:
    """The document, or the list of documents. Raises NotADocument with line and column."""
    loader = CSafeLoader(text)
    try:
        documents = _Composer(loader).documents()
    except yaml.MarkedYAMLError as error:
        raise _refused(error.problem or "not well-formed", error.problem_mark) from None
    except yaml.reader.ReaderError as error:
        raise NotADocument(f"not YAML: {error.reason} (character {error.position + 1:,})") from None
    finally:
        loader.dispose()
    if len(documents) == 1:
        return documents[0]
    return documents or None


@dataclass(slots=True)
class _Value:
    """A composed value; ``spelling`` is how a scalar is written, ``weight`` its least JSON size.

    The weight counts what aliases repeat, so a small file that unfolds to gigabytes is seen
    before anybody writes it out.
    """

    value: JSON
    spelling: str | None
    tag: str
    weight: int
    mark: "_Mark | None"


@dataclass(slots=True)
class _Open:
    """A collection whose end is not reached yet."""

    start: Any
    values: list[_Value] = field(default_factory=list)
    weight: int = 2


class _Composer:
    """Makes values of events, without recursion: the depth of a file is not ours to trust."""

    def __init__(self, loader: CSafeLoader) -> None:
        self._loader = loader
        self._anchors: dict[str, _Value | None] = {}  # None while it is being composed
        self._open: list[_Open] = []
        self._plain: dict[str, tuple[JSON, str]] = {}  # words repeat; each is resolved once

    def documents(self) -> list[JSON]:
        documents: list[JSON] = []
        while self._loader.check_event():
            if isinstance(self._loader.get_event(), DocumentStartEvent):
                self._anchors = {}
                documents.append(self._document())
        return documents

    def _document(self) -> JSON:
        while True:
            event: Any = self._loader.get_event()
            kind = type(event)
            if kind is ScalarEvent:
                value = self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._begin(event)
                continue
            elif kind is AliasEvent:
                value = self._repeated(event)
            else:
                value = self._end()
            if not self._open:
                return value.value
            self._add(value)

    def _begin(self, event: Any) -> None:
        if len(self._open) == MAX_DEPTH:
            raise _refused(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(event))

    def _add(self, value: _Value) -> None:
        parent = self._open[-1]
        parent.values.append(value)
        parent.weight += value.weight
        if parent.weight > MAX_SNAPSHOT_BYTES:
            raise TooLarge(f"unfolds to more than the {MAX_SNAPSHOT_BYTES:,} bytes of a snapshot")

    def _end(self) -> _Value:
        closed = self._open.pop()
        start = closed.start
        value: JSON
        if type(start) is MappingStartEvent:
            value = _mapping(closed)
        else:
            value = [item.value for item in closed.values]
        if start.tag not in _COLLECTION_TAGS:
            value = {_spell(start.tag): value}
        return self._named(start, _Value(value, None, "", closed.weight, start.start_mark))

    def _repeated(self, event: Any) -> _Value:
        if event.anchor not in self._anchors:
            raise _refused(f"alias *{event.anchor} names nothing", event.start_mark)
        value = self._anchors[event.anchor]
        if value is None:
            raise _refused(f"alias *{event.anchor} stands inside what it names", event.start_mark)
        return value

    def _scalar(self, event: Any) -> _Value:
        text: str = event.value
        spelling: str | None = text
        tag: str | None = event.tag
        value: JSON = text
        if tag is None and event.implicit[0]:
            value, tag = self._plain.get(text) or self._resolved(event)
        elif tag and tag != "!":
            value = _explicit(tag, event)
            spelling = None if isinstance(value, dict) else text
        scalar = _Value(value, spelling, tag or "", len(text) + 1, event.start_mark)
        return self._named(event, scalar) if event.anchor else scalar

    def _resolved(self, event: Any) -> tuple[JSON, str]:
        """What a word without quotes or tag means."""
        resolve: Callable[..., str] = self._loader.resolve
        tag = resolve(yaml.ScalarNode, event.value, event.implicit)
        self._plain[event.value] = _explicit(tag, event), tag
        return self._plain[event.value]

    def _named(self, event: Any, value: _Value) -> _Value:
        if event.anchor:
            self._anchors[event.anchor] = value
        return value


def _mapping(closed: _Open) -> JSON:
    own: dict[str, JSON] = {}
    merged: dict[str, JSON] = {}
    for key, member in zip(closed.values[::2], closed.values[1::2], strict=True):
        if key.tag == _MERGE:
            merged |= _merged(member)
            continue
        name = _key(key)
        if name in own:
            raise _refused(f"duplicate key “{name}”", key.mark)
        own[name] = member.value
    return merged | own


def _key(key: _Value) -> str:
    if key.spelling is None:
        raise _refused("a key that is no single value, or an unfilled template", key.mark)
    return "null" if key.value is None else key.spelling


def _merged(member: _Value) -> dict[str, JSON]:
    """What ``<<`` brings in: one mapping, or several of which the first wins."""
    merged: dict[str, JSON] = {}
    for mapping in reversed(member.value if isinstance(member.value, list) else [member.value]):
        if not isinstance(mapping, dict):
            raise _refused("<< names something that is not a mapping", member.mark)
        merged |= mapping
    return merged


def _explicit(tag: str, event: Any) -> JSON:
    """A scalar of this tag; one that is not of the core types is kept with its tag."""
    read = _SCALARS.get(tag)
    if read is None:
        return {_spell(tag): event.value}
    try:
        return read(event.value)
    except ValueError:
        name = _spell(tag)
        raise _refused(f"“{event.value}” cannot be read as {name}", event.start_mark) from None


def _null(text: str) -> None:
    return None


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError from None


def _integer(text: str) -> JSON:
    if ":" in text:  # 12:30 is 750 in YAML 1.1, and a time or a port mapping to who wrote it
        return text
    found = _INTEGER_IN_BASE.fullmatch(text.replace("_", ""))
    if not found:
        return decimal(text)
    base, digits = next(
        (int(group[1:]), found[group]) for group in ("b2", "b16", "b8") if found[group]
    )
    return -int(digits, base) if found["sign"] == "-" else int(digits, base)


def _float(text: str) -> JSON:
    if ":" in text or text.lower().endswith((".inf", ".nan")):
        return text
    return decimal(text)


_CORE_SCALARS: Mapping[str, Callable[[str], JSON]] = {
    "str": str,
    "null": _null,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
    "timestamp": str,
    "binary": lambda text: "".join(text.split()),
    "value": str,
    "merge": str,
}
_SCALARS = {f"{_CORE}{name}": read for name, read in _CORE_SCALARS.items()}


def _spell(tag: str) -> str:
    """A tag as a file writes it: ``!!python/name:x``, ``!Ref``."""
    return f"!!{tag.removeprefix(_CORE)}" if tag.startswith(_CORE) else tag


def _refused(reason: str, mark: _Mark | None) -> NotADocument:
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return NotADocument(f"not YAML: {reason}{place}")
