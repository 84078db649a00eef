"""Copies the database into a file while it is in use."""

import os
import sqlite3
import subprocess  # nosec B404
from argparse import ArgumentParser
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient


class Command(BaseCommand):
    help = "Write a copy of the database: SQLite's own, or what pg_restore reads"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if path.exists():
            raise CommandError(f"{path} exists already")
        # Nobody else may read it, from the first byte on.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            if connection.vendor == "sqlite":
                copy_sqlite(path)
            elif connection.vendor == "postgresql":
                run_postgres("pg_dump", "--format=custom", "--no-owner", f"--file={path}")
            else:
                raise CommandError(f"{connection.vendor} cannot be backed up by this command")
        except BaseException:
            with suppress(FileNotFoundError):
                path.unlink()
            raise
        self.stdout.write(f"{path}: {path.stat().st_size} bytes")


def copy_sqlite(path: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as target:
        connection.connection.backup(target)


def run_postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database; the password is in no argument."""
    settings = connection.settings_dict
    words, variables = DatabaseClient.settings_to_cmd_args_env(settings, [])
    # All but the first, which is psql, and the last, which is the database.
    command = [program, *words[1:-1], f"--dbname={settings['NAME']}", *arguments]
    try:
        subprocess.run(command, env=os.environ | (variables or {}), check=True)  # nosec B603
    except FileNotFoundError:
        raise CommandError(f"{program} is not installed") from None
    except subprocess.CalledProcessError as error:
        raise CommandError(f"{program} ended with {error.returncode}") from None
