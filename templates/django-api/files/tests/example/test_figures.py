from django.test import TestCase
from django.utils import timezone

from apps.analytics.services import record
from tests.example.factories import ProductFactory


class FigureTests(TestCase):
    def test_new_products_are_counted(self) -> None:
        ProductFactory.create_batch(2)
        self.assertEqual(record(timezone.localdate())["new_products"], 2)
