"""Answers the probes of a load balancer or an orchestrator."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.core import health

LIVE = "/health/live"
READY = "/health/ready"


class HealthMiddleware:
    """`/health/live`: the process answers. `/health/ready`: what it depends on answers, too.

    A middleware and no view, because a probe's Host is an address and it does not speak TLS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info.removesuffix("/")
        if path == LIVE:
            return JsonResponse({"status": "ok"})
        if path == READY:
            failed = health.failures()
            if failed:
                body = {"status": "unavailable", "failed": failed}
                return JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE)
            return JsonResponse({"status": "ok"})
        return self.get_response(request)
