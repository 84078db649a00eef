from django.test import TestCase

from apps.catalog import selectors, services
from apps.catalog.caching import CATALOG
from tests.caches import CacheMixin
from tests.example.factories import CategoryFactory, ProductFactory, TagFactory
from tests.queries import count_queries

PAGE = "/catalog/"


class CatalogCacheTests(CacheMixin, TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.product = ProductFactory.create(name="Lamp")

    def get(self, **query: str) -> str:
        return self.client.get(PAGE, query).content.decode()

    def test_second_request_needs_no_query(self) -> None:
        first = self.get()
        with self.assertNumQueries(0):
            self.assertEqual(self.get(), first)

    def test_fragment_is_shared_between_pages(self) -> None:
        ProductFactory.create_batch(30)
        first = count_queries(lambda: self.get())
        cache_hit = count_queries(lambda: self.get(page="2"))
        self.assertEqual(cache_hit, first - 1)

    def test_summary_is_computed_once(self) -> None:
        selectors.category_summary()
        with self.assertNumQueries(0):
            selectors.category_summary()

    def test_every_change_makes_it_stale(self) -> None:
        tag = TagFactory.create()
        for change in (
            lambda: services.update_product(self.product, name="Desk lamp"),
            lambda: self.product.tags.set([tag]),
            lambda: tag.save(),
            lambda: CategoryFactory.create(),
            lambda: self.product.delete(),
        ):
            self.get()
            selectors.category_summary()
            with self.captureOnCommitCallbacks(execute=True):
                change()
            self.assertGreater(count_queries(selectors.category_summary), 0)
            self.assertGreater(count_queries(self.get), 0)
        self.assertNotIn("amp", self.get())

    def test_nothing_is_stale_before_the_commit(self) -> None:
        stamp = CATALOG.current()
        with self.captureOnCommitCallbacks() as callbacks:
            self.product.save()
        self.assertEqual(CATALOG.current(), stamp)
        self.assertEqual(callbacks, [CATALOG.advance])
