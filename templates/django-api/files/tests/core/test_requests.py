import io
import json
import logging
import logging.config
from http import HTTPStatus

from django.conf import settings
from django.test import Client, SimpleTestCase, TestCase, override_settings

from config.logs import logging_config
from tests.factories import UserFactory


class RequestIdTests(SimpleTestCase):
    def test_is_made_where_none_is_given(self) -> None:
        first, second = (self.client.get("/nothing")["X-Request-ID"] for _ in range(2))
        self.assertRegex(first, r"\A[0-9a-f]{32}\Z")
        self.assertNotEqual(first, second)

    def test_is_taken_over(self) -> None:
        response = self.client.get("/nothing", headers={"x-request-id": "abc-1"})
        self.assertEqual(response["X-Request-ID"], "abc-1")

    def test_is_replaced_where_it_could_break_a_log(self) -> None:
        for value in ("a b", "a\nb", "x" * 129, '{"a":1}'):
            with self.subTest(value):
                response = self.client.get("/nothing", headers={"x-request-id": value})
                self.assertRegex(response["X-Request-ID"], r"\A[0-9a-f]{32}\Z")


class RequestLogTests(TestCase):
    def setUp(self) -> None:
        self.stream = io.StringIO()
        config = logging_config("INFO", "json")
        logging.config.dictConfig(config | {"handlers": {"stderr": self.handler(config)}})
        self.addCleanup(logging.config.dictConfig, settings.LOGGING)

    def handler(self, config: dict[str, dict[str, dict[str, object]]]) -> dict[str, object]:
        return config["handlers"]["stderr"] | {"stream": self.stream}

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def test_is_one_line_of_json(self) -> None:
        self.client.get("/nothing?token=hunter2", headers={"x-request-id": "abc-1"})
        [line] = [line for line in self.lines() if line["event"] == "request"]
        self.assertEqual(line["request_id"], "abc-1")
        self.assertEqual((line["method"], line["path"]), ("GET", "/nothing"))
        self.assertEqual((line["status"], line["level"]), (404, "info"))
        self.assertIsNone(line["user_id"])
        self.assertNotIn("hunter2", self.stream.getvalue())

    def test_names_the_user(self) -> None:
        user = UserFactory.create(is_staff=True)
        self.client.force_login(user)
        self.client.get("/admin/")
        self.assertEqual([line["user_id"] for line in self.lines()], [user.pk])

    @override_settings(ROOT_URLCONF="tests.core.failing_urls")
    def test_other_logs_of_the_request_carry_its_id(self) -> None:
        client = Client(raise_request_exception=False)
        client.get("/failing?token=hunter2", headers={"x-request-id": "abc-2"})
        failure, request = self.lines()
        self.assertEqual([failure["request_id"], request["request_id"]], ["abc-2", "abc-2"])
        self.assertEqual([failure["level"], request["level"]], ["error", "error"])
        self.assertIn("hidden", str(failure["exception"]))
        self.assertNotIn("hunter2", self.stream.getvalue())

    def test_health_is_not_logged(self) -> None:
        self.client.get("/health/live")
        self.assertEqual(self.lines(), [])


class ValidationTests(SimpleTestCase):
    def post(self, body: str | bytes, content_type: str = "application/json") -> tuple[int, str]:
        response = self.client.post("/api/nothing", body, content_type=content_type)
        self.assertIn("X-Request-ID", response)
        return response.status_code, response.json()["error"]["code"]

    def test_malformed_json(self) -> None:
        for body in ("{", "{'a': 1}", b"\xff", "[" * 100_000):
            with self.subTest(body[:10]):
                self.assertEqual(self.post(body), (400, "malformed_json"))

    def test_nul_in_the_body(self) -> None:
        for body in (r'"\u0000"', r'{"a": [1, "b\u0000"]}', r'{"\u0000": 1}'):
            with self.subTest(body):
                self.assertEqual(self.post(body), (400, "nul_character"))
        self.assertEqual(self.post(r'"\\u0000"'), (404, "not_found"))

    def test_suffixed_types_are_json_as_well(self) -> None:
        self.assertEqual(self.post("{", "application/problem+json"), (400, "malformed_json"))

    def test_sound_json_goes_on(self) -> None:
        for body in ('{"a": 1}', ""):
            with self.subTest(body):
                self.assertEqual(self.post(body), (404, "not_found"))

    def test_other_types_are_not_looked_at(self) -> None:
        self.assertEqual(self.post("{", "text/plain"), (404, "not_found"))

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
    def test_large_body(self) -> None:
        self.assertEqual(self.post('"%s"' % ("x" * 20)), (413, "too_large"))

    def test_nul_in_the_address(self) -> None:
        for url in ("/api/a%00b", "/api/nothing?q=%00"):
            with self.subTest(url):
                response = self.client.get(url)
                self.assertEqual(response.status_code, HTTPStatus.BAD_REQUEST)
                self.assertEqual(response.json()["error"]["code"], "nul_character")


class ErrorTests(SimpleTestCase):
    def test_programs_read_json(self) -> None:
        response = self.client.get("/api/nothing", headers={"x-request-id": "abc-3"})
        error = {"code": "not_found", "message": "There is nothing here.", "request_id": "abc-3"}
        self.assertEqual(response.json(), {"error": error})

    def test_people_read_html(self) -> None:
        response = self.client.get("/nothing", headers={"accept": "text/html"})
        self.assertContains(response, "Not Found", status_code=404)

    def test_foreign_host(self) -> None:
        response = self.client.get("/api/nothing", headers={"host": "evil.example"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json()["error"]["code"], "bad_request")

    @override_settings(ROOT_URLCONF="tests.core.failing_urls")
    def test_failure_shows_nothing(self) -> None:
        client = Client(raise_request_exception=False)
        response = client.get("/api/failing")
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.json()["error"]["code"], "server_error")
        self.assertNotContains(response, "hidden", status_code=500)
        self.assertIn("X-Request-ID", response)
        response = client.get("/api/forbidden")
        self.assertEqual(response.json()["error"]["code"], "permission_denied")
        for path, status in (("/failing", 500), ("/forbidden", 403)):
            response = client.get(path, headers={"accept": "text/html"})
            self.assertEqual(response.status_code, status)
            self.assertIn("text/html", response["Content-Type"])

    def test_pages_have_a_content_security_policy(self) -> None:
        response = self.client.get("/admin/login/")
        self.assertIn("default-src 'self'", response["Content-Security-Policy"])
        self.assertNotIn("unsafe", response["Content-Security-Policy"])
