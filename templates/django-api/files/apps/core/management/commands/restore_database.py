"""Puts a copy of the database in the place of what is there."""

import sqlite3
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.core.management.commands.backup_database import run_postgres

SQLITE = b"SQLite format 3\0"
POSTGRES = b"PGDMP"


class Command(BaseCommand):
    help = "Replace the database's content by what backup_database wrote"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path} is no file")
        with path.open("rb") as file:
            head = file.read(len(SQLITE))
        wanted = {"sqlite": SQLITE, "postgresql": POSTGRES}.get(connection.vendor)
        if wanted is None or not head.startswith(wanted):
            raise CommandError(f"{path} is no backup of a database of {connection.vendor}")
        if not options["yes"]:
            raise CommandError("this replaces all data; say --yes to do it")
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
                [(verdict,)] = source.execute("PRAGMA integrity_check").fetchall()[:1]
                if verdict != "ok":
                    raise CommandError(f"{path} is damaged: {verdict}")
                connection.ensure_connection()
                source.backup(connection.connection)
        else:
            # One transaction: a backup that breaks off in the middle leaves what was there.
            run_postgres(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--single-transaction",
                "--exit-on-error",
                str(path),
            )
        self.stdout.write(f"restored from {path}")
