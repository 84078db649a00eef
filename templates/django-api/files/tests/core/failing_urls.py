"""Routes that fail, for the tests of what a caller sees then."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("hidden")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("hidden")


urlpatterns = [
    path("api/failing", failing),
    path("api/forbidden", forbidden),
    path("failing", failing),
    path("forbidden", forbidden),
]
