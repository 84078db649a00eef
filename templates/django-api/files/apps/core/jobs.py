"""What is done by the clock: plain functions that a command, cron and a worker run alike."""

import time
from collections.abc import Callable
from typing import Any, cast

import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string

logger = structlog.get_logger(__name__)


class UnknownJobError(LookupError):
    def __init__(self, name: str) -> None:
        known = ", ".join(sorted(settings.JOBS))
        super().__init__(f"there is no job {name!r}; there are: {known}")


def run(name: str) -> Any:
    """Run a job of the setting JOBS and return what it returns."""
    if name not in settings.JOBS:
        raise UnknownJobError(name)
    job = cast(Callable[[], Any], import_string(settings.JOBS[name]["run"]))
    start = time.perf_counter()
    with structlog.contextvars.bound_contextvars(job=name):
        logger.info("job_started")
        try:
            result = job()
        except Exception:
            logger.exception("job_failed", duration_ms=_since(start))
            raise
        logger.info("job_finished", duration_ms=_since(start), result=result)
    return result


def housekeeping() -> dict[str, int]:
    """Delete sessions that have expired; Django itself never does."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return {"sessions": deleted}


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)
