from datetime import timedelta

from rest_framework_simplejwt.tokens import AccessToken

from tests.rest.cases import ApiTestCase, ThrottleTestCase

LOGIN = "/api/v1/auth/jwt/login/"
REFRESH = "/api/v1/auth/jwt/refresh/"
LOGOUT = "/api/v1/auth/jwt/logout/"
ME = "/api/v1/users/me/"


class JwtTests(ApiTestCase):
    def login(self) -> dict[str, str]:
        data = {"email": self.user.email, "password": "correct horse battery"}
        response = self.client.post(LOGIN, data)
        self.assertEqual(response.status_code, 200)
        return dict(response.json())

    def me(self, token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return int(self.client.get(ME, headers=headers).status_code)

    def refused(self, url: str, data: dict[str, str]) -> str:
        response = self.client.post(url, data)
        self.assertEqual(response.status_code, 401)
        self.assertIn("WWW-Authenticate", response)
        return str(response.json()["error"]["code"])

    def test_login_opens_the_api(self) -> None:
        self.assertEqual(self.me(self.login()["access"]), 200)

    def test_request_costs_one_query_for_the_user(self) -> None:
        token = self.login()["access"]
        with self.assertNumQueries(2):  # the user, and the groups that are shown
            self.me(token)

    def test_wrong_password(self) -> None:
        data = {"email": self.user.email, "password": "wrong"}
        self.assertEqual(self.refused(LOGIN, data), "no_active_account")

    def test_inactive_user(self) -> None:
        tokens = self.login()
        self.user.is_active = False
        self.user.save()
        data = {"email": self.user.email, "password": "correct horse battery"}
        self.assertEqual(self.refused(LOGIN, data), "no_active_account")
        self.assertEqual(self.me(tokens["access"]), 401)
        self.refused(REFRESH, {"refresh": tokens["refresh"]})

    def test_refresh_token_works_once(self) -> None:
        old = self.login()["refresh"]
        response = self.client.post(REFRESH, {"refresh": old})
        self.assertEqual(response.status_code, 200)
        new = response.json()
        self.assertEqual(self.me(new["access"]), 200)
        self.assertNotEqual(new["refresh"], old)
        self.assertEqual(self.refused(REFRESH, {"refresh": old}), "token_not_valid")
        self.assertEqual(self.client.post(REFRESH, {"refresh": new["refresh"]}).status_code, 200)

    def test_logout_ends_the_refresh_token(self) -> None:
        refresh = self.login()["refresh"]
        self.assertEqual(self.client.post(LOGOUT, {"refresh": refresh}).status_code, 200)
        self.assertEqual(self.refused(REFRESH, {"refresh": refresh}), "token_not_valid")

    def test_wrong_tokens(self) -> None:
        access = AccessToken.for_user(self.user)
        access.set_exp(lifetime=-timedelta(seconds=1))
        for token in (str(access), self.login()["refresh"], "nonsense", "a.b.c"):
            with self.subTest(token):
                self.assertEqual(self.me(token), 401)


class JwtThrottleTests(ThrottleTestCase):
    def test_guessing_is_slowed_down(self) -> None:
        self.set_rates(login="2/min")
        data = {"email": self.user.email, "password": "wrong"}
        statuses = [self.client.post(LOGIN, data).status_code for _ in range(3)]
        self.assertEqual(statuses, [401, 401, 429])
