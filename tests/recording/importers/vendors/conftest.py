"""One vendor's record, through a file, to the event that would be recorded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import Organization
from audit.recording.importers import FORMATS, Options
from audit.recording.policy import Policy
from audit.recording.validation import validate

type Import = Callable[..., dict[str, Any]]

POLICY = Policy(Organization(slug="acme", name="Acme", id_salt=b"salt"))


@pytest.fixture
def events_of(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """The events of a file's content; each must be one that validation accepts."""

    def read(format: str, content: Any, **options: Any) -> list[dict[str, Any]]:
        file = tmp_path / "log.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        items = FORMATS[format].open([str(file)], Options(**options)).items()
        events = [dict(item.build().event) for item in items]
        for event in events:
            validate(event, POLICY)
        return events

    return read


@pytest.fixture
def event_of(events_of: Callable[..., list[dict[str, Any]]]) -> Import:
    """The only event of one record."""

    def read(format: str, record: Any, **options: Any) -> dict[str, Any]:
        (event,) = events_of(format, record, **options)
        return event

    return read
