"""The tasks of this project; apps may have a tasks.py of their own, too."""

import smtplib
from typing import Any

from celery import shared_task
from django.core.mail import send_mail
from django.db import InterfaceError, OperationalError

from apps.core import jobs
from apps.jobs.once import once


@shared_task(
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=True,
    retry_backoff_max=600,
    max_retries=5,
)
def run_job(name: str) -> Any:
    """Run one of the setting JOBS; tried again where the database was not there."""
    return jobs.run(name)


@shared_task(
    autoretry_for=(smtplib.SMTPException, OSError),
    # 2, 4, 8 ... seconds, each a little off, so that not all come back at once.
    retry_backoff=2,
    retry_jitter=True,
    max_retries=8,
    soft_time_limit=60,
)
def send_email(key: str, to: str, subject: str, body: str) -> bool:
    """Send a mail, once for each key; return whether it was sent now."""
    return once(f"mail:{key}", lambda: send_mail(subject, body, None, [to]))
