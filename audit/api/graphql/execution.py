"""An operation, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from strawberry.schema.exceptions import CannotGetOperationTypeError

from audit.api.authentication import Caller
from audit.api.graphql.context import Context
from audit.api.graphql.errors import is_refused, told
from audit.api.graphql.schema import schema
from audit.api.problems import Problem


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """``was_begun``: errors, if there are some, are of single fields."""

    body: dict[str, Any]
    was_begun: bool


def execute(asked: Asked, caller: Caller) -> Answered:
    """Raises Problem 400 where the document has no operation of the name."""
    try:
        result = schema.execute_sync(
            asked.query,
            variable_values=dict(asked.variables or {}),
            operation_name=asked.operation_name,
            context_value=Context(caller, names_operation=bool(asked.operation_name)),
        )
    except CannotGetOperationTypeError:
        detail = "The document has no operation of this name."
        raise Problem(HTTPStatus.BAD_REQUEST, detail) from None
    body: dict[str, Any] = {"errors": told(result.errors)} if result.errors else {}
    if is_refused(result):
        return Answered(body, was_begun=False)
    return Answered(body | {"data": result.data}, was_begun=True)
