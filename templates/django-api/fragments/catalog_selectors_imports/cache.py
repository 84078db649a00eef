from apps.catalog.caching import CATALOG
