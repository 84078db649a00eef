"""Production: refuses to start with anything that is only fit for development."""

from config import env, logs
from config.settings.base import *  # noqa: F403
from config.settings.base import assembled

SECRET_KEY = env.text("DJANGO_SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    raise env.ConfigurationError("DJANGO_SECRET_KEY", "must be 50 or more random characters")

if env.flag("DJANGO_DEBUG", False):
    raise env.ConfigurationError("DJANGO_DEBUG", "must be off in production")
DEBUG = False

ALLOWED_HOSTS = env.items("DJANGO_ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    raise env.ConfigurationError("DJANGO_ALLOWED_HOSTS", "is not set")
if any("*" in host or host == "." for host in ALLOWED_HOSTS):
    raise env.ConfigurationError("DJANGO_ALLOWED_HOSTS", "must name the hosts, without wildcards")

if assembled["DATABASES"]["default"]["ENGINE"].endswith("sqlite3"):
    raise env.ConfigurationError("DATABASE_URL", "must name a database server, not SQLite")

# Only a proxy that sets X-Forwarded-Proto itself may be believed.
if env.flag("DJANGO_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("DJANGO_SSL_REDIRECT", True)
CSRF_TRUSTED_ORIGINS = env.items("DJANGO_CSRF_TRUSTED_ORIGINS")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

# Browsers remember this: raise it to a year (31536000) once HTTPS works on every subdomain.
SECURE_HSTS_SECONDS = env.integer("DJANGO_HSTS_SECONDS", 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

# WhiteNoise serves what `collectstatic` gathered; in development runserver does that.
security = assembled["MIDDLEWARE"].index("django.middleware.security.SecurityMiddleware")
MIDDLEWARE = [*assembled["MIDDLEWARE"]]
MIDDLEWARE.insert(security + 1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES = assembled["STORAGES"] | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOG_FORMAT = env.choice("LOG_FORMAT", "json", ("console", "json"))
LOGGING = logs.logging_config(assembled["LOG_LEVEL"], LOG_FORMAT)
