"""Counts the figures of days that are past, after an outage or for a new figure."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.analytics.services import record


class Command(BaseCommand):
    help = "Count the figures of a day, or of several up to it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("day", nargs="?", type=date.fromisoformat, help="yesterday by default")
        parser.add_argument("--days", type=int, default=1, help="so many days up to it")

    def handle(self, *args: Any, **options: Any) -> None:
        last = options["day"] or timezone.localdate() - timedelta(days=1)
        if options["days"] < 1:
            raise CommandError("--days must be 1 or more")
        for ago in reversed(range(options["days"])):
            day = last - timedelta(days=ago)
            figures = ", ".join(f"{name} {value}" for name, value in record(day).items())
            self.stdout.write(f"{day}: {figures}")
