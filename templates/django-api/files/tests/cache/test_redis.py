"""The real server of REDIS_URL; the other tests keep to the memory of their process."""

from unittest import skipUnless

from django.core.cache import cache
from django.test import SimpleTestCase, override_settings, tag

from apps.caching.generation import Generation
from apps.caching.health import check_cache
from config.settings.components.cache import CACHES

DEFAULT = CACHES["default"] | {"KEY_PREFIX": "test"}


@tag("integration")
@skipUnless(DEFAULT["BACKEND"].endswith("RedisCache"), "REDIS_URL is not set")
@override_settings(CACHES={"default": DEFAULT})
class RedisTests(SimpleTestCase):
    def test_server_keeps_values(self) -> None:
        check_cache()
        cache.set("number", 42, timeout=10)
        self.assertEqual(cache.get("number"), 42)

    def test_generations_advance(self) -> None:
        generation = Generation("redis-test")
        value = generation.value(timeout=10)(lambda: generation.current())
        first = value()
        self.assertEqual(value(), first)
        generation.advance()
        self.assertNotEqual(value(), first)
