"""The suite runs without a cache, so that no test sees what another has left in it."""

from django.core.cache import cache
from django.test import SimpleTestCase, override_settings


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
class CacheMixin(SimpleTestCase):
    """A cache that works and is empty, for tests that are about it or about throttling."""

    def setUp(self) -> None:
        super().setUp()
        cache.clear()
