"""Guards against one query for each row."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext


def count_queries(action: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


class QueryCountMixin(TestCase):
    def assert_same_queries(self, add: Callable[[int], Any], action: Callable[[], Any]) -> None:
        """Check that an action takes as many queries with 50 rows as with 5."""
        add(5)
        action()  # fills what is filled once, such as content types
        few = count_queries(action)
        add(45)
        many = count_queries(action)
        self.assertGreater(few, 0)
        self.assertEqual(few, many, "the number of queries grows with the number of rows")
