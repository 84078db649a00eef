"""The base of all tests of the API."""

from unittest import mock

from django.core.cache import cache
from rest_framework.test import APITestCase
from rest_framework.throttling import SimpleRateThrottle

from apps.accounts.models import User
from tests.factories import UserFactory


class ApiTestCase(APITestCase):
    """Counts no requests of other tests, and throttles only where a test asks for it."""

    user: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = UserFactory.create(email="ada@example.org")

    def setUp(self) -> None:
        cache.clear()
        self.set_rates(anon="1000/min", user="1000/min", login="1000/min")

    def set_rates(self, **rates: str) -> None:
        patch = mock.patch.dict(SimpleRateThrottle.THROTTLE_RATES, rates)
        patch.start()
        self.addCleanup(patch.stop)
