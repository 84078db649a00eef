from rest_framework_simplejwt.tokens import AccessToken

from tests.graphql.cases import GraphQLTestCase


class TokenTests(GraphQLTestCase):
    def test_token_of_the_api_counts(self) -> None:
        token = AccessToken.for_user(self.user)
        response = self.post("{ me { email } }", headers={"authorization": f"Bearer {token}"})
        self.assertEqual(response.json()["data"]["me"]["email"], "ada@example.org")

    def test_wrong_token_is_refused(self) -> None:
        token = AccessToken.for_user(self.user)
        response = self.post("{ me { email } }", headers={"authorization": f"Bearer {token}x"})
        self.assertEqual(response.status_code, 401)
