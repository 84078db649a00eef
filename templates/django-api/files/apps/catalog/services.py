"""Everything that writes to the catalog: the API, the admin's actions and commands come here."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.catalog.models import Category, Product, Tag


@transaction.atomic
def create_product(
    *,
    owner: User,
    category: Category,
    name: str,
    sku: str,
    price: Decimal,
    tags: Iterable[Tag] = (),
    **fields: Any,
) -> Product:
    product = Product(owner=owner, category=category, name=name, sku=sku, price=price, **fields)
    product.full_clean()
    product.save()
    product.tags.set(tags)
    return product


@transaction.atomic
def update_product(
    product: Product, *, tags: Iterable[Tag] | None = None, **changes: Any
) -> Product:
    """Change the given fields; the tags stay as they are unless some are given."""
    for field, value in changes.items():
        setattr(product, field, value)
    product.full_clean()
    product.save()
    if tags is not None:
        product.tags.set(tags)
    return product


@transaction.atomic
def change_stock(product: Product, by: int) -> Product:
    """Add to the stock or take from it; two at a time wait for each other."""
    locked = Product.objects.select_for_update().get(pk=product.pk)
    if locked.stock + by < 0:
        raise ValidationError({"by": f"There are only {locked.stock} left."})
    locked.stock += by
    locked.full_clean()
    locked.save(update_fields=["stock", "updated_at"])
    return locked
