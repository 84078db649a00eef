"""JSON web tokens: a short-lived one for requests, and one to fetch the next pair with."""

from datetime import timedelta
from typing import Any

from config import env

APPS = ["rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"]
AUTH_CLASSES = ["rest_framework_simplejwt.authentication.JWTAuthentication"]
URLS = [("api/v1/auth/jwt/", "apps.accounts.jwt.urls")]

SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.integer("JWT_ACCESS_MINUTES", 10, minimum=1)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.integer("JWT_REFRESH_DAYS", 14, minimum=1)),
    # A refresh token works once: whoever comes second with it is refused.
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}

# A key of their own lets all tokens be revoked without ending all sessions.
_signing_key = env.text("JWT_SIGNING_KEY", "")
if _signing_key:
    if len(_signing_key.encode()) < 32:
        raise env.ConfigurationError("JWT_SIGNING_KEY", "must be 32 or more random characters")
    SIMPLE_JWT["SIGNING_KEY"] = _signing_key
