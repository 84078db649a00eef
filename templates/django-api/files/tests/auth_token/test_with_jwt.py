from tests.rest.cases import ApiTestCase

CREDENTIALS = {"email": "ada@example.org", "password": "correct horse battery"}


class BothTests(ApiTestCase):
    def test_both_kinds_of_token_are_accepted(self) -> None:
        jwt = self.client.post("/api/v1/auth/jwt/login/", CREDENTIALS).json()["access"]
        token = self.client.post("/api/v1/auth/token/login/", CREDENTIALS).json()["token"]
        for header in (f"Bearer {jwt}", f"Token {token}"):
            with self.subTest(header):
                response = self.client.get("/api/v1/users/me/", headers={"authorization": header})
                self.assertEqual(response.status_code, 200)
