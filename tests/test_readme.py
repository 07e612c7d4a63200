"""The README is the product's front door, so what it leaves out does not exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SOURCES = sorted((ROOT / "auditsite").rglob("*.py"))
SETTINGS = sorted(
    {
        name
        for source in SOURCES
        for name in re.findall(
            r'env\.(?!WrongEnvironment)\w+\(\s*"([A-Z][A-Z_]+)"', source.read_text()
        )
    }
)
COMMANDS = sorted(
    path.stem
    for app in ("audit", "auditsite")
    for path in (ROOT / app / "management" / "commands").glob("[a-z]*.py")
)
TARGETS = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
LINKS = [
    link
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for link in re.findall(r'(?:\]\(|src="|srcset=")([^)"#:]+)(?:#[^)"]*)?[)"]', page.read_text())
]


def test_there_is_something_to_document() -> None:
    assert len(SETTINGS) > 10
    assert len(COMMANDS) > 5
    assert {"demo", "test"} < set(TARGETS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{setting}`" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"manage.py {command}" in README


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists() or (ROOT / "docs" / link).exists()
