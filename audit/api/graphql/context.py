"""What resolvers know of the call."""

from dataclasses import dataclass

import strawberry

from audit.api.authentication import Caller


@dataclass(frozen=True, slots=True)
class Context:
    """``names_operation``: of several operations in a document, one was named to be executed."""

    caller: Caller
    names_operation: bool = False


type Info = strawberry.Info[Context, None]
