"""The queue: `celery --app config worker` takes tasks from it."""

import os
from typing import Any

import structlog
from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEADER = "request_id"


@signals.setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Leave the logs as Django's settings have them: a receiver keeps Celery's own away."""


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers[HEADER] = request_id


@signals.task_prerun.connect
def bind_request_id(task_id: str, task: Any, **kwargs: Any) -> None:
    """Log what a task does under the id of the request that asked for it."""
    if task.request.is_eager:
        return
    structlog.contextvars.clear_contextvars()
    bound = {"task": task.name, "task_id": task_id, "request_id": task.request.get(HEADER)}
    structlog.contextvars.bind_contextvars(**{key: value for key, value in bound.items() if value})
