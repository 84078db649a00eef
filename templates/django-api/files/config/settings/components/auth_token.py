"""Plain API tokens, for programs: one for each user, valid until it is revoked."""

APPS = ["rest_framework.authtoken"]
AUTH_CLASSES = ["rest_framework.authentication.TokenAuthentication"]
URLS = [("api/v1/auth/token/", "apps.accounts.token.urls")]
