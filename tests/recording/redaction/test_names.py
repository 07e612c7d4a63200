import pytest

from audit.recording.redaction.names import is_secret_name, words_of_name


@pytest.mark.parametrize(
    "name",
    [
        "password", "dbPassword", "DB_PASSWORD", "db-passwords", "secretAccessKey", "sessionToken",
        "access_token", "X-Api-Key", "apiKey", "APIKey", "Authorization", "client_secret",
        "privateKey", "Set-Cookie", "passwd", "пароль password",
    ],
)  # fmt: skip
def test_a_name_that_ends_with_a_secret_is_one(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["token_id", "tokenType", "secretName", "secret_name", "accessKeyId", "passwordLastChanged",
     "compass", "key", "keys", "authorization.k8s.io/decision", "", "…", "пароль"],
)  # fmt: skip
def test_a_name_about_a_secret_is_none(name: str) -> None:
    assert not is_secret_name(name)


def test_words_are_found_however_they_are_joined() -> None:
    assert words_of_name("DBAccessTokens") == ("db", "access", "token")
    assert words_of_name("db_access-token") == ("db", "access", "token")
