import io
import json
from datetime import timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.core import jobs


class JobTests(TestCase):
    def run_job(self, *args: str) -> str:
        output = io.StringIO()
        call_command("run_job", *args, stdout=output)
        return output.getvalue()

    def test_all_can_be_found(self) -> None:
        for job in settings.JOBS.values():
            self.assertTrue(callable(import_string(job["run"])))
            self.assertEqual(len(job["cron"].split()), 5)

    def test_all_run_on_an_empty_database(self) -> None:
        for name in settings.JOBS:
            with self.subTest(name):
                json.loads(self.run_job(name))

    def test_housekeeping_deletes_what_has_expired(self) -> None:
        now = timezone.now()
        for key, days in (("old", -1), ("new", 1)):
            expires = now + timedelta(days=days)
            Session.objects.create(session_key=key, session_data="", expire_date=expires)
        self.assertEqual(json.loads(self.run_job("housekeeping")), {"sessions": 1})
        self.assertEqual([session.session_key for session in Session.objects.all()], ["new"])

    def test_are_listed(self) -> None:
        self.assertIn("housekeeping", self.run_job())

    def test_unknown_job(self) -> None:
        with self.assertRaisesMessage(CommandError, "there are: "):
            self.run_job("nonsense")

    def test_failure_is_logged_and_handed_on(self) -> None:
        def fail() -> Any:
            raise RuntimeError("no")

        path = "tests.core.test_jobs.fail"
        with (
            mock.patch.dict(settings.JOBS, {"broken": {"run": path, "cron": "0 0 * * *"}}),
            mock.patch("apps.core.jobs.import_string", return_value=fail),
            self.assertLogs("apps.core.jobs", "ERROR") as logs,
            self.assertRaises(RuntimeError),
        ):
            jobs.run("broken")
        self.assertIn("job_failed", logs.output[0])
