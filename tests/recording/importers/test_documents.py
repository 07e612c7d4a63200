import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.diff import dumps
from audit.recording.importers.documents import (
    MAX_FILE_BYTES,
    Kind,
    NotADocument,
    TooLarge,
    kind_of,
    read_document,
)
from audit.recording.importers.documents.reasons import decimal
from audit.recording.limits import MAX_SNAPSHOT_BYTES


def read(content: str | bytes, kind: Kind) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return dumps(read_document(raw, kind).value)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/values.yaml", "yaml"),
        ("a/VALUES.YML", "yaml"),
        ("package.json", "json"),
        ("pyproject.toml", "toml"),
        ("README.md", None),
        ("a.yaml/b", None),
        ("image-tags/staging/router", None),
        (".prettierrc", None),
    ],
)
def test_the_ending_says_what_a_file_is(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize("path", ["image-tags/staging/router", ".prettierrc"])
def test_files_without_an_ending_are_what_the_operator_says(path: str) -> None:
    assert kind_of(path, "yaml") == "yaml"
    assert kind_of("README.md", "yaml") is None


def test_toml_is_read_as_decided() -> None:
    written = """
        [a.b]
        when = 1979-05-27T07:32:00Z
        local = 1979-05-27 07:32:00.5
        day = 1979-05-27
        hour = 07:32:00
        big = 90071992547409931234
        exact = 1.10
        hex = 0x1F
        none = nan
        endless = -inf
        table = [{x = 1_000}, {x = 2.50_0}]
        """
    assert read(written, "toml") == (
        '{"a":{"b":{"when":"1979-05-27T07:32:00Z","local":"1979-05-27T07:32:00.500000",'
        '"day":"1979-05-27","hour":"07:32:00","big":90071992547409931234,"exact":1.10,"hex":31,'
        '"none":"nan","endless":"-inf","table":[{"x":1000},{"x":2.500}]}}}'
    )


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        pytest.param("a = 1\na = 2", "toml", "not TOML: Cannot overwrite a value", id="duplicate"),
        pytest.param("a = ", "toml", "not TOML: Invalid value", id="broken-toml"),
        pytest.param("a = " + "[" * 5000, "toml", "nested too deeply", id="deep-toml"),
        pytest.param(".".join("a" * 400) + " = 1", "toml", "nested deeper than", id="dotted-toml"),
        pytest.param('{"a":1,"a":2}', "json", "duplicate key", id="duplicate-json"),
        pytest.param('{"a":1,}', "json", "not JSON: ", id="trailing-comma"),
        pytest.param("", "json", "not JSON: ", id="empty-json"),
        pytest.param(b"\xff\xfe", "json", "not UTF-8 text (byte 1)", id="not-utf-8"),
        pytest.param(b"a: \0", "yaml", "not text: holds a NUL byte", id="binary"),
    ],
)
def test_a_file_that_is_no_document_says_why(content: str | bytes, kind: Kind, reason: str) -> None:
    with pytest.raises(NotADocument) as caught:
        read(content, kind)
    assert reason in str(caught.value)


def test_a_document_keeps_order_and_numbers() -> None:
    written = '\ufeff{ "b": 1.10, "a": [1E5, -0] }'
    assert read(written, "json") == '{"b":1.10,"a":[1E5,-0]}'


def test_what_does_not_fit_into_a_snapshot_is_too_large() -> None:
    fits = '"' + "x" * (MAX_SNAPSHOT_BYTES - 2) + '"'
    assert read_document(f"{fits}   \n".encode(), "json").size == MAX_SNAPSHOT_BYTES
    with pytest.raises(TooLarge, match=r"has 1,048,577 bytes, a snapshot at most 1,048,576"):
        read_document(f'"x{fits[1:]}'.encode(), "json")
    with pytest.raises(TooLarge):
        read_document(b" " * (MAX_FILE_BYTES + 1), "json")


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_never_rounded(number: object) -> None:
    assert dumps(decimal(str(number))) == str(number)


@pytest.mark.parametrize("text", ["", ".", "-", "e5", "1.2.3", "0x1F", "one", "+-1", "_"])
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        decimal(text)
