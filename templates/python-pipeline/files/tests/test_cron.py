"""The crontab names what the script knows."""

import re
import stat
import subprocess
from unittest import TestCase

from . import ROOT

FOLDER = ROOT / "deploy" / "cron"


class CronTests(TestCase):
    """What cron would run."""

    def test_script_can_be_run_and_says_what_it_wants(self) -> None:
        script = FOLDER / "run.sh"
        self.assertTrue(script.stat().st_mode & stat.S_IXUSR)
        result = subprocess.run([script], capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stderr), (2, "usage: run.sh ingest|report\n"))

    def test_entries_are_words_of_the_script(self) -> None:
        words = re.findall(r"^    ([a-z]+)\)$", (FOLDER / "run.sh").read_text(), re.MULTILINE)
        crontab = (FOLDER / "pipeline.crontab").read_text()
        entries = re.findall(r'run\.sh" (\S+)$', crontab, re.MULTILINE)
        self.assertEqual(sorted(entries), sorted(words))
