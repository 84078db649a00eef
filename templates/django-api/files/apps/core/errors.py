"""One shape for every error that a program reads."""

from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults


def error_body(code: str, message: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the body; `fields` says for each field of the input what is wrong with it."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    error["request_id"] = structlog.contextvars.get_contextvars().get("request_id", "")
    return {"error": error}


def error_response(status: HTTPStatus, code: str, message: str) -> JsonResponse:
    return JsonResponse(error_body(code, message), status=status)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or not request.accepts("text/html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return error_response(
            HTTPStatus.BAD_REQUEST, "bad_request", "The request cannot be understood."
        )
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return error_response(HTTPStatus.FORBIDDEN, "permission_denied", "This is not allowed.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return error_response(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return error_response(
            HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "Something went wrong on our side."
        )
    return defaults.server_error(request)
