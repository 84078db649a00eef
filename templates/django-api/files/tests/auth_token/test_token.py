from rest_framework.authtoken.models import Token

from tests.factories import UserFactory
from tests.rest.cases import ApiTestCase, ThrottleTestCase

TOKEN = "/api/v1/auth/token/"
LOGIN = "/api/v1/auth/token/login/"
ME = "/api/v1/users/me/"


class TokenTests(ApiTestCase):
    def token(self) -> str:
        data = {"email": "ADA@example.org", "password": "correct horse battery"}
        response = self.client.post(LOGIN, data)
        self.assertEqual(response.status_code, 200)
        return str(response.json()["token"])

    def headers(self, token: str) -> dict[str, str]:
        return {"authorization": f"Token {token}"}

    def test_token_opens_the_api(self) -> None:
        token = self.token()
        self.assertEqual(self.client.get(ME, headers=self.headers(token)).status_code, 200)
        self.assertEqual(self.token(), token)

    def test_wrong_password(self) -> None:
        response = self.client.post(LOGIN, {"email": self.user.email, "password": "wrong"})
        self.assertEqual(response.status_code, 401)
        self.assertEqual(response.json()["error"]["code"], "authentication_failed")

    def test_missing_password(self) -> None:
        response = self.client.post(LOGIN, {"email": self.user.email})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(list(response.json()["error"]["fields"]), ["password"])

    def test_wrong_token(self) -> None:
        response = self.client.get(ME, headers=self.headers("nonsense"))
        self.assertEqual(response.status_code, 401)

    def test_revoked_token(self) -> None:
        headers = self.headers(self.token())
        self.assertEqual(self.client.delete(TOKEN, headers=headers).status_code, 204)
        self.assertEqual(self.client.get(ME, headers=headers).status_code, 401)

    def test_only_the_owner_revokes(self) -> None:
        self.assertEqual(self.client.delete(TOKEN).status_code, 401)
        other = Token.objects.create(user=UserFactory.create())
        self.client.delete(TOKEN, headers=self.headers(self.token()))
        self.assertTrue(Token.objects.filter(pk=other.pk).exists())


class TokenThrottleTests(ThrottleTestCase):
    def test_guessing_is_slowed_down(self) -> None:
        self.set_rates(login="2/min")
        data = {"email": self.user.email, "password": "wrong"}
        statuses = [self.client.post(LOGIN, data).status_code for _ in range(3)]
        self.assertEqual(statuses, [401, 401, 429])
