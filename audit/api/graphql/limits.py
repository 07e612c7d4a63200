"""What one operation may ask for, counted before it is begun.

A field costs a point, times the events of the page it is asked of; documents and what has to be
compared cost more, and so does each search. What is asked for twice by the same name is counted
twice, though it is answered once.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult

from audit.api.graphql.errors import invalid
from audit.api.searching import MAX_PAGE

MAX_TOKENS: Final = 2_000  # words and signs of a document; a large query of people has 300
MAX_DEPTH: Final = 12  # the deepest that has a meaning is 7
MAX_COST: Final = 50_000  # points: ten searches, or one for 1,000 events with all but the diffs

_COST: Final[Mapping[str, int]] = {
    "events": 5_000,
    "resourceHistory": 5_000,
    "auditLogEntries": 5_000,
    "facets": 5_000,
    "histogram": 5_000,
    "event": 200,
    "eventTypes": 200,
    "before": 5,
    "after": 5,
    "patch": 50,
    "diffSummary": 50,
}
_SIZES: Final = {"events": "first", "resourceHistory": "first", "auditLogEntries": "limit"}
_DEFAULT_SIZE: Final = 100  # the larger one of the fields above


class OperationLimits(SchemaExtension):
    """Refuses what is nested too deep or costs too much, and a choice of operations.

    Validation has refused cycles before, and what is not there.
    """

    def on_execute(self) -> Iterator[None]:
        if error := self._error():
            self.execution_context.result = ExecutionResult(data=None, errors=[error])
        yield

    def _error(self) -> GraphQLError | None:
        context = self.execution_context
        assert context.graphql_document is not None  # noqa: S101 -- it was validated
        operations = [
            each
            for each in context.graphql_document.definitions
            if isinstance(each, OperationDefinitionNode)
        ]
        names = [each.name and each.name.value for each in operations]
        if len(operations) > 1 and not context.context.names_operation:
            return invalid("Say with operationName which of the operations is meant.")
        operation = operations[names.index(context.operation_name)]
        return _Weighing(context.graphql_document, operation, context.variables or {}).error()


class _Weighing:
    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._operation = operation
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._variables = {
            each.variable.name.value: _literal(each.default_value)
            for each in operation.variable_definitions or ()
        } | dict(variables)
        self._known: dict[str, tuple[int, int]] = {}

    def error(self) -> GraphQLError | None:
        depth, cost = self._weigh(self._operation.selection_set)
        if depth > MAX_DEPTH:
            return invalid(f"The query is nested {depth:,} deep; at most {MAX_DEPTH} is allowed.")
        if cost > MAX_COST:
            return invalid(
                f"The query costs {cost:,} points; at most {MAX_COST:,} are allowed. Ask for"
                " fewer events at once, or for fewer of their fields.",
                cost=cost,
                maxCost=MAX_COST,
            )
        return None

    def _weigh(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """How deep a selection is, and what it costs."""
        depths, cost = [0], 0
        for each in selections.selections if selections else ():
            deep, more = self._weigh_one(each)
            depths.append(deep)
            cost += more
        return max(depths), cost

    def _weigh_one(self, selection: Any) -> tuple[int, int]:
        if isinstance(selection, FragmentSpreadNode):
            return self._weigh_fragment(selection.name.value)
        depth, cost = self._weigh(selection.selection_set)
        if not isinstance(selection, FieldNode):
            return depth, cost
        name = selection.name.value
        if name.startswith("__"):  # graphql-core bounds how deep introspection goes
            return 1, 1
        return depth + 1, _COST.get(name, 1) + cost * self._size(selection)

    def _weigh_fragment(self, name: str) -> tuple[int, int]:
        """Once for each fragment, however often it is spread; validation refuses cycles."""
        if name not in self._known:
            self._known[name] = self._weigh(self._fragments[name].selection_set)
        return self._known[name]

    def _size(self, field: FieldNode) -> int:
        argument = _SIZES.get(field.name.value)
        if argument is None:
            return 1
        given = (each.value for each in field.arguments or () if each.name.value == argument)
        size = self._value(next(given, None))
        return min(max(size, 1), MAX_PAGE) if isinstance(size, int) else _DEFAULT_SIZE

    def _value(self, node: ValueNode | None) -> object:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return _literal(node)


def _literal(node: ValueNode | None) -> int | None:
    return int(node.value) if isinstance(node, IntValueNode) else None
