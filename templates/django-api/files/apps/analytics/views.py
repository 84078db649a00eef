import csv
import secrets
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from apps.analytics import chart, metrics, selectors
from apps.core.errors import error_response

DAYS = 30


@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """All numbers, for Prometheus and nobody else."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        if not secrets.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
            response = error_response(HTTPStatus.UNAUTHORIZED, "not_authenticated", "No token.")
            response["WWW-Authenticate"] = "Bearer"
            return response
    elif not settings.DEBUG:
        raise Http404
    return HttpResponse(metrics.render(), content_type=CONTENT_TYPE_LATEST)


@require_safe
@staff_member_required
def report(request: HttpRequest) -> HttpResponse:
    """The figures of the last days, with a line for each."""
    yesterday = timezone.localdate() - timedelta(days=1)
    charts = [
        (series.name, series.last, chart.line(series.name, series.values))
        for series in selectors.series(yesterday, DAYS)
    ]
    header, *rows = selectors.table(yesterday, DAYS)
    context = {"charts": charts, "header": header, "rows": rows, "days": DAYS}
    return render(request, "analytics/report.html", context)


@require_safe
@staff_member_required
def report_csv(request: HttpRequest) -> HttpResponse:
    yesterday = timezone.localdate() - timedelta(days=1)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures-{yesterday}.csv"'
    csv.writer(response).writerows(selectors.table(yesterday, DAYS))
    return response
