"""The cache: this process's memory, or Redis where REDIS_URL says so."""

from typing import Any

from config import env
from config.settings.components.core import PROJECT_SLUG

APPS = ["apps.caching"]
READINESS_CHECKS = ["apps.caching.health.check_cache"]

# A database of its own: emptying the cache must not touch what else is on the server.
_redis = env.redis("REDIS_URL", env.integer("REDIS_CACHE_DB", 1))

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
if _redis:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis,
        "KEY_PREFIX": PROJECT_SLUG,
        # A server that hangs must not hang every request.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
