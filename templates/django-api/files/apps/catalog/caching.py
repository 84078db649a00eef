"""When cached parts of the catalog become stale: with every saved or deleted row.

`QuerySet.update` and `bulk_create` send no signals: call `CATALOG.advance()` after them.
"""

from typing import Any

from django.db import transaction
from django.db.models import signals

from apps.caching.generation import Generation
from apps.catalog.models import Category, Product, Tag

CATALOG = Generation("catalog")


def forget(**kwargs: Any) -> None:
    # Not before the commit: somebody else would fill the cache with what is about to change.
    transaction.on_commit(CATALOG.advance)


for model in (Category, Product, Tag):
    for signal in (signals.post_save, signals.post_delete):
        signal.connect(forget, sender=model, dispatch_uid=f"catalog.forget.{model.__name__}")
signals.m2m_changed.connect(forget, sender=Product.tags.through, dispatch_uid="catalog.forget.tags")
