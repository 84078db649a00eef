from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ScheduleConfig(AppConfig):
    name = "apps.schedule"

    def ready(self) -> None:
        post_migrate.connect(update_schedule, sender=self)


def update_schedule(**kwargs: Any) -> None:
    from apps.schedule import services

    services.update_schedule()
