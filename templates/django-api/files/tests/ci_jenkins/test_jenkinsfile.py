import re
import subprocess
from unittest import TestCase

from config.settings import BASE_DIR


class JenkinsfileTests(TestCase):
    def setUp(self) -> None:
        self.text = (BASE_DIR / "Jenkinsfile").read_text()

    def steps(self) -> list[str]:
        blocks = re.findall(r"sh '''\n(.*?)'''", self.text, re.DOTALL)
        return [*blocks, *re.findall(r"sh '([^'\n]+)'", self.text)]

    def test_has_the_stages_of_every_run(self) -> None:
        stages = re.findall(r"stage\('([^']+)'\)", self.text)
        for stage in ("Install", "Lint", "Test"):
            self.assertIn(stage, stages)

    def test_steps_are_shell(self) -> None:
        self.assertGreater(len(self.steps()), 4)
        for step in self.steps():
            with self.subTest(step):
                result = subprocess.run(["sh", "-n", "-c", step], capture_output=True, check=False)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_secrets_are_not_put_into_the_text_of_a_step(self) -> None:
        # In double quotes Groovy would write their values into the command, and the log.
        self.assertNotRegex(self.text, r'\n\s*sh\s*\(?"')
        self.assertNotIn('"""', self.text)
        self.assertNotIn("--password ", self.text)

    def test_blocks_are_closed(self) -> None:
        code = re.sub(r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*", "", self.text, flags=re.DOTALL)
        self.assertEqual(code.count("{"), code.count("}"))
