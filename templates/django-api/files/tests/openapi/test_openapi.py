import re

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import TestCase

from tests.rest.cases import ApiTestCase


class SchemaTests(ApiTestCase):
    def setUp(self) -> None:
        self.schema = self.client.get("/api/schema/", {"format": "json"}).json()

    def test_is_valid_and_complete(self) -> None:
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")

    def test_holds_the_api(self) -> None:
        self.assertIn("/api/v1/users/me/", self.schema["paths"])
        self.assertEqual(self.schema["info"]["title"], settings.PROJECT_NAME)

    def test_says_what_errors_look_like(self) -> None:
        error = {"$ref": "#/components/schemas/Error"}
        for path in self.schema["paths"].values():
            for operation in path.values():
                response = operation["responses"]["default"]
                self.assertEqual(response["content"]["application/json"]["schema"], error)

    def test_knows_every_way_to_authenticate(self) -> None:
        schemes = set(self.schema["components"]["securitySchemes"])
        used = {
            name
            for needed in self.schema["paths"]["/api/v1/users/me/"]["get"]["security"]
            for name in needed
        }
        self.assertIn("cookieAuth", used)
        self.assertEqual(used, schemes)


class PageTests(TestCase):
    def test_pages_need_no_other_host(self) -> None:
        for page in ("/api/docs/", "/api/redoc/"):
            with self.subTest(page):
                response = self.client.get(page)
                self.assertEqual(response.status_code, 200)
                html = response.content.decode()
                sources = re.findall(r'(?:src|href|spec-url)="([^"]+)"', html)
                self.assertGreater(len(sources), 2)
                for source in sources:
                    self.assertTrue(source.startswith("/") and not source.startswith("//"), source)
                    if source.startswith("/static/"):
                        self.assertIsNotNone(finders.find(source.removeprefix("/static/")), source)
                    else:
                        self.assertEqual(self.client.get(source).status_code, 200)

    def test_pages_keep_to_their_policy(self) -> None:
        for page in ("/api/docs/", "/api/redoc/"):
            with self.subTest(page):
                response = self.client.get(page)
                policy = response["Content-Security-Policy"]
                self.assertIn("default-src 'self'", policy)
                self.assertNotIn("script-src", policy)
                self.assertNotContains(response, "<style")
                self.assertNotRegex(response.content.decode(), r"<script(?![^>]* src=)")
