"""Answers that need not be sent again (RFC 9110, section 13)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from audit.api.batches import JSON_TYPE

#: How OpenAPI describes what is not sent again.
UNCHANGED: Final = {
    304: {"description": "It is what it was when the ETag sent as If-None-Match was given."}
}


def answer(
    request: HttpRequest, text: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """JSON with an ETag; 304 where the caller has it.

    It may be kept, but is asked for again: the right to read it can be withdrawn.
    """
    response = HttpResponse(text, content_type=JSON_TYPE, headers=dict(headers or {}))
    patch_cache_control(response, private=True, no_cache=True)
    response["ETag"] = etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response
