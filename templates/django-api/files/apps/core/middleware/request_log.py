"""Gives every request an id and writes one line about it."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

logger = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
# An id from outside ends up in logs, so it may not hold anything that breaks them.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestLogMiddleware:
    """Takes over the caller's `X-Request-ID` or makes one; all logs of the request carry it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        start = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response[HEADER] = request_id
            write = logger.error if response.status_code >= 500 else logger.info
            # Without the query string: people put secrets there.
            write(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                duration_ms=round((time.perf_counter() - start) * 1000, 1),
                user_id=_user_id(request),
                remote_address=request.META.get("REMOTE_ADDR"),
            )
        return response


def _user_id(request: HttpRequest) -> Any:
    """Return the user's id if the request was authenticated; looking must not cost a query."""
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):
        user = vars(request).get("_cached_user")
    return getattr(user, "pk", None)
