from datetime import UTC, date, datetime

from django.test import TestCase, override_settings

from apps.analytics.services import record
from apps.pipelines.models import Sale


class FigureTests(TestCase):
    @override_settings(TIME_ZONE="UTC")
    def test_sales_count_for_their_own_day(self) -> None:
        sold_at = datetime(2026, 1, 31, 12, tzinfo=UTC)
        Sale.objects.create(number="1", sku="lamp", quantity=1, price=1, sold_at=sold_at)
        self.assertEqual(record(date(2026, 1, 31))["sales"], 1)
        self.assertEqual(record(date(2026, 2, 1))["sales"], 0)
