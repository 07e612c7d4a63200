"""Tables in CSV (RFC 4180), streaming: each row as a record of texts under the names of line 1."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import cast

from audit.recording.importers.files import DAMAGE, MAX_RECORD_BYTES, Source
from audit.recording.importers.item import Position, SourceError
from audit.recording.importers.lines import Keys, Line, damaged, line_of, read_each


def read_rows(files: Sequence[str]) -> Iterator[Line]:
    """Every row of every file, as the JSON object that it says. The line is where it ends."""
    csv.field_size_limit(MAX_RECORD_BYTES)
    return read_each(files, _rows_of)


def _rows_of(source: Source, before: int) -> Iterator[Line]:
    # A byte order mark says nothing; bytes that are no UTF-8 are told with the row they are in.
    text = io.TextIOWrapper(
        cast(io.BufferedReader, source.stream), "utf-8-sig", "surrogateescape", newline=""
    )
    rows = csv.reader(text, strict=True)
    keys = Keys()
    names: list[str] = []
    try:
        for row in rows:
            place = Position(source.name, str(rows.line_num))
            if not names:
                names = [name.strip() for name in row]
            elif any(row):
                yield _line(place, names, row, before + source.offset(), keys)
    except csv.Error as error:
        place = Position(source.name, str(rows.line_num))
        fault = f"is no CSV, and nothing after it can be read: {error}"
        yield Line(place, b"", "", before, fault=fault)
    except DAMAGE as error:
        yield damaged(Position(source.name, str(rows.line_num)), before, error)
    except OSError as error:
        raise SourceError(f"Cannot read {source.name}: {error.strerror or error}.") from None
    finally:
        text.detach()  # the file is closed by whoever opened it


def _line(place: Position, names: list[str], row: list[str], done: int, keys: Keys) -> Line:
    content = json.dumps(dict(zip(names, row, strict=False)), ensure_ascii=False).encode(
        errors="surrogateescape"
    )
    if len(row) != len(names):
        fault = f"has {len(row)} cells, and line 1 names {len(names)} columns"
        return Line(place, content, "", done, fault=fault)
    return line_of(place, content, done, keys)
