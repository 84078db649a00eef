from unittest import mock

from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings

from tests.caches import CacheMixin

DOWN = mock.patch("apps.core.health.connection.cursor", side_effect=OperationalError("down"))


class LiveTests(SimpleTestCase):
    def test_needs_no_database(self) -> None:
        # A SimpleTestCase fails on the first query.
        for path in ("/health/live", "/health/live/"):
            with self.subTest(path):
                self.assertEqual(self.client.get(path).json(), {"status": "ok"})

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_answers_any_host_without_tls(self) -> None:
        response = self.client.get("/health/live", headers={"host": "10.1.2.3:8000"})
        self.assertEqual(response.status_code, 200)


class AsgiTests(SimpleTestCase):
    async def test_answers_as_asgi_too(self) -> None:
        # Through every middleware: one that cannot be awaited would be noticed here.
        response = await self.async_client.get("/health/live", headers={"host": "10.1.2.3:8000"})
        self.assertEqual(response.json(), {"status": "ok"})
        response = await self.async_client.get("/nowhere")
        self.assertEqual(response.status_code, 404)
        self.assertTrue(response.headers["X-Request-ID"])


class ReadyTests(CacheMixin, TestCase):
    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_is_ready(self) -> None:
        response = self.client.get("/health/ready", headers={"host": "10.1.2.3:8000"})
        self.assertEqual(response.status_code, 200)

    def test_is_not_ready_without_the_database(self) -> None:
        with DOWN:
            response = self.client.get("/health/ready")
            self.assertEqual(self.client.get("/health/live").status_code, 200)
        self.assertEqual(response.status_code, 503)
        self.assertIn("database", response.json()["failed"])
        self.assertNotContains(response, "OperationalError", status_code=503)
