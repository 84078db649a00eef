"""Runs a job now: for cron, for an orchestrator, for a person."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core import jobs


class Command(BaseCommand):
    help = "Run one of the project's jobs; without a name, list them"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the job")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"] is None:
            for name, job in sorted(settings.JOBS.items()):
                self.stdout.write(f"{name}  {job['cron']}  {job['run']}")
            return
        try:
            result = jobs.run(options["name"])
        except jobs.UnknownJobError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(result, default=str))
