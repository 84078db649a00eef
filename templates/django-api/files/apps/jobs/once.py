"""Work that is done once, however often it is asked for."""

from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from apps.jobs.models import Execution


class Work(Protocol):
    def __call__(self) -> object: ...


def once(key: str, work: Work) -> bool:
    """Do the work unless it was done under this key; return whether it was done now.

    The mark and what the work writes to the database are one transaction: a worker that dies in
    between leaves neither, and two that come at once wait for each other. It cannot cover what
    leaves the database, such as mail: do that last, so that a failure comes before it.
    """
    with transaction.atomic():
        _, is_new = Execution.objects.get_or_create(key=key)
        if is_new:
            work()
        return is_new


def forget(older_than: timedelta = timedelta(days=90)) -> dict[str, int]:
    """Delete marks so old that nobody will ask for that work again."""
    deleted, _ = Execution.objects.filter(done_at__lt=timezone.now() - older_than).delete()
    return {"executions": deleted}
