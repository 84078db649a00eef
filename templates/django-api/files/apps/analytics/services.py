"""Counts the figures of a day and keeps them."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.analytics.models import Figure


def record_yesterday() -> dict[str, int]:
    return record(timezone.localdate() - timedelta(days=1))


@transaction.atomic
def record(day: date) -> dict[str, int]:
    """Count every figure of a day, from midnight to midnight in TIME_ZONE; again is no harm."""
    # A day is not always 24 hours long.
    begin = timezone.make_aware(datetime.combine(day, time.min))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    values = {name: import_string(path)(begin, end) for name, path in settings.FIGURES.items()}
    for name, value in values.items():
        Figure.objects.update_or_create(day=day, name=name, defaults={"value": value})
    return values
