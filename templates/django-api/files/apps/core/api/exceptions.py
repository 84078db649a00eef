"""Turns every exception of a view into the one shape that apps.core.errors defines."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler

from apps.core.errors import error_body


def handle(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer what the API foresaw; anything else is a server error and is handled as such."""
    if isinstance(exception, DjangoValidationError):
        # Models and services raise Django's.
        exception = ValidationError(as_serializer_error(exception))
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        detail = exception.detail
        fields = detail if isinstance(detail, dict) else {"non_field_errors": detail}
        response.data = error_body("invalid", "The input is not valid.", fields)
    else:
        message = response.data["detail"]
        code = response.data.get("code") or getattr(message, "code", "error")
        response.data = error_body(str(code), str(message))
    return response
