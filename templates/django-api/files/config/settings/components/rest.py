"""The REST API: JSON only, private unless a view says otherwise."""

from config import env

APPS = ["rest_framework", "django_filters", "corsheaders"]
MIDDLEWARE = [("cors", "corsheaders.middleware.CorsMiddleware")]
URLS = [("api/v1/", "apps.accounts.api.urls")]

CORS_ALLOWED_ORIGINS = env.items("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After"]

RATE = (r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)", "a rate such as 60/min")

REST_FRAMEWORK = {
    # Other components put theirs before it.
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.core.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.api.pagination.StandardPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "apps.core.api.filters.StableOrderingFilter",
    ],
    # Counted in the default cache: shared between processes only where that cache is.
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.matching("API_THROTTLE_ANON", "60/min", *RATE),
        "user": env.matching("API_THROTTLE_USER", "600/min", *RATE),
        "login": env.matching("API_THROTTLE_LOGIN", "10/min", *RATE),
    },
    # Callers behind this many proxies of ours; with none, X-Forwarded-For is the caller's own invention.
    "NUM_PROXIES": env.integer("API_TRUSTED_PROXIES", 0),
    "EXCEPTION_HANDLER": "apps.core.api.exceptions.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
