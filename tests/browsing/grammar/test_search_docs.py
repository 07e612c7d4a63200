"""docs/search.md says what is so: every example in it is tried."""

import re
from pathlib import Path

import pytest

from audit.browsing.grammar import (
    FIELDS,
    MAX_LENGTH,
    MAX_VALUES,
    OFFERED,
    TIMES,
    GrammarError,
    parse,
    to_parameters,
)

PAGE = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables whose first heading is this."""
    found: list[list[str]] = []
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        head, _, *lines = [line[1:-1].split("|") for line in table.splitlines()]
        if head[0].strip() == heading:
            found += [[cell.strip() for cell in line] for line in lines]
    return found


def code(cell: str) -> str:
    return cell.strip("`")


@pytest.mark.parametrize("text", [code(row[0]) for row in rows("Write")])
def test_every_form_is_understood_and_written_as_we_would(text: str) -> None:
    written = str(parse(text))
    assert parse(written) == parse(text)
    if ".." not in text:  # where the day of the end is written out
        assert written == text


@pytest.mark.parametrize(("text", "message", "corrected"), rows("Wrong"))
def test_every_error_is_as_told(text: str, message: str, corrected: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse(code(text))
    assert str(caught.value) == message
    assert (caught.value.corrected or "") == code(corrected)


def test_the_caret_is_as_shown() -> None:
    with pytest.raises(GrammarError) as caught:
        parse("actor:mara change:creatd")
    error = caught.value
    assert f"```\n{error.caret()}\n{error} → {error.suggestion and 'change:created'}\n```" in PAGE


@pytest.mark.parametrize(("query", "url"), rows("Query"))
def test_every_url_is_as_told(query: str, url: str) -> None:
    parameters = to_parameters(parse(code(query)))
    pairs = [f"{name}={value}" for name, values in parameters.items() for value in values]
    assert "&".join(pairs) == code(url)


def test_every_field_is_told_of_with_its_parameter_and_choices() -> None:
    told = {code(row[0]).rstrip(":"): row for row in rows("Field")}
    assert set(told) == set(OFFERED) - set(TIMES)
    for name, (_, meaning, parameters) in told.items():
        assert f"`{FIELDS[name].parameter}`" in parameters
        assert all(f"`{choice}`" in meaning for choice in FIELDS[name].choices)


def test_the_limits_are_as_told() -> None:
    assert f"at most {MAX_LENGTH:,} characters, and {MAX_VALUES} words and values" in PAGE


RULES = PAGE.split("## Rules")[1].split("##")[0]


@pytest.mark.parametrize("text", re.findall(r"`([^`\n]+)`", RULES))
def test_every_example_in_the_rules_is_understood(text: str) -> None:
    if re.search(r'[^\s:"]:[^\s]|^"', text):  # a term, not a name or a sign
        parse(text)
