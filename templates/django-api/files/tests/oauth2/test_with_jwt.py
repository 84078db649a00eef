from oauth2_provider.models import Application

from tests.rest.cases import ApiTestCase

ME = "/api/v1/users/me/"
SECRET = "a secret that only the program knows"


class BothTests(ApiTestCase):
    """Both come as `Bearer`."""

    def setUp(self) -> None:
        program = Application.objects.create(
            user=self.user,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
            client_secret=SECRET,
        )
        data = {
            "grant_type": "client_credentials",
            "client_id": program.client_id,
            "client_secret": SECRET,
        }
        response = self.client.post("/oauth2/token/", data, format="multipart")
        self.oauth2 = response.json()["access_token"]
        credentials = {"email": self.user.email, "password": "correct horse battery"}
        self.jwt = self.client.post("/api/v1/auth/jwt/login/", credentials).json()["access"]

    def test_both_kinds_of_token_are_accepted(self) -> None:
        for token in (self.oauth2, self.jwt):
            response = self.client.get(ME, headers={"authorization": f"Bearer {token}"})
            self.assertEqual(response.status_code, 200)

    def test_neither_costs_the_other_a_query(self) -> None:
        with self.assertNumQueries(2):  # the user, and the groups that are shown
            self.client.get(ME, headers={"authorization": f"Bearer {self.jwt}"})

    def test_neither_takes_what_is_wrong(self) -> None:
        for token in (f"{self.jwt}x", f"{self.oauth2}x", "nonsense", "a.b.c"):
            with self.subTest(token):
                response = self.client.get(ME, headers={"authorization": f"Bearer {token}"})
                self.assertEqual(response.status_code, 401)
