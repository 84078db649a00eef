"""Background work: Redis where CELERY_BROKER_URL or REDIS_URL says so, else done at once."""

from typing import Any

from config import env
from config.settings import BASE_DIR
from config.settings.components.core import PROJECT_SLUG, TIME_ZONE

APPS = ["apps.jobs"]

# Databases of their own: a cache that is emptied must not take the queue with it.
_files = env.text("CELERY_BROKER_URL", "") == "filesystem://"
_broker = "filesystem://"
_results = f"file://{BASE_DIR / '.celery' / 'results'}"
if not _files:
    _broker = env.redis("CELERY_BROKER_URL", 0) or env.redis("REDIS_URL", 2)
    _results = env.redis("CELERY_BROKER_URL", 1) or env.redis("REDIS_URL", 3)

# Without a server a task runs where it is called, so that development needs no worker.
CELERY_TASK_ALWAYS_EAGER = not _broker
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_BROKER_URL = _broker or "memory://"
CELERY_RESULT_BACKEND = _results or "cache+memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if _files:
    # For a worker on this machine, without any server: both sides use one folder.
    for _folder in ("queue", "processed", "control", "results"):
        (BASE_DIR / ".celery" / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BASE_DIR / ".celery" / "queue"),
        "data_folder_out": str(BASE_DIR / ".celery" / "queue"),
        "processed_folder": str(BASE_DIR / ".celery" / "processed"),
        "control_folder": str(BASE_DIR / ".celery" / "control"),
    }
elif _broker:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Longer than any task: what is not acknowledged by then is delivered again.
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "global_keyprefix": f"{PROJECT_SLUG}:",
    }

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_RESULT_EXPIRES = 86_400
CELERY_TASK_TRACK_STARTED = True

# Acknowledged when done: what a worker that dies had begun is given to another. So every task
# has to bear running twice; apps/jobs/once.py helps.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# First an exception that the task can catch, then the end.
CELERY_TASK_SOFT_TIME_LIMIT = env.integer("CELERY_TASK_SECONDS", 300, minimum=1)
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000

JOBS = {"forget-executions": {"run": "apps.jobs.once.forget", "cron": "27 3 * * *"}}
