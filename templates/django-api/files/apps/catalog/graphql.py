"""The catalog for GraphQL: everybody reads what is on sale, users add, owners change."""

from decimal import Decimal
from typing import Annotated, Any, cast

import strawberry
import strawberry_django
from django.db import transaction
from django.db.models import Q, QuerySet
from strawberry import auto
from strawberry.types import Info
from strawberry_django.pagination import OffsetPaginated

from apps.catalog import models, selectors, services
from apps.graphql.access import current_user, must_own

# In the schema it is called `id`, which is a word of Python's.
ProductKey = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry_django.type(models.Category)
class Category:
    name: auto
    slug: auto


@strawberry_django.type(models.Tag)
class Tag:
    name: auto


@strawberry_django.filter_type(models.Product)
class ProductFilter:
    @strawberry_django.filter_field
    def search(self, value: str, prefix: str) -> Q:
        return Q(**{f"{prefix}name__icontains": value})

    @strawberry_django.filter_field
    def category(self, value: str, prefix: str) -> Q:
        """The slug of a category."""
        return Q(**{f"{prefix}category__slug": value})

    @strawberry_django.filter_field
    def min_price(self, value: Decimal, prefix: str) -> Q:
        return Q(**{f"{prefix}price__gte": value})

    @strawberry_django.filter_field
    def max_price(self, value: Decimal, prefix: str) -> Q:
        return Q(**{f"{prefix}price__lte": value})


@strawberry_django.order_type(models.Product)
class ProductOrder:
    name: auto
    price: auto
    created_at: auto


@strawberry_django.type(models.Product)
class Product:
    id: auto
    name: auto
    sku: auto
    description: auto
    price: auto
    stock: auto
    created_at: auto
    owner_id: strawberry.ID
    category: Category
    tags: list[Tag]


@strawberry.input
class ProductInput:
    name: str
    sku: str
    price: Decimal
    category: str = strawberry.field(description="The slug of a category.")
    description: str = ""


@strawberry.input
class ProductChanges:
    name: str | None = None
    price: Decimal | None = None
    description: str | None = None


@strawberry.type
class Query:
    @strawberry_django.offset_paginated(
        OffsetPaginated[Product], filters=ProductFilter, order=ProductOrder
    )
    def products(self) -> QuerySet[models.Product]:
        """Products that are on sale, newest first unless ordered otherwise."""
        active = models.Product.objects.filter(is_active=True)
        return active.order_by("-created_at", "-pk")

    @strawberry_django.field
    def product(self, key: ProductKey) -> Product:
        found = models.Product.objects.filter(is_active=True)
        return cast(Product, found.get(pk=_number(key)))

    @strawberry.field
    def category_summary(self) -> list["CategorySummary"]:
        """How many products each category has, and what they cost on average."""
        return [CategorySummary(**summary) for summary in selectors.category_summary()]


@strawberry.type
class CategorySummary:
    name: str
    slug: str
    products: int
    average_price: Decimal | None


@strawberry.type
class Mutation:
    @strawberry_django.mutation
    def create_product(self, info: Info, data: ProductInput) -> Product:
        owner = current_user(info)
        category = models.Category.objects.get(slug=data.category)
        product = services.create_product(
            owner=owner,
            category=category,
            name=data.name,
            sku=data.sku,
            price=data.price,
            description=data.description,
        )
        return cast(Product, product)

    @strawberry_django.mutation
    @transaction.atomic
    def update_product(self, info: Info, key: ProductKey, data: ProductChanges) -> Product:
        """Change a product of one's own; what is left out stays as it is."""
        user = current_user(info)
        product = models.Product.objects.select_for_update().get(pk=_number(key))
        must_own(user, product.owner_id)
        given = {"name": data.name, "price": data.price, "description": data.description}
        changes: dict[str, Any] = {name: new for name, new in given.items() if new is not None}
        return cast(Product, services.update_product(product, **changes))

    @strawberry_django.mutation
    def change_stock(self, info: Info, key: ProductKey, by: int) -> Product:
        """Add to the stock of a product of one's own, or take from it with a negative number."""
        user = current_user(info)
        product = models.Product.objects.get(pk=_number(key))
        must_own(user, product.owner_id)
        return cast(Product, services.change_stock(product, by))


def _number(text: strawberry.ID) -> int:
    """Return the number that an id is; what is none belongs to nothing."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise models.Product.DoesNotExist
    return int(text)
