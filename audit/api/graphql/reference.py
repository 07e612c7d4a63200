"""The schema in words, for the explorer's page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
)

from audit.api.graphql.schema import schema


@dataclass(frozen=True, slots=True)
class Line:
    """A field with its arguments and type, or a value of an enumeration."""

    signature: str
    description: str


@dataclass(frozen=True, slots=True)
class Described:
    name: str
    description: str
    lines: tuple[Line, ...]


@cache
def described_types() -> tuple[Described, ...]:
    """The query first, then by name."""
    types = build_schema(schema.as_str()).type_map.values()
    shown = [_described(each) for each in types if not each.name.startswith("__")]
    kept = [each for each in shown if each.lines]
    return tuple(sorted(kept, key=lambda each: (each.name != "CloudQuery", each.name)))


def _described(named: GraphQLNamedType) -> Described:
    return Described(named.name, named.description or "", tuple(_lines(named)))


def _lines(named: GraphQLNamedType) -> Iterator[Line]:
    if isinstance(named, GraphQLEnumType):
        for name, value in named.values.items():
            yield Line(name, value.description or "")
    elif isinstance(named, GraphQLObjectType):
        for name, field in named.fields.items():
            yield Line(f"{name}{_arguments(field)}: {field.type}", field.description or "")
    elif isinstance(named, GraphQLInputObjectType):
        for name, given in named.fields.items():
            yield Line(f"{name}: {given.type}", given.description or "")


def _arguments(field: GraphQLField) -> str:
    told = ", ".join(f"{name}: {argument.type}" for name, argument in field.args.items())
    return f"({told})" if told else ""
