import json
from unittest import mock

from django.test import Client, SimpleTestCase

from apps.graphql import schema as schema_module
from tests.graphql.cases import URL, GraphQLTestCase

ME = "{ me { email firstName } }"
UPDATE = "mutation ($name: String!) { updateMe(data: {firstName: $name}) { firstName lastName } }"


class AccountTests(GraphQLTestCase):
    def test_own_account(self) -> None:
        self.client.force_login(self.user)
        self.assertEqual(self.data(ME)["me"]["email"], "ada@example.org")

    def test_nobody_has_no_account(self) -> None:
        self.assertEqual(self.error(ME)["code"], "not_authenticated")
        self.assertEqual(self.error(UPDATE, name="Ada")["code"], "not_authenticated")

    def test_own_account_is_changed(self) -> None:
        self.user.last_name = "Lovelace"
        self.user.save()
        self.client.force_login(self.user)
        changed = self.data(UPDATE, name="Ada")["updateMe"]
        self.assertEqual(changed, {"firstName": "Ada", "lastName": "Lovelace"})

    def test_wrong_input_is_explained_by_field(self) -> None:
        self.client.force_login(self.user)
        error = self.error(UPDATE, name="x" * 200)
        self.assertEqual((error["code"], list(error["fields"])), ("invalid", ["first_name"]))

    def test_there_is_no_list_of_users(self) -> None:
        answer = self.data("{ __schema { queryType { fields { name } } } }")
        fields = {field["name"] for field in answer["__schema"]["queryType"]["fields"]}
        self.assertIn("me", fields)
        self.assertFalse(fields & {"users", "user", "accounts"})


class HttpTests(GraphQLTestCase):
    def test_session_needs_a_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.user)
        body = json.dumps({"query": ME})
        response = client.post(URL, body, content_type="application/json")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json()["error"]["code"], "csrf_failed")
        client.get("/admin/")
        client.cookies["csrftoken"] = "a" * 32
        headers = {"x-csrftoken": "a" * 32}
        response = client.post(URL, body, content_type="application/json", headers=headers)
        self.assertEqual(response.json()["data"]["me"]["email"], "ada@example.org")

    def test_programs_without_a_session_need_none(self) -> None:
        client = Client(enforce_csrf_checks=True)
        body = json.dumps({"query": ME})
        response = client.post(URL, body, content_type="application/json")
        self.assertEqual(response.status_code, 200)

    def test_wrong_credentials_are_refused(self) -> None:
        for header in ("Bearer nonsense", "Bearer a.b.c", "Token nonsense", "Basic eDp5"):
            with self.subTest(header):
                response = self.post(ME, headers={"authorization": header})
                self.assertEqual(response.status_code, 401)
                self.assertTrue(response.json()["error"]["code"])

    def test_queries_come_by_post(self) -> None:
        response = self.client.get(URL, {"query": ME})
        self.assertEqual((response.status_code, response["Allow"]), (405, "POST"))

    def test_request_id_is_told(self) -> None:
        response = self.post(ME, headers={"x-request-id": "abc-1"})
        self.assertEqual(response.json()["errors"][0]["extensions"]["request_id"], "abc-1")


class LimitTests(GraphQLTestCase):
    def refused(self, query: str) -> str:
        with mock.patch("apps.graphql.accounts.current_user") as executed:
            error = self.error(query)
        executed.assert_not_called()
        self.assertEqual(error["code"], "bad_query")
        return str(error["message"])

    def test_deep_query(self) -> None:
        with self.settings(GRAPHQL_LIMITS={"depth": 0, "tokens": 1000, "cost": 1000}):
            flat = schema_module.build()
        self.assertIsNone(flat.execute_sync("{ __typename }").errors)
        errors = flat.execute_sync(ME).errors or []
        self.assertTrue(all("depth" in error.message for error in errors) and errors)

    def test_deep_look_into_the_schema(self) -> None:
        fields = "{ fields { type " * 6 + "{ name }" + " } }" * 6
        self.refused("{ __schema { types " + fields + " } me { email } }")

    def test_long_query(self) -> None:
        fields = " ".join("a" + str(number) + ": me { email }" for number in range(500))
        self.assertIn("token", self.refused("{ " + fields + " }").lower())

    def test_dear_query(self) -> None:
        schema = self.settings(GRAPHQL_LIMITS={"depth": 8, "tokens": 1000, "cost": 5})
        with schema, mock.patch.object(schema_module, "schema", None):
            cheap = schema_module.build()
        self.assertIsNone(cheap.execute_sync("{ __typename }").errors)
        result = cheap.execute_sync("{ a: me { id email } b: me { id email } }")
        assert result.errors
        self.assertIn("costs 6, and 5 is the most", result.errors[0].message)

    def test_fragments_are_counted(self) -> None:
        with self.settings(GRAPHQL_LIMITS={"depth": 8, "tokens": 1000, "cost": 2}):
            cheap = schema_module.build()
        query = "{ me { ...F } } fragment F on Account { id email ... on Account { lastName } }"
        result = cheap.execute_sync(query)
        assert result.errors
        self.assertIn("costs 4", result.errors[0].message)

    def test_introspection_can_be_switched_off(self) -> None:
        with self.settings(GRAPHQL_INTROSPECTION=False):
            closed = schema_module.build()
        self.assertTrue(closed.execute_sync("{ __schema { types { name } } }").errors)


class ErrorTests(GraphQLTestCase):
    def test_what_goes_wrong_inside_stays_inside(self) -> None:
        failure = RuntimeError("a secret of the server")
        with (
            mock.patch("apps.graphql.accounts.current_user", side_effect=failure),
            self.assertLogs("apps.graphql.errors", "ERROR") as logs,
        ):
            error = self.error(ME)
        self.assertEqual(error["code"], "server_error")
        self.assertNotIn("secret", error["message"])
        self.assertIn("graphql_failed", logs.output[0])

    def test_wrong_query_is_explained(self) -> None:
        error = self.error("{ nonsense }")
        self.assertEqual(error["code"], "bad_query")
        self.assertIn("nonsense", error["message"])


class SchemaTests(SimpleTestCase):
    def test_is_valid(self) -> None:
        self.assertIn("type Query", str(schema_module.schema))
