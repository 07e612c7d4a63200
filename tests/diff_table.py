"""The table of a diff, read as a browser reads it."""

from html.parser import HTMLParser
from typing import Any


class Table(HTMLParser):
    """What a browser would make of the rows: cells by side, and every element and attribute."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sides: dict[str, list[str]] = {"before": [], "after": []}
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        self.said: list[str] = []
        self._side: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(given)
        if tag == "tr":
            self.rows.append({"class": given.get("class", ""), "id": given.get("id"), "text": ""})
        if tag == "td":
            self._side = given.get("data-side")
            if self._side:
                self.sides[self._side].append("")
        if note := given.get("data-note"):
            self.said.append(note)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._side = None

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1]["text"] += data
        if self._side:
            self.sides[self._side][-1] += data

    def document(self, side: str) -> str:
        return "\n".join(self.sides[side])
