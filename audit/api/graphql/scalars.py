"""Scalars that GraphQL has not, by the names that Dagster+ gives them."""

from typing import Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

#: Any JSON. In an answer numbers are spelt as they were recorded: ``1.10`` stays that.
GenericScalar = NewType("GenericScalar", object)

SCALARS: Final[dict[object, ScalarDefinition]] = {
    GenericScalar: strawberry.scalar(
        name="GenericScalar",
        description="Any JSON. Numbers are spelt as they were recorded.",
        serialize=lambda value: value,
    )
}
