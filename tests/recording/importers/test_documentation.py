from pathlib import Path

import pytest

from audit.recording.importers import FORMATS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "importing.md").read_text()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENT
