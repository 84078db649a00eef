import os
import re
import stat
import subprocess
from unittest import TestCase

from django.conf import settings

from config.settings import BASE_DIR

FOLDER = BASE_DIR / "deploy" / "cron"
LINE = re.compile(r'(\S+ \S+ \S+ \S+ \S+)  "\$PROJECT/deploy/cron/run\.sh" (\S+)')
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class CrontabTests(TestCase):
    def setUp(self) -> None:
        lines = (FOLDER / "app.crontab").read_text().splitlines()
        entries = [line for line in lines if line and not re.match(r"#|[A-Z]+=", line)]
        self.jobs = {}
        for line in entries:
            match = LINE.fullmatch(line)
            self.assertIsNotNone(match, line)
            if match:
                self.jobs[match[2]] = match[1]

    def test_holds_every_job_at_its_time(self) -> None:
        self.assertEqual(self.jobs, {name: job["cron"] for name, job in settings.JOBS.items()})

    def test_times_are_times(self) -> None:
        for schedule in self.jobs.values():
            for field, (low, high) in zip(schedule.split(), RANGES, strict=True):
                with self.subTest(schedule, field=field):
                    self.assertRegex(field, r"^(\*(/[0-9]+)?|[0-9]+)$")
                    numbers = map(int, re.findall(r"(?<!/)\b[0-9]+", field))
                    self.assertTrue(all(low <= number <= high for number in numbers))


class RunnerTests(TestCase):
    def test_can_be_run(self) -> None:
        self.assertTrue((FOLDER / "run.sh").stat().st_mode & stat.S_IXUSR)

    def test_wants_the_name_of_a_job(self) -> None:
        result = subprocess.run(
            [FOLDER / "run.sh"],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((result.returncode, result.stderr), (2, "usage: run.sh NAME\n"))
