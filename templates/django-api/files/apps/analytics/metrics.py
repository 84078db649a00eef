"""The numbers of /metrics: those of requests from all workers, and those of the business."""

import os
from collections.abc import Iterator

import structlog
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from apps.analytics.models import Figure

logger = structlog.get_logger(__name__)


class BusinessCollector(Collector):
    """The newest daily figures: read when asked for, so that all workers say the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("business_figure", "Daily figure", labels=["name"])
        age = GaugeMetricFamily("business_figure_age_days", "Days since figures were counted")
        try:
            newest = Figure.objects.order_by("-day").first()
            if newest is not None:
                for figure in Figure.objects.filter(day=newest.day):
                    family.add_metric([figure.name], figure.value)
                age.add_metric([], (timezone.localdate() - newest.day).days)
        except DatabaseError:
            # The numbers of the requests are needed most when the database is away.
            logger.exception("figures_unreadable")
            return
        yield family
        yield age


def render() -> bytes:
    """Return all numbers in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(BusinessCollector())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Several workers: each writes its own numbers to a file, and here they are added up.
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)
