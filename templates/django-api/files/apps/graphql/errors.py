"""What a client hears of an error: a code for programs, a message for people, nothing of ours."""

from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
)
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

logger = structlog.get_logger(__name__)


class NotAuthenticatedError(PermissionDenied):
    """Nobody is logged in, and somebody should be."""


class DescribeErrors(SchemaExtension):
    def on_operation(self) -> Iterator[None]:
        yield
        errors = getattr(self.execution_context.result, "errors", None)
        if errors:
            errors[:] = [_described(error) for error in errors]


def _described(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error:
        original = original.original_error
    if original is None or isinstance(original, GraphQLError):
        # The query itself is wrong: the message says where.
        return _error(error, error.message, "bad_query")
    if isinstance(original, ValidationError):
        return _error(error, "The input is not valid.", "invalid", fields=_fields(original))
    if isinstance(original, NotAuthenticatedError):
        return _error(error, "You have to log in.", "not_authenticated")
    if isinstance(original, PermissionDenied):
        return _error(error, str(original) or "This is not allowed.", "permission_denied")
    if isinstance(original, ObjectDoesNotExist):
        return _error(error, "There is nothing here.", "not_found")
    logger.error("graphql_failed", path=error.path, exc_info=original)
    return _error(error, "Something went wrong on our side.", "server_error")


def _fields(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        messages = error.message_dict
        return {
            "nonFieldErrors" if name == NON_FIELD_ERRORS else name: texts
            for name, texts in messages.items()
        }
    return {"nonFieldErrors": error.messages}


def _error(error: GraphQLError, message: str, code: str, **more: Any) -> GraphQLError:
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "request_id": request_id, **more},
    )
