"""Writes what the pipelines have loaded, added up by product."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.pipelines import reports


class Command(BaseCommand):
    help = "Write the sales by product as a CSV file"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        count = reports.write_summary(options["path"])
        self.stdout.write(f"{options['path']}: {count} products")
