"""Errors as GraphQL tells them: a sentence, and a code for programs in ``extensions``."""

import logging
from collections.abc import Mapping
from typing import Final

from graphql import GraphQLError, GraphQLFormattedError
from strawberry.types import ExecutionResult

_log = logging.getLogger(__name__)

_UNEXPECTED: Final = "Something went wrong here. The site's log says what."


def invalid(message: str, **more: object) -> GraphQLError:
    """What is asked can't be answered: a value is wrong, or too much is wanted."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT", **more})


def is_refused(result: ExecutionResult) -> bool:
    """Whether the operation was not begun: then no error belongs to a field."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def told(errors: list[GraphQLError]) -> list[GraphQLFormattedError]:
    """The errors for callers; what is our own fault is told to the log alone."""
    return [_formatted(error) for error in errors]


def _formatted(error: GraphQLError) -> GraphQLFormattedError:
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return error.formatted
    _log.error("A field could not be answered: %s", error.path, exc_info=cause)
    internal: Mapping[str, str] = {"code": "INTERNAL_SERVER_ERROR"}
    return GraphQLError(
        _UNEXPECTED, nodes=error.nodes, path=error.path, extensions=dict(internal)
    ).formatted
