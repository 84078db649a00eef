import io
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import TestCase, tag
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog import selectors, services
from apps.catalog.models import MAX_STOCK, Product
from tests.example.factories import CategoryFactory, ProductFactory, TagFactory, add_tagged
from tests.factories import UserFactory
from tests.queries import QueryCountMixin

PAGE = "/catalog/"


class ModelTests(TestCase):
    def test_has_a_name(self) -> None:
        product = ProductFactory.create(name="Lamp")
        names = [str(thing) for thing in (product, CategoryFactory(name="a"), TagFactory(name="b"))]
        self.assertEqual(names, ["Lamp", "a", "b"])

    def test_price_is_never_negative(self) -> None:
        product = ProductFactory.create()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Product.objects.filter(pk=product.pk).update(price=-1)

    def test_sku_is_unique_whatever_its_case(self) -> None:
        ProductFactory.create(sku="abc")
        with self.assertRaises(IntegrityError), transaction.atomic():
            ProductFactory.create(sku="ABC")


class ServiceTests(TestCase):
    def test_product_is_created_with_its_tags(self) -> None:
        tags = TagFactory.create_batch(2)
        product = services.create_product(
            owner=UserFactory.create(),
            category=CategoryFactory.create(),
            name="Lamp",
            sku="L-1",
            price=Decimal("9.99"),
            tags=tags,
        )
        self.assertCountEqual(product.tags.all(), tags)

    def test_wrong_product_is_not_created(self) -> None:
        other = ProductFactory.create(sku="L-1")
        for wrong in ({"price": Decimal(-1)}, {"sku": "l-1"}, {"stock": MAX_STOCK + 1}):
            fields: dict[str, Any] = {"name": "Lamp", "sku": "L-2", "price": Decimal(1)}
            fields |= wrong
            with self.subTest(wrong), self.assertRaises(ValidationError):
                services.create_product(owner=other.owner, category=other.category, **fields)
        self.assertEqual(Product.objects.count(), 1)

    def test_product_keeps_its_tags_unless_some_are_given(self) -> None:
        product = ProductFactory.create()
        tag = TagFactory.create()
        product.tags.add(tag)
        services.update_product(product, name="Lamp")
        product.refresh_from_db()
        self.assertEqual((product.name, list(product.tags.all())), ("Lamp", [tag]))
        services.update_product(product, tags=[])
        self.assertFalse(product.tags.exists())

    def test_stock_goes_up_and_down_but_not_below_nothing(self) -> None:
        product = ProductFactory.create(stock=1)
        self.assertEqual(services.change_stock(product, 2).stock, 3)
        self.assertEqual(services.change_stock(product, -3).stock, 0)
        for wrong, field in ((-1, "by"), (MAX_STOCK + 1, "stock")):
            with self.assertRaises(ValidationError) as caught:
                services.change_stock(product, wrong)
            self.assertEqual(list(caught.exception.message_dict), [field])
        product.refresh_from_db()
        self.assertEqual(product.stock, 0)


class SelectorTests(QueryCountMixin):
    def test_products_need_no_query_for_each(self) -> None:
        def read() -> None:
            for product in selectors.products():
                self.assertTrue(product.category.name and product.owner.email)
                self.assertTrue([tag.name for tag in product.tags.all()])

        self.assert_same_queries(add_tagged, read)
        with self.assertNumQueries(2):
            read()

    def test_inactive_products_are_left_out(self) -> None:
        product = ProductFactory.create()
        ProductFactory.create(is_active=False)
        self.assertEqual(list(selectors.active_products()), [product])

    def test_summary(self) -> None:
        category = CategoryFactory.create(name="Lamps", slug="lamps")
        for price in ("1.00", "2.00", "2.01"):
            ProductFactory.create(category=category, price=price)
        ProductFactory.create(category=category, price="99", is_active=False)
        empty = CategoryFactory.create(name="Zips")
        lamps, zips = selectors.category_summary()
        self.assertEqual((lamps["products"], lamps["average_price"]), (3, Decimal("1.67")))
        self.assertEqual((zips["slug"], zips["products"]), (empty.slug, 0))
        self.assertIsNone(zips["average_price"])


@tag("integration")
class IndexTests(TestCase):
    def plan(self, query: QuerySet[Product]) -> str:
        if connection.vendor == "postgresql":
            # With a handful of rows it would rather read them all.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_sort = off")
        return query.explain()

    def test_front_page_uses_its_index(self) -> None:
        newest = Product.objects.filter(is_active=True).order_by("-created_at", "-id")
        self.assertIn("catalog_product_active", self.plan(newest[:20]))

    def test_page_of_a_category_uses_its_index(self) -> None:
        newest = Product.objects.filter(category=1).order_by("-created_at")
        self.assertIn("catalog_product_by_category", self.plan(newest[:20]))


class PageTests(QueryCountMixin):
    def test_shows_active_products(self) -> None:
        ProductFactory.create(name="Lamp")
        ProductFactory.create(name="Hidden", is_active=False)
        response = self.client.get(PAGE)
        self.assertContains(response, "Lamp")
        self.assertNotContains(response, "Hidden")

    def test_comes_in_pages(self) -> None:
        ProductFactory.create_batch(21)
        self.assertContains(self.client.get(PAGE), "?page=2")
        self.assertContains(self.client.get(PAGE, {"page": 2}), "?page=1")

    def test_is_for_reading(self) -> None:
        self.assertEqual(self.client.post(PAGE).status_code, 405)


class AdminTests(QueryCountMixin):
    def setUp(self) -> None:
        self.client.force_login(User.objects.create_superuser("root@example.org"))

    def test_list_needs_no_query_for_each_row(self) -> None:
        url = reverse("admin:catalog_product_changelist")
        self.assert_same_queries(add_tagged, lambda: self.client.get(url))

    def test_other_pages_open(self) -> None:
        for name in ("category", "tag", "product"):
            response = self.client.get(reverse(f"admin:catalog_{name}_add"))
            self.assertEqual(response.status_code, 200)


class SeedTests(TestCase):
    def test_adds_more_each_time(self) -> None:
        for expected in (4, 8):
            call_command("seed_catalog", "--products", "4", verbosity=0, stdout=io.StringIO())
            self.assertEqual(Product.objects.count(), expected)
