import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauth2_provider.models import Application, get_access_token_model

from tests.factories import UserFactory
from tests.rest.cases import ApiTestCase

TOKEN = "/oauth2/token/"
AUTHORIZE = "/oauth2/authorize/"
ME = "/api/v1/users/me/"
SECRET = "a secret that only the program knows"
VERIFIER = "v" * 64
CALLBACK = "https://app.example.org/callback"


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OAuth2TestCase(ApiTestCase):
    def application(self, grant: str, **fields: Any) -> Application:
        return Application.objects.create(
            name="A program",
            user=self.user,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=grant,
            client_secret=SECRET,
            redirect_uris=CALLBACK,
            **fields,
        )

    def post(self, url: str, data: dict[str, str]) -> Any:
        return self.client.post(url, data, format="multipart")

    def me(self, token: str) -> Any:
        return self.client.get(ME, headers={"authorization": f"Bearer {token}"})

    def change_me(self, token: str) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        return self.client.patch(ME, {"first_name": "Ada"}, headers=headers)


class ClientCredentialsTests(OAuth2TestCase):
    def setUp(self) -> None:
        self.program = self.application(Application.GRANT_CLIENT_CREDENTIALS)

    def ask(self, secret: str = SECRET, **fields: str) -> Any:
        data = {
            "grant_type": "client_credentials",
            "client_id": self.program.client_id,
            "client_secret": secret,
        }
        return self.post(TOKEN, data | fields)

    def token(self, scope: str = "read write") -> str:
        response = self.ask(scope=scope)
        self.assertEqual(response.status_code, 200, response.content)
        return str(response.json()["access_token"])

    def test_token_opens_the_api_with_the_rights_of_the_owner(self) -> None:
        response = self.me(self.token())
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["email"], self.user.email)

    def test_wrong_secret(self) -> None:
        response = self.ask(secret="wrong")
        self.assertEqual(response.status_code, 401)
        self.assertEqual(response.json()["error"], "invalid_client")

    def test_scope_limits_what_may_be_done(self) -> None:
        reader = self.token("read")
        self.assertEqual(self.me(reader).status_code, 200)
        response = self.change_me(reader)
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json()["error"]["code"], "insufficient_scope")
        self.assertEqual(self.change_me(self.token("read write")).status_code, 200)

    def test_least_scope_unless_asked_for_more(self) -> None:
        self.assertEqual(self.ask().json()["scope"], "read")
        self.assertEqual(self.ask(scope="admin").status_code, 400)

    def test_nobody_behind_the_token(self) -> None:
        token = self.token()
        self.user.is_active = False
        self.user.save()
        self.assertEqual(self.me(token).status_code, 401)
        Application.objects.update(user=None)
        self.assertEqual(self.me(token).status_code, 401)

    def test_wrong_tokens(self) -> None:
        token = self.token()
        self.assertEqual(self.me(f"{token}x").json()["error"]["code"], "token_not_valid")
        get_access_token_model().objects.update(expires="2020-01-01T00:00Z")
        self.assertEqual(self.me(token).status_code, 401)

    def test_token_in_an_address_is_none(self) -> None:
        response = self.client.get(ME, {"access_token": self.token()})
        self.assertEqual(response.status_code, 401)

    def test_token_is_stored_as_a_hash(self) -> None:
        token = self.token()
        self.assertFalse(get_access_token_model().objects.filter(token=token).exists())

    def test_revoked_token(self) -> None:
        token = self.token()
        data = {
            "token": token,
            "client_id": self.program.client_id,
            "client_secret": SECRET,
        }
        self.assertEqual(self.post("/oauth2/revoke/", data).status_code, 200)
        self.assertEqual(self.me(token).status_code, 401)

    def test_passwords_are_not_exchanged_for_tokens(self) -> None:
        response = self.ask(
            grant_type="password", username=self.user.email, password="correct horse battery"
        )
        self.assertEqual(response.status_code, 400)


class AuthorizationCodeTests(OAuth2TestCase):
    def setUp(self) -> None:
        self.program = self.application(Application.GRANT_AUTHORIZATION_CODE)
        self.question = {
            "response_type": "code",
            "client_id": self.program.client_id,
            "redirect_uri": CALLBACK,
            "scope": "read",
            "state": "abc",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }

    def answer(self, **fields: str) -> dict[str, list[str]]:
        self.client.force_login(self.user)
        response = self.post(AUTHORIZE, self.question | {"allow": "Authorize"} | fields)
        self.assertEqual(response.status_code, 302, response.content)
        self.assertTrue(response["Location"].startswith(f"{CALLBACK}?"))
        return parse_qs(urlsplit(response["Location"]).query)

    def exchange(self, code: str, verifier: str = VERIFIER) -> Any:
        self.client.logout()
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": CALLBACK,
            "client_id": self.program.client_id,
            "client_secret": SECRET,
        }
        return self.post(TOKEN, data)

    def refresh(self, token: str) -> Any:
        data = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": self.program.client_id,
            "client_secret": SECRET,
        }
        return self.post(TOKEN, data)

    def test_whole_way(self) -> None:
        answer = self.answer()
        self.assertEqual(answer["state"], ["abc"])
        self.assertIn("iss", answer)
        tokens = self.exchange(answer["code"][0]).json()
        self.assertEqual(self.me(tokens["access_token"]).json()["email"], self.user.email)

    def test_user_is_asked_and_has_to_log_in_first(self) -> None:
        response = self.client.get(AUTHORIZE, self.question)
        self.assertEqual(response.status_code, 302)
        self.assertTrue(response["Location"].startswith("/login/?next="))
        self.assertContains(self.client.get(response["Location"]), 'name="username"')
        self.client.force_login(self.user)
        response = self.client.get(AUTHORIZE, self.question)
        self.assertContains(response, "A program")
        # The form's answer goes to the program: without this, browsers would stop it.
        policy = response["Content-Security-Policy"]
        self.assertIn("form-action 'self' https://app.example.org", policy)

    def test_login_knows_the_user(self) -> None:
        data = {"username": self.user.email, "password": "correct horse battery", "next": "/x/"}
        response = self.post("/login/", data)
        self.assertEqual((response.status_code, response["Location"]), (302, "/x/"))

    def test_without_pkce_there_is_no_code(self) -> None:
        for wrong in ({"code_challenge": ""}, {"code_challenge_method": "plain"}):
            with self.subTest(wrong):
                answer = self.answer(**wrong)
                self.assertEqual(answer["error"], ["invalid_request"])
                self.assertNotIn("code", answer)

    def test_other_verifier(self) -> None:
        code = self.answer()["code"][0]
        self.assertEqual(self.exchange(code, "w" * 64).status_code, 400)

    def test_code_works_once(self) -> None:
        code = self.answer()["code"][0]
        self.assertEqual(self.exchange(code).status_code, 200)
        self.assertEqual(self.exchange(code).status_code, 400)

    def test_foreign_address_gets_nothing(self) -> None:
        self.client.force_login(self.user)
        question = self.question | {"redirect_uri": "https://evil.example/"}
        self.assertEqual(self.client.get(AUTHORIZE, question).status_code, 400)

    def test_stolen_refresh_token_ends_the_family(self) -> None:
        first = self.exchange(self.answer()["code"][0]).json()
        second = self.refresh(first["refresh_token"])
        self.assertEqual(second.status_code, 200)
        self.assertEqual(self.refresh(first["refresh_token"]).status_code, 400)
        self.assertEqual(self.refresh(second.json()["refresh_token"]).status_code, 400)

    def test_token_of_a_user_who_was_locked_out(self) -> None:
        user = UserFactory.create(email="bob@example.org")
        self.user = user
        token = self.exchange(self.answer()["code"][0]).json()["access_token"]
        self.assertEqual(self.me(token).status_code, 200)
        user.is_active = False
        user.save()
        self.assertEqual(self.me(token).status_code, 401)


class MetadataTests(OAuth2TestCase):
    def test_tells_where_everything_is(self) -> None:
        data = self.client.get("/.well-known/oauth-authorization-server").json()
        self.assertTrue(data["token_endpoint"].endswith(TOKEN))
        self.assertTrue(data["authorization_endpoint"].endswith(AUTHORIZE))
        self.assertEqual(data["code_challenge_methods_supported"], ["S256"])
