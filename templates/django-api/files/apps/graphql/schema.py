"""The schema, put together from the setting GRAPHQL_MODULES."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import strawberry
from django.conf import settings
from strawberry.extensions import DisableIntrospection, MaxTokensLimiter, QueryDepthLimiter
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext
from strawberry_django.optimizer import DjangoOptimizerExtension

from apps.graphql.cost import CostLimiter
from apps.graphql.errors import DescribeErrors


class Schema(strawberry.Schema):
    def process_errors(
        self, errors: Sequence[Any], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: `DescribeErrors` knows which errors are ours to mend."""


def build() -> Schema:
    modules = [import_module(path) for path in settings.GRAPHQL_MODULES.values()]
    queries = tuple(module.Query for module in modules if hasattr(module, "Query"))
    mutations = tuple(module.Mutation for module in modules if hasattr(module, "Mutation"))
    limits = settings.GRAPHQL_LIMITS
    extensions: list[Any] = [
        DescribeErrors,
        lambda: MaxTokensLimiter(max_token_count=limits["tokens"]),
        lambda: QueryDepthLimiter(max_depth=limits["depth"]),
        lambda: CostLimiter(limits["cost"]),
        DjangoOptimizerExtension,
    ]
    if not settings.GRAPHQL_INTROSPECTION:
        extensions.append(DisableIntrospection)
    return Schema(
        query=merge_types("Query", queries),
        mutation=merge_types("Mutation", mutations) if mutations else None,
        extensions=extensions,
    )


schema = build()
