import io
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import TestCase

from django.core.management import CommandError, call_command
from django.test import TestCase as DatabaseTestCase

from config.settings import BASE_DIR

SCRIPTS = BASE_DIR / "scripts"


def run(*command: str, cwd: Path = BASE_DIR, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": path, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


class ScriptTests(TestCase):
    def test_can_be_run_and_stop_at_the_first_failure(self) -> None:
        for script in SCRIPTS.glob("*.sh"):
            if script.name == "lib.sh":
                continue
            with self.subTest(script.name):
                self.assertTrue(script.stat().st_mode & stat.S_IXUSR)
                self.assertIn("\nset -eu\n", script.read_text())
                self.assertEqual(run("sh", "-n", str(script)).returncode, 0)

    def test_deployment_needs_to_know_how_to_restart(self) -> None:
        self.assertIn("RESTART_COMMAND", run("scripts/deploy.sh", "v1").stderr)
        self.assertIn("usage", run("scripts/deploy.sh").stderr)

    def test_restoring_asks(self) -> None:
        self.assertIn("RESTORE_YES=1", run("scripts/restore.sh", "manage.py").stderr)


class WaitForTests(TestCase):
    def test_waits_for_a_server(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"127.0.0.1:{server.getsockname()[1]}"
            result = run("scripts/wait-for.sh", "-t", "10", address, "echo", "there")
        self.assertEqual((result.returncode, result.stdout), (0, "there\n"))

    def test_does_not_wait_for_ever(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"127.0.0.1:{server.getsockname()[1]}"
        result = run("scripts/wait-for.sh", "-t", "0", address, "echo", "there")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("nothing answers", result.stderr)
        self.assertEqual(run("scripts/wait-for.sh").returncode, 2)


class SqliteBackupTests(TestCase):
    """On a copy of the project with a database of its own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name) / "project"
        ignore = shutil.ignore_patterns(
            ".git", ".venv", ".prodev", "*.sqlite3*", "backups", "__pycache__"
        )
        shutil.copytree(BASE_DIR, self.project, ignore=ignore)
        (self.project / ".env").write_text("DJANGO_DEBUG=true\n")
        self.do("python", "manage.py", "migrate", "--verbosity", "0")

    def do(self, *command: str, **variables: str) -> str:
        result = run(*command, cwd=self.project, **variables)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.project / "db.sqlite3")) as database, database:
            return database.execute(statement).fetchall()

    def users(self) -> int:
        return len(self.sql("SELECT email FROM accounts_user"))

    def add_user(self, name: str) -> None:
        self.sql(
            "INSERT INTO accounts_user (email, password, first_name, last_name, is_superuser,"
            " is_staff, is_active, date_joined)"
            f" VALUES ('{name}', '', '', '', 0, 0, 1, '2026-01-01')"
        )

    def test_there_and_back(self) -> None:
        self.add_user("a")
        backup = self.do("scripts/backup.sh").splitlines()[-1]
        mode = (self.project / backup).stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.add_user("b")
        self.assertEqual(self.users(), 2)
        said = self.do("scripts/restore.sh", backup, RESTORE_YES="1")
        self.assertEqual(self.users(), 1)
        before = said.split()[-1]
        self.do("scripts/restore.sh", before, RESTORE_YES="1")
        self.assertEqual(self.users(), 2)

    def test_nobody_else_may_read_a_copy(self) -> None:
        self.do("python", "manage.py", "backup_database", "x.backup")
        mode = (self.project / "x.backup").stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_old_copies_go(self) -> None:
        backups = self.project / "backups"
        backups.mkdir()
        for name in ("20200101T000000Z.backup", "20200102T000000Z.backup", "mine.backup"):
            (backups / name).touch()
        new = self.do("scripts/backup.sh", BACKUP_KEEP="2").splitlines()[-1]
        left = sorted(path.name for path in backups.iterdir())
        kept = ["20200102T000000Z.backup", "mine.backup", Path(new).name]
        self.assertEqual(left, sorted(kept))


class RestoreCommandTests(DatabaseTestCase):
    def test_anything_else_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x"
            path.write_bytes(b"nonsense")
            for wrong in (path, Path(folder) / "none"):
                with self.assertRaises(CommandError):
                    call_command("restore_database", wrong, "--yes", stdout=io.StringIO())
            with self.assertRaisesMessage(CommandError, "exists already"):
                call_command("backup_database", path)
            self.assertEqual(path.read_bytes(), b"nonsense")
