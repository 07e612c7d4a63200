import pytest
from django.core.exceptions import ValidationError

from audit.models.browser_origin import as_origin


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://app.example.com", "https://app.example.com"),
        (" HTTPS://App.Example.com:443/ ", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://app.example.com:80", "https://app.example.com:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://müller.example", "https://xn--mller-kva.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(written: str, origin: str) -> None:
    assert as_origin(written) == origin
    assert as_origin(origin) == origin


@pytest.mark.parametrize(
    "written",
    [
        "", "app.example.com", "null", "*", "https://*.example.com", "https://", "ftp://a.example",
        "https://a.example/path", "https://a.example?x", "https://a.example#x", "https://me@a.example",
        "https://a.example:port", "https://a.example:99999", "https://a..example", "https://a b",
        "javascript:alert(1)", "https://[::1", "https://a.example\\b",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        as_origin(written)
    assert refusal.value.messages[0].endswith(".")
