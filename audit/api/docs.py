"""The OpenAPI document as a page: what can be called, with what, and what it answers.

Swagger UI and its like need scripts and styles that our content security policy refuses, and say
less of limits than a plain table does.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.api.application import api

type _Schema = Mapping[str, Any]

_KINDS: Final = {"string": "text", "integer": "whole number", "boolean": "true or false"}
_LIMITS: Final = (
    ("minItems", "at least {:,}"),
    ("maxItems", "at most {:,}"),
    ("maxProperties", "at most {:,} keys"),
    ("maxLength", "at most {:,} characters"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A line of a table: a parameter, or a field of a schema by its path (``actor.kind``)."""

    name: str
    kind: str
    limits: str
    description: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    phrase: str
    description: str
    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. ``body`` is media type to what it holds, in words."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: Mapping[str, str]
    answers: tuple[Answer, ...]


@require_safe
def api_docs(request: HttpRequest, organization: str) -> HttpResponse:
    """For everybody: it says nothing of the organisation, not even whether there is one."""
    document = api.get_openapi_schema(path_params={"organization": organization})
    schemas = document["components"]["schemas"]
    context = {
        "slug": organization,
        "title": document["info"]["title"],
        "operations": list(_operations(document)),
        "schemas": {name: (each, list(_fields(each))) for name, each in sorted(schemas.items())},
        "example": json.dumps(schemas["Event"]["examples"][0], indent=2),
    }
    return render(request, "audit/api/docs.html", context)


def _operations(document: _Schema) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                description=operation.get("description", ""),
                parameters=tuple(map(_parameter, operation["parameters"])),
                body={
                    media_type: content["schema"].get("description") or _kind(content["schema"])
                    for media_type, content in operation.get("requestBody", {})
                    .get("content", {})
                    .items()
                },
                answers=tuple(
                    _answer(status, answer)
                    for status, answer in sorted(operation["responses"].items())
                ),
            )


def _parameter(parameter: _Schema) -> Field:
    schema = parameter["schema"]
    return Field(
        name=parameter["name"],
        kind=f"{_kind(schema)}, in the {parameter['in']}",
        limits=_limits(schema),
        description=parameter.get("description", ""),
        is_required=parameter["required"],
    )


def _answer(status: int, answer: _Schema) -> Answer:
    phrase = HTTPStatus(status).phrase
    said = answer["description"]
    return Answer(
        status=status,
        phrase=phrase,
        description="" if said == phrase else said,
        media_types=tuple(answer.get("content", ())),
    )


def _fields(schema: _Schema, within: str = "") -> Iterator[Field]:
    """The fields of an object, and of the objects in it."""
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield Field(
            name=within + name,
            kind=_kind(each),
            limits=_limits(each),
            description=each.get("description", ""),
            is_required=name in required,
        )
        yield from _fields(each, f"{within}{name}.")


def _kind(schema: _Schema) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_kind, schema["anyOf"])))
    types = schema.get("type", "any JSON")
    types = types if isinstance(types, list) else [types]
    named = [schema["format"]] if "format" in schema else []
    named += [_KINDS.get(each, each) for each in types if not (named and each == "string")]
    if "items" in schema:
        return f"array of {_kind(schema['items'])}"
    return " or ".join(named)


def _limits(schema: _Schema) -> str:
    parts = [text.format(schema[name]) for name, text in _LIMITS if name in schema]
    for name, of in (("propertyNames", "a key"), ("additionalProperties", "a value")):
        inner = schema.get(name)
        if isinstance(inner, Mapping) and (limits := _limits(inner)):
            parts.append(f"{of} {limits}")
    return ", ".join(parts)
