"""Reading pages: elements by their attributes, with the text in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "rect", "path"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = [part if isinstance(part, str) else part.text for part in self.inside]
        return " ".join(" ".join(parts).split())

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def find_all(self, tag: str = "", /, **attributes: str | bool) -> list["Element"]:
        """Elements of a tag whose attributes equal these; True asks for any value.

        Underscores stand for dashes; ``class_`` asks for one of several classes.
        """
        found = [self] if self._is(tag, attributes) else []
        for part in self.inside:
            if isinstance(part, Element):
                found += part.find_all(tag, **attributes)
        return found

    def find(self, tag: str = "", /, **attributes: str | bool) -> "Element":
        (element,) = self.find_all(tag, **attributes)
        return element

    def _is(self, tag: str, attributes: dict[str, str | bool]) -> bool:
        return (not tag or tag == self.tag) and all(
            self._has(name, value) for name, value in attributes.items()
        )

    def _has(self, name: str, value: str | bool) -> bool:
        if name == "class_":
            return value in self.attributes.get("class", "").split()
        given = self.attributes.get(name.replace("_", "-"))
        return (given is not None) == value if isinstance(value, bool) else given == value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    return reader.open[0]


def read(response: Any) -> Element:
    """The page of a response."""
    return parse(response.content.decode())
