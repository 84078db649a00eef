"""How the settings are put together, and what they refuse."""

import os
import subprocess
import sys
from types import SimpleNamespace
from unittest import TestCase, mock

from config import env
from config.settings import BASE_DIR, loader

GOOD = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "DJANGO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "DJANGO_ALLOWED_HOSTS": "api.example.org",
    "DATABASE_URL": "postgres://user:password@localhost:1/name",
}


class ProductionTests(TestCase):
    def python(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run Python with nothing in the environment but these variables."""
        variables = {"PATH": os.environ["PATH"]} | GOOD | changes
        return subprocess.run(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env={name: value for name, value in variables.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_passes_the_deployment_check(self) -> None:
        result = self.python("manage.py", "check", "--deploy", "--fail-level", "WARNING")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_refuses_what_is_fit_for_development_only(self) -> None:
        for name, value in (
            ("DJANGO_SECRET_KEY", ""),
            ("DJANGO_SECRET_KEY", "short"),
            ("DJANGO_DEBUG", "true"),
            ("DJANGO_ALLOWED_HOSTS", ""),
            ("DJANGO_ALLOWED_HOSTS", "api.example.org,*"),
            ("DATABASE_URL", ""),
            ("DATABASE_URL", "sqlite:///db.sqlite3"),
            ("DATABASE_URL", "nonsense"),
        ):
            with self.subTest(name, value=value):
                result = self.python("manage.py", "check", **{name: value})
                self.assertNotEqual(result.returncode, 0)
                [line] = result.stderr.splitlines()
                self.assertTrue(line.startswith(f"error: {name} "), line)

    def test_servers_refuse_it_as_well(self) -> None:
        for module in ("config.wsgi", "config.asgi"):
            with self.subTest(module):
                result = self.python("-c", f"import {module}", DJANGO_SECRET_KEY="")
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr, "error: DJANGO_SECRET_KEY is not set\n")
                self.assertEqual(self.python("-c", f"import {module}").returncode, 0)


class EnvironmentTests(TestCase):
    def refused(self, value: str) -> "mock._patch_dict":
        return mock.patch.dict(os.environ, {"NAME": value})

    def test_wrong_values_name_the_variable_and_hide_the_value(self) -> None:
        for read, value in (
            (lambda: env.flag("NAME", False), "perhaps"),
            (lambda: env.integer("NAME", 1), "many"),
            (lambda: env.integer("NAME", 1), "-1"),
            (lambda: env.choice("NAME", "a", ("a", "b")), "other"),
            (lambda: env.matching("NAME", "a", "[a-z]", "a letter"), "42"),
            (lambda: env.database("NAME", ""), "passw0rd"),
            (lambda: env.database("NAME", ""), "foo://passw0rd@host/name"),
            (lambda: env.database("NAME", ""), "postgres://u:passw0rd@host:port/name"),
            (lambda: env.redis("NAME", 0), "http://passw0rd"),
            (lambda: env.email("NAME", ""), "passw0rd"),
        ):
            with self.subTest(value), self.refused(value):
                with self.assertRaises(env.ConfigurationError) as caught:
                    read()
                self.assertTrue(str(caught.exception).startswith("NAME must be "))
                self.assertNotIn(value, str(caught.exception))

    def test_empty_is_missing(self) -> None:
        with mock.patch.dict(os.environ, {"NAME": " "}):
            self.assertEqual(env.text("NAME", "default"), "default")
            self.assertEqual(env.redis("NAME", 0), "")
            self.assertTrue(env.flag("NAME", True))
            with self.assertRaisesRegex(env.ConfigurationError, "NAME is not set"):
                env.text("NAME")

    def test_right_values(self) -> None:
        for value, read, expected in (
            ("on", lambda: env.flag("NAME", False), True),
            ("0", lambda: env.flag("NAME", True), False),
            ("3", lambda: env.integer("NAME", 1), 3),
            ("a, b,", lambda: env.items("NAME"), ["a", "b"]),
            ("redis://:pw@host:1/9", lambda: env.redis("NAME", 1), "redis://:pw@host:1/1"),
            ("b", lambda: env.choice("NAME", "a", ("a", "b")), "b"),
        ):
            with self.subTest(value), mock.patch.dict(os.environ, {"NAME": value}):
                self.assertEqual(read(), expected)


class LoaderTests(TestCase):
    def assemble(self, **modules: dict[str, object]) -> dict[str, object]:
        found = {
            f"config.settings.components.{name}": SimpleNamespace(**settings)
            for name, settings in modules.items()
        }
        project = SimpleNamespace()
        with mock.patch.object(loader, "import_module", lambda name: found.get(name, project)):
            return loader.assemble([name.replace("_", "-") for name in modules])

    def test_slots_decide_the_order_of_middleware(self) -> None:
        settings = self.assemble(
            one={"MIDDLEWARE": [("app", "a"), ("health", "b")]},
            two_words={"MIDDLEWARE": [("security", "c"), ("health", "d")]},
        )
        self.assertEqual(settings["MIDDLEWARE"], ["b", "d", "c", "a"])

    def test_unknown_slot(self) -> None:
        with self.assertRaisesRegex(ValueError, "nowhere"):
            self.assemble(one={"MIDDLEWARE": [("nowhere", "a")]})

    def test_dictionaries_are_merged_and_the_rest_replaced(self) -> None:
        settings = self.assemble(
            one={"A": {"x": {"p": 1}, "y": [1]}, "B": 1, "APPS": ["a"]},
            two={"A": {"x": {"q": 2}, "y": [2]}, "B": 2, "APPS": ["b", "a"], "lower": 3},
        )
        self.assertEqual(settings["A"], {"x": {"p": 1, "q": 2}, "y": [2]})
        self.assertEqual(settings["B"], 2)
        self.assertEqual(settings["INSTALLED_APPS"], ["a", "b"])
        self.assertNotIn("lower", settings)

    def test_session_is_the_last_way_to_authenticate(self) -> None:
        key = "DEFAULT_AUTHENTICATION_CLASSES"
        settings = self.assemble(
            rest={"REST_FRAMEWORK": {key: ["session"]}},
            one={"AUTH_CLASSES": ["one"]},
            two={"AUTH_CLASSES": ["two"]},
        )
        self.assertEqual(settings["REST_FRAMEWORK"], {key: ["one", "two", "session"]})
