from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CachingConfig(AppConfig):
    name = "apps.caching"

    def ready(self) -> None:
        # An app's caching.py says what it caches, and what makes that stale.
        autodiscover_modules("caching")
