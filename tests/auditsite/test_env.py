"""Readers of the environment: typed values, or one sentence that names the variable."""

from pathlib import Path

import pytest

from auditsite import databases, env


def test_flags_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE", "Off")
    assert env.flag("FEATURE", default=True) is False
    monkeypatch.setenv("FEATURE", "YES")
    assert env.flag("FEATURE", default=False) is True


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", " ")
    assert env.flag("THING", default=True) is True
    assert env.integer("THING", 7) == 7
    assert env.text("THING", "default") == "default"
    assert env.words("THING", ["a"]) == ["a"]


def test_lists_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "a.example, b.example c.example")
    assert env.words("HOSTS") == ["a.example", "b.example", "c.example"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("maybe", lambda: env.flag("THING", default=True)),
        ("12.5", lambda: env.integer("THING", 1)),
        ("70000", lambda: env.integer("THING", 1, maximum=65_535)),
        ("-1", lambda: env.integer("THING", 1)),
        ("LOUD", lambda: env.choice("THING", ("INFO", "ERROR"), "INFO")),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, value: str, read: object
) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(env.WrongEnvironment, match=r"^THING must be [^\n]+\.$"):
        read()  # type: ignore[operator]


def test_a_secret_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))
    assert env.secret("KEY") == "s3cret"


@pytest.mark.parametrize("content", [None, "", b"\xff"])
def test_a_secret_file_without_a_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | bytes | None
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("KEY_FILE", str(path))
    with pytest.raises(env.WrongEnvironment, match=r"^KEY_FILE names .*key, which"):
        env.secret("KEY")


def test_a_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "a")
    monkeypatch.setenv("KEY_FILE", "b")
    with pytest.raises(env.WrongEnvironment, match="Both KEY and KEY_FILE"):
        env.secret("KEY")


def test_a_missing_secret_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    with pytest.raises(env.WrongEnvironment, match="Set KEY, or KEY_FILE"):
        env.required_secret("KEY")


def test_a_database_url_is_taken_apart() -> None:
    url = env.DatabaseURL.parse(
        "postgresql://web:p%40ss@db.example:6432/audit?sslmode=verify-full", variable="URL"
    )
    assert (url.user, url.password, url.host) == ("web", "p@ss", "db.example")
    assert (url.port, url.name, url.options) == ("6432", "audit", {"sslmode": "verify-full"})


def test_a_database_url_may_name_a_socket() -> None:
    url = env.DatabaseURL.parse("postgresql://web@/audit?host=/run/pg&port=5433", variable="URL")
    assert (url.host, url.port, url.options) == ("/run/pg", "5433", {})


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/n", "postgresql://u:secret@h/", "postgresql://u:secret@h:x/n", "n"]
)
def test_a_wrong_database_url_is_not_repeated_in_the_error(url: str) -> None:
    with pytest.raises(env.WrongEnvironment, match="DATABASE_URL") as error:
        env.DatabaseURL.parse(url, variable="DATABASE_URL")
    assert "secret" not in str(error.value)


def test_one_url_makes_the_application_step_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss@h/n")
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    configured = databases.configured(Path("unused"), "app")
    assert configured["default"]["OPTIONS"]["options"] == "-c role=app"
    assert "options" not in configured["owner"]["OPTIONS"]
    assert configured["owner"]["USER"] == "boss"


def test_two_urls_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://web@h/n")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://boss@h/n")
    configured = databases.configured(Path("unused"), "app")
    assert "options" not in configured["default"]["OPTIONS"]
    assert (configured["default"]["USER"], configured["owner"]["USER"]) == ("web", "boss")


def test_an_owner_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://boss@h/n")
    with pytest.raises(env.WrongEnvironment, match="DATABASE_URL is not"):
        databases.configured(Path("unused"), "app")
