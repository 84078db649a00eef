"""Fills the catalog with something to look at."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from apps.accounts.models import User
from apps.catalog import services
from apps.catalog.models import Category, Product, Tag

OWNER = "catalog@example.org"
CATEGORIES = ("Books", "Music", "Tools")
TAGS = ("new", "sale", "second-hand")


class Command(BaseCommand):
    help = "Add products to the catalog, for development"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--products", type=int, default=50, help="how many (default: 50)")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email=OWNER).first() or User.objects.create_user(OWNER)
        categories = [
            Category.objects.get_or_create(slug=name.lower(), defaults={"name": name})[0]
            for name in CATEGORIES
        ]
        tags = [Tag.objects.get_or_create(name=name)[0] for name in TAGS]
        first = Product.objects.filter(sku__startswith="SEED-").count()
        for number in range(first, first + options["products"]):
            services.create_product(
                owner=owner,
                category=categories[number % len(categories)],
                name=f"Product {number}",
                sku=f"SEED-{number}",
                price=Decimal(number % 100) + Decimal("0.99"),
                stock=number % 10,
                tags=tags[: number % (len(tags) + 1)],
            )
        self.stdout.write(f"{options['products']} products added")
