import re
from unittest import TestCase

from config.settings import BASE_DIR


class WorkflowTests(TestCase):
    def setUp(self) -> None:
        folder = BASE_DIR / ".github" / "workflows"
        self.workflows = {path.name: path.read_text() for path in folder.glob("*.yml")}
        self.assertIn("ci.yml", self.workflows)

    def test_actions_are_pinned_to_a_commit(self) -> None:
        # A tag can be moved to other code; a commit cannot.
        for name, text in self.workflows.items():
            for action in re.findall(r"uses: *(\S+)", text):
                with self.subTest(name, action=action):
                    self.assertRegex(action, r"@[0-9a-f]{40}\Z")

    def test_workflows_may_only_read(self) -> None:
        for name, text in self.workflows.items():
            with self.subTest(name):
                self.assertIn("\npermissions:\n  contents: read\n", text)
                # Only the job that pushes the image may write, and only packages.
                self.assertEqual(
                    re.findall(r"^.*: write$", text, re.MULTILINE),
                    ["      packages: write"] if name == "deploy.yml" else [],
                )
