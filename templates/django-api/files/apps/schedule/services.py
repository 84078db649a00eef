"""Keeps the schedule in step with the setting JOBS."""

import json

from django.conf import settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask

TASK = "apps.jobs.tasks.run_job"
PREFIX = "job: "
FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


def update_schedule() -> None:
    """Add the jobs that are not there yet, and switch off those that are no more.

    What is there stays as it is: somebody may have changed it in the admin.
    """
    for name, job in settings.JOBS.items():
        if PeriodicTask.objects.filter(name=f"{PREFIX}{name}").exists():
            continue
        times = dict(zip(FIELDS, job["cron"].split(), strict=True))
        crontab, _ = CrontabSchedule.objects.get_or_create(**times, timezone=settings.TIME_ZONE)
        PeriodicTask.objects.create(
            name=f"{PREFIX}{name}",
            task=TASK,
            args=json.dumps([name]),
            crontab=crontab,
            # What could not be begun for an hour waits for its next time.
            expire_seconds=3600,
        )
    known = [f"{PREFIX}{name}" for name in settings.JOBS]
    for task in PeriodicTask.objects.filter(name__startswith=PREFIX, enabled=True):
        if task.name not in known:
            task.enabled = False
            task.save()
