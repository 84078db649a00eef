"""OAuth 2.0: other programs get tokens with scopes, for themselves or for a user who agrees."""

from config import env

APPS = ["oauth2_provider"]
AUTH_CLASSES = ["apps.accounts.oauth2.authentication.OAuth2Authentication"]
URLS = [("", "apps.accounts.oauth2.urls")]

# Where a user logs in before being asked; the admin's own page is for its staff only.
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"

OAUTH2_PROVIDER = {
    "SCOPES": {"read": "Read what you can read", "write": "Change what you can change"},
    "DEFAULT_SCOPES": ["read"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": env.integer("OAUTH2_ACCESS_SECONDS", 3600, minimum=60),
    "REFRESH_TOKEN_EXPIRE_SECONDS": env.integer("OAUTH2_REFRESH_SECONDS", 1_209_600, minimum=60),
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
    "ROTATE_REFRESH_TOKEN": True,  # nosec B105
    # Whoever comes second with a refresh token ends the whole family: one of the two stole it.
    "REFRESH_TOKEN_REUSE_PROTECTION": True,  # nosec B105
    # What is offered, for clients that ask; the switches below are what is enforced.
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
}
# RFC 9700: no implicit and no password grant, PKCE with S256 only, no token in an address, the
# issuer in each answer, and tokens stored as hashes. Decided before the first migration: hashes
# cannot be turned back.
OAUTH2_PROVIDER |= {
    f"COMPLIANT_BCP_RFC9700_{practice}": True
    for practice in (
        "IMPLICIT_GRANT",
        "PASSWORD_GRANT",
        "PKCE_METHOD",
        "PKCE_REQUIRED",
        "ACCESS_TOKEN_TRANSPORT",
        "AUTHZ_RESPONSE_ISS",
        "TOKEN_STORAGE",
        "REFRESH_TOKEN",
        "REDIRECT_URI_SCHEME",
        "REDIRECT_URI_MATCHING",
    )
}
