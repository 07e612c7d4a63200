"""The body of a call as bytes: bounded before and after decompression."""

import re
import zlib
from http import HTTPStatus
from typing import BinaryIO, Final, cast

from django.http import HttpRequest

from audit.api.problems import Problem
from audit.recording.limits import MAX_CALL_BYTES

_GZIP: Final = frozenset({"gzip", "x-gzip"})  # RFC 9110, section 8.4.1.3
_GZIP_WINDOW: Final = 31  # zlib's way to say "with a gzip header"


def read_body(request: HttpRequest) -> bytes:
    """The whole body, decompressed if need be.

    Raises Problem: 413 above MAX_CALL_BYTES, 415 for an encoding other than gzip, 400 for a body
    that breaks off.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in _GZIP | {"identity", ""}:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body may be compressed with gzip, or not at all.",
            headers={"Accept-Encoding": "gzip, identity"},
        )
    body = _read(request)
    return _decompressed(body) if encoding in _GZIP else body


def _read(request: HttpRequest) -> bytes:
    declared = request.headers.get("Content-Length", "")
    if re.fullmatch(r"\d+", declared) and int(declared) > MAX_CALL_BYTES:
        raise _too_large()
    try:
        body = _stream(request).read(MAX_CALL_BYTES + 1)
    except OSError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body broke off: {error}.") from None
    if len(body) > MAX_CALL_BYTES:
        raise _too_large()
    return body


def _stream(request: HttpRequest) -> BinaryIO:
    """Where the body comes from.

    Django takes a body without a length for an empty one; a server that marks the end of a
    chunked body itself says so, and then it can be read.
    """
    environ = getattr(request, "environ", {})
    is_chunked = "Transfer-Encoding" in request.headers and environ.get("wsgi.input_terminated")
    return cast(BinaryIO, environ["wsgi.input"] if is_chunked else request)


def _decompressed(body: bytes) -> bytes:
    """What a gzip file of one or more members holds, never more than a call may."""
    parts: list[bytes] = []
    room = MAX_CALL_BYTES + 1
    while body:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = member.decompress(body, room)
        except zlib.error as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not gzip: {error}.") from None
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise _too_large()
        if not member.eof:
            raise Problem(HTTPStatus.BAD_REQUEST, "The body breaks off within its gzip data.")
        body = member.unused_data
    return b"".join(parts)


def _too_large() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"A call holds at most {MAX_CALL_BYTES:,} bytes, decompressed. Send several.",
    )
