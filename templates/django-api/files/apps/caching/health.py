import uuid

from django.core.cache import cache


def check_cache() -> None:
    value = uuid.uuid4().hex
    cache.set(f"health:{value}", value, timeout=10)
    if cache.get(f"health:{value}") != value:
        raise RuntimeError("the cache does not return what was put in")
