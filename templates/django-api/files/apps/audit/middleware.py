"""Knows who is asking while a request is answered."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

_request: ContextVar[HttpRequest | None] = ContextVar("audit_request", default=None)


class AuditMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


def current_user_id() -> Any:
    """Return the id of the user whose request this is; `None` outside of requests.

    The API tells who its user is when it knows: it sets `user` on this very request, too.
    """
    return getattr(getattr(_request.get(), "user", None), "pk", None)
