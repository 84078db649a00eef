"""Turns every exception of a view into the one shape that apps.core.errors defines."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from apps.core.errors import error_body


def handle(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer what the API foresaw; anything else is a server error and is handled as such."""
    if isinstance(exception, DjangoValidationError):
        # Models and services raise Django's.
        detail = as_serializer_error(exception)
        if NON_FIELD_ERRORS in detail:
            detail[api_settings.NON_FIELD_ERRORS_KEY] = detail.pop(NON_FIELD_ERRORS)
        exception = ValidationError(detail)
    elif isinstance(exception, DataError):
        # Well-formed, yet more than the database can hold, such as a time zone of 21 hours.
        exception = ValidationError("A value is out of range.")
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        fields = exception.detail
        if not isinstance(fields, dict):
            fields = {api_settings.NON_FIELD_ERRORS_KEY: fields}
        response.data = error_body("invalid", "The input is not valid.", fields)
    else:
        message = response.data["detail"]
        code = response.data.get("code") or getattr(message, "code", "error")
        response.data = error_body(str(code), str(message))
    return response
