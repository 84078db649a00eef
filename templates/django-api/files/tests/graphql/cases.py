"""The base of all tests of GraphQL: over HTTP, as clients come."""

import json
from typing import Any

from django.test import TestCase

from apps.accounts.models import User
from tests.factories import UserFactory

URL = "/api/graphql/"


class GraphQLTestCase(TestCase):
    user: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = UserFactory.create(email="ada@example.org")

    def post(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables})
        return self.client.post(URL, body, content_type="application/json", headers=headers or {})

    def data(self, query: str, **variables: Any) -> Any:
        response = self.post(query, **variables)
        self.assertEqual(response.status_code, 200)
        answer = response.json()
        self.assertNotIn("errors", answer)
        return answer["data"]

    def error(self, query: str, **variables: Any) -> dict[str, Any]:
        response = self.post(query, **variables)
        self.assertEqual(response.status_code, 200)
        [error] = response.json()["errors"]
        return {"message": error["message"], **error["extensions"]}
