from types import SimpleNamespace
from unittest import mock

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import DataError, connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError as ApiValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.core.api.permissions import IsOwnerOrReadOnly
from tests.factories import UserFactory
from tests.queries import QueryCountMixin
from tests.rest.cases import ApiTestCase, ThrottleTestCase

USERS = "/api/v1/users/"
ME = "/api/v1/users/me/"


class PublicView(APIView):
    permission_classes = ()

    def get(self, request: Request) -> Response:
        return Response({})


class PlainView(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


class DefaultTests(ApiTestCase):
    def test_views_are_private_unless_they_say_otherwise(self) -> None:
        request = APIRequestFactory().get("/")
        self.assertEqual(PlainView.as_view()(request).status_code, 401)
        self.assertEqual(PublicView.as_view()(request).status_code, 200)


class OwnAccountTests(ApiTestCase):
    def test_needs_authentication(self) -> None:
        response = self.client.get(ME, headers={"x-request-id": "abc-1"})
        self.assertEqual(response.status_code, 401)
        self.assertIn("WWW-Authenticate", response)
        error = response.json()["error"]
        self.assertEqual((error["code"], error["request_id"]), ("not_authenticated", "abc-1"))

    def test_is_read(self) -> None:
        self.client.force_authenticate(self.user)
        response = self.client.get(ME)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["email"], "ada@example.org")

    def test_is_read_with_the_session_of_the_admin(self) -> None:
        self.client.force_login(self.user)
        self.assertEqual(self.client.get(ME).status_code, 200)

    def test_session_needs_a_csrf_token_to_write(self) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(self.user)
        response = client.patch(ME, {"first_name": "Ada"})
        self.assertEqual(response.status_code, 403)

    def test_is_changed(self) -> None:
        self.client.force_authenticate(self.user)
        data = {"first_name": "Ada", "email": "other@example.org", "is_active": False}
        response = self.client.patch(ME, data)
        self.assertEqual(response.status_code, 200)
        self.user.refresh_from_db()
        self.assertEqual((self.user.first_name, self.user.email), ("Ada", "ada@example.org"))
        self.assertTrue(self.user.is_active)

    def test_wrong_input_is_explained_by_field(self) -> None:
        self.client.force_authenticate(self.user)
        response = self.client.patch(ME, {"first_name": "x" * 200})
        self.assertEqual(response.status_code, 400)
        error = response.json()["error"]
        self.assertEqual(error["code"], "invalid")
        self.assertEqual(list(error["fields"]), ["first_name"])

    def test_errors_of_a_service_are_errors_of_the_input(self) -> None:
        self.client.force_authenticate(self.user)
        for exception, fields in (
            (ValidationError({"last_name": "no"}), {"last_name": ["no"]}),
            (ApiValidationError("no"), {"non_field_errors": ["no"]}),
            (DataError("x"), {"non_field_errors": ["A value is out of range."]}),
        ):
            with mock.patch("apps.accounts.services.update_profile", side_effect=exception):
                response = self.client.patch(ME, {"last_name": "x"})
            self.assertEqual(response.status_code, 400)
            self.assertEqual(response.json()["error"]["fields"], fields)

    def test_other_failures_are_server_errors(self) -> None:
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(self.user)
        with mock.patch("apps.accounts.services.update_profile", side_effect=RuntimeError("x")):
            response = client.patch(ME, {"last_name": "x"})
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.json()["error"]["code"], "server_error")

    def test_malformed_body(self) -> None:
        self.client.force_authenticate(self.user)
        response = self.client.patch(ME, '{"first', content_type="application/json")
        self.assertEqual(response.status_code, 400)
        self.assertIn("X-Request-ID", response)
        self.assertEqual(response.json()["error"]["code"], "malformed_json")

    def test_other_media_types_are_refused(self) -> None:
        self.client.force_authenticate(self.user)
        response = self.client.patch(ME, "a=b", content_type="application/x-www-form-urlencoded")
        self.assertEqual(response.status_code, 415)
        self.assertEqual(response.json()["error"]["code"], "unsupported_media_type")


class UserListTests(ApiTestCase, QueryCountMixin):
    def setUp(self) -> None:
        self.staff = UserFactory.create(email="staff@example.org", is_staff=True)
        self.client.force_authenticate(self.staff)

    def emails(self, **query: str) -> list[str]:
        return [user["email"] for user in self.client.get(USERS, query).json()["results"]]

    def test_is_for_staff(self) -> None:
        self.client.force_authenticate(self.user)
        self.assertEqual(self.client.get(USERS).status_code, 403)
        self.client.force_authenticate(None)
        self.assertEqual(self.client.get(USERS).status_code, 401)

    def test_comes_in_pages(self) -> None:
        UserFactory.create_batch(23)
        page = self.client.get(USERS).json()
        self.assertEqual((page["count"], len(page["results"])), (25, 20))
        self.assertIsNone(page["previous"])
        rest = self.client.get(page["next"]).json()
        self.assertEqual(len(rest["results"]), 5)
        self.assertIsNone(rest["next"])
        self.assertEqual(len(self.client.get(USERS, {"page_size": 3}).json()["results"]), 3)
        self.assertEqual(self.client.get(USERS, {"page": 99}).status_code, 404)

    def test_no_page_is_larger_than_the_limit(self) -> None:
        UserFactory.create_batch(101)
        self.assertEqual(len(self.emails(page_size="5000")), 100)

    def test_is_searched_filtered_and_ordered(self) -> None:
        group = Group.objects.create(name="authors")
        author = UserFactory.create(email="bob@example.org", is_active=False)
        author.groups.add(group)
        self.assertEqual(self.emails(search="bob"), ["bob@example.org"])
        self.assertEqual(self.emails(is_active="false"), ["bob@example.org"])
        self.assertEqual(self.emails(group="authors"), ["bob@example.org"])
        self.assertEqual(self.emails(joined_after="2999-01-01T00:00:00Z"), [])
        by_name = ["ada@example.org", "bob@example.org", "staff@example.org"]
        self.assertEqual(self.emails(ordering="email"), by_name)
        self.assertEqual(self.emails(ordering="-email"), by_name[::-1])

    def test_ties_are_broken(self) -> None:
        User.objects.update(date_joined=self.user.date_joined)
        UserFactory.create_batch(8, date_joined=self.user.date_joined)
        whole = self.emails(ordering="date_joined")
        pages = [
            email
            for page in range(1, 6)
            for email in self.emails(ordering="date_joined", page=str(page), page_size="2")
        ]
        self.assertEqual(whole, pages)
        # SQLite would keep the order anyway; other servers do not promise it.
        with CaptureQueriesContext(connection) as queries:
            self.emails(ordering="date_joined")
        self.assertTrue(
            any('"date_joined" ASC, "accounts_user"."id" ASC' in query["sql"] for query in queries)
        )
        self.assertEqual(len(set(whole)), 10)

    def test_needs_no_query_for_each_row(self) -> None:
        group = Group.objects.create(name="authors")

        def add(number: int) -> None:
            for user in UserFactory.create_batch(number):
                user.groups.add(group)

        self.assert_same_queries(add, lambda: self.client.get(USERS, {"page_size": 100}))


class ThrottleTests(ThrottleTestCase):
    def test_too_many_requests(self) -> None:
        self.set_rates(user="3/min")
        self.client.force_authenticate(self.user)
        for _ in range(3):
            self.assertEqual(self.client.get(ME).status_code, 200)
        response = self.client.get(ME)
        self.assertEqual(response.status_code, 429)
        self.assertGreater(int(response["Retry-After"]), 0)
        self.assertEqual(response.json()["error"]["code"], "throttled")

    def test_a_made_up_address_does_not_help(self) -> None:
        self.set_rates(anon="1/min")
        for made_up, status in (("10.0.0.1", 200), ("10.0.0.2", 429)):
            request = APIRequestFactory().get("/", headers={"x-forwarded-for": made_up})
            self.assertEqual(PublicView.as_view()(request).status_code, status)


class CorsTests(ApiTestCase):
    def test_foreign_origins_may_not_read(self) -> None:
        response = self.client.get(ME, headers={"origin": "https://evil.example"})
        self.assertNotIn("Access-Control-Allow-Origin", response)

    def test_allowed_origins_may(self) -> None:
        with self.settings(CORS_ALLOWED_ORIGINS=["https://app.example.org"]):
            response = self.client.get(ME, headers={"origin": "https://app.example.org"})
        self.assertEqual(response["Access-Control-Allow-Origin"], "https://app.example.org")


class OwnerPermissionTests(SimpleTestCase):
    def test_only_the_owner_may_write(self) -> None:
        may = IsOwnerOrReadOnly().has_object_permission
        thing = SimpleNamespace(owner_id=1)
        for method, user, expected in (
            ("GET", 2, True),
            ("PATCH", 1, True),
            ("PATCH", 2, False),
            ("DELETE", None, False),
        ):
            request = SimpleNamespace(method=method, user=SimpleNamespace(pk=user))
            self.assertIs(may(request, None, thing), expected)  # type: ignore[arg-type]
