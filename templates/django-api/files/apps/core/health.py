"""What has to work before this process may be sent requests."""

import structlog
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

logger = structlog.get_logger(__name__)


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def failures() -> list[str]:
    """Run the checks of READINESS_CHECKS and return the names of those that failed."""
    failed = []
    for path in settings.READINESS_CHECKS:
        try:
            import_string(path)()
        except Exception:
            # Why is for the log; whoever asks from outside learns only that it is so.
            logger.exception("readiness_check_failed", check=path)
            failed.append(path.rpartition(".")[2].removeprefix("check_"))
    return failed
