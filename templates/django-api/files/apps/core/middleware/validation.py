"""Refuses requests that no view could make sense of, before one has to."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from apps.core.errors import error_response


class ValidationMiddleware:
    """Checks what is the same for all views: no NUL characters, and JSON that is JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL cannot store NUL: it would turn up as a server error far from here.
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return error_response(
                HTTPStatus.BAD_REQUEST, "nul_character", "The address contains a NUL character."
            )
        if _is_json(request):
            try:
                if request.body and _holds_nul(json.loads(request.body)):
                    return error_response(
                        HTTPStatus.BAD_REQUEST,
                        "nul_character",
                        "The body contains a NUL character.",
                    )
            except RequestDataTooBig:
                return error_response(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large."
                )
            except (ValueError, RecursionError):
                return error_response(
                    HTTPStatus.BAD_REQUEST, "malformed_json", "The body is not valid JSON."
                )
        return self.get_response(request)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def _is_json(request: HttpRequest) -> bool:
    kind = request.content_type or ""
    return kind == "application/json" or kind.endswith("+json")
