"""Refuses queries that ask for too much, before any of them is executed."""

from typing import Any

from django.conf import settings
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.extensions import AddValidationRules

PAGINATION = "pagination"


class CostLimiter(AddValidationRules):
    """Counts the fields of a query, each as often as the lists around it may have rows."""

    def __init__(self, most: int) -> None:
        super().__init__([_rule(most)])


def _rule(most: int) -> type[ValidationRule]:
    class Rule(ValidationRule):
        def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
            schema = self.context.schema
            root = {
                OperationType.QUERY: schema.query_type,
                OperationType.MUTATION: schema.mutation_type,
                OperationType.SUBSCRIPTION: schema.subscription_type,
            }[node.operation]
            cost = _Counter(self.context).cost(node.selection_set, root, 1, None, frozenset())
            if cost > most:
                self.report_error(
                    GraphQLError(f"The query costs {cost}, and {most} is the most.", node)
                )

    return Rule


class _Counter:
    def __init__(self, context: ValidationContext) -> None:
        self.context = context

    def cost(
        self,
        selections: SelectionSetNode | None,
        parent: Any,
        rows: int,
        limit: int | None,
        inside: frozenset[str],
    ) -> int:
        """Add up the selections of an object that is there `rows` times.

        `limit` is the page size that the field around it asked for; `inside` holds the fragments
        that are being counted, since another rule tells of those that hold themselves.
        """
        total = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                total += self._field(selection, parent, rows, limit, inside)
            elif isinstance(selection, InlineFragmentNode):
                total += self.cost(selection.selection_set, parent, rows, limit, inside)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self.context.get_fragment(name)
                if fragment and name not in inside:
                    known = inside | {name}
                    total += self.cost(fragment.selection_set, parent, rows, limit, known)
        return total

    def _field(
        self,
        node: FieldNode,
        parent: Any,
        rows: int,
        limit: int | None,
        inside: frozenset[str],
    ) -> int:
        field = parent.fields.get(node.name.value) if _has_fields(parent) else None
        if field is None:
            return rows
        own = _page_size(node) if PAGINATION in field.args else None
        inner = rows
        if is_list_type(get_nullable_type(field.type)):
            inner = rows * (own or limit or settings.STRAWBERRY_DJANGO["PAGINATION_DEFAULT_LIMIT"])
        kind = get_named_type(field.type)
        return rows + self.cost(node.selection_set, kind, inner, own, inside)


def _has_fields(kind: Any) -> bool:
    return isinstance(kind, GraphQLObjectType)


def _page_size(node: FieldNode) -> int:
    """Return the limit that is asked for; a variable may turn out to be anything up to the most."""
    most: int = settings.STRAWBERRY_DJANGO["PAGINATION_MAX_LIMIT"]
    for argument in node.arguments or ():
        if argument.name.value != PAGINATION:
            continue
        if not isinstance(argument.value, ObjectValueNode):
            return most
        for field in argument.value.fields:
            if field.name.value == "limit":
                value = field.value
                asked = int(value.value) if isinstance(value, IntValueNode) else most
                return min(asked, most) if asked >= 0 else most
    return int(settings.STRAWBERRY_DJANGO["PAGINATION_DEFAULT_LIMIT"])
