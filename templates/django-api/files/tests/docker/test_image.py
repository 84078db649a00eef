"""What must stay true of the image, as far as can be seen without building it."""

import os
import stat
import subprocess
import sys
from unittest import TestCase

from config.settings import BASE_DIR


class DockerfileTests(TestCase):
    def setUp(self) -> None:
        self.lines = (BASE_DIR / "docker" / "Dockerfile").read_text().splitlines()

    def values(self, instruction: str) -> list[str]:
        prefix = f"{instruction} "
        return [line.removeprefix(prefix) for line in self.lines if line.startswith(prefix)]

    def test_does_not_run_as_root(self) -> None:
        self.assertEqual(self.values("USER"), ["10001"])

    def test_holds_no_secret(self) -> None:
        self.assertFalse([line for line in self.lines if "SECRET_KEY" in line])

    def test_every_builder_understands_it(self) -> None:
        self.assertFalse([line for line in self.lines if line.startswith("# syntax=")])
        self.assertFalse([line for line in self.lines if "--mount" in line])

    def test_entrypoint_can_be_run(self) -> None:
        mode = (BASE_DIR / "docker" / "entrypoint.sh").stat().st_mode
        self.assertTrue(mode & stat.S_IXUSR)

    def test_context_leaves_out_secrets(self) -> None:
        lines = (BASE_DIR / ".dockerignore").read_text().splitlines()
        self.assertIn("*", lines)
        self.assertNotIn("!.env", lines)


class ProxyTests(TestCase):
    def setUp(self) -> None:
        text = (BASE_DIR / "docker" / "nginx.conf").read_text()
        self.lines = [
            line.strip() for line in text.splitlines() if not line.strip().startswith("#")
        ]

    def test_the_application_hears_who_asked_for_what(self) -> None:
        # Without the host it refuses everything; and a client must not say of itself that it came by HTTPS.
        self.assertIn("proxy_set_header Host $http_host;", self.lines)
        self.assertIn("proxy_set_header X-Forwarded-Proto $scheme;", self.lines)

    def test_nothing_is_written_but_below_tmp(self) -> None:
        paths = [
            line.split()[1]
            for line in self.lines
            if line.startswith("pid ") or "_temp_path " in line
        ]
        self.assertEqual(len(paths), 6)
        self.assertFalse([path for path in paths if not path.startswith("/tmp/")])


class BuildSettingsTests(TestCase):
    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR,
            env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.build"},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_gather_static_files_without_any_secret(self) -> None:
        result = self.manage("collectstatic", "--dry-run", "--noinput", "--verbosity", "0")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_are_refused_for_anything_else(self) -> None:
        result = self.manage("check")
        self.assertEqual(result.returncode, 1)
        [line] = result.stderr.splitlines()
        self.assertTrue(line.startswith("error: DJANGO_SETTINGS_MODULE "), line)
