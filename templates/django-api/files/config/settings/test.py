"""The test suite: as the base, but alike on every machine and fast."""

from django.core.management.utils import get_random_secret_key

from config.settings import dotenv  # noqa: F401
from config.settings.base import *  # noqa: F403
from config.settings.base import assembled

SECRET_KEY = get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["testserver"]

# The default hasher is slow on purpose; most tests only need some user.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Whatever REDIS_URL says: no test finds what another one has cached; see tests/caches.py.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Silent, but every record is still made, so that `assertLogs` sees it.
LOGGING = assembled["LOGGING"] | {
    "handlers": {"stderr": {"class": "logging.NullHandler"}},
}
