"""The base of all tests of the API."""

from unittest import mock

from rest_framework.test import APITestCase
from rest_framework.throttling import SimpleRateThrottle

from apps.accounts.models import User
from tests.caches import CacheMixin
from tests.factories import UserFactory


class ApiTestCase(APITestCase):
    user: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = UserFactory.create(email="ada@example.org")


class ThrottleTestCase(CacheMixin, ApiTestCase):
    """Counts requests, which the other tests of the API do not."""

    def set_rates(self, **rates: str) -> None:
        patch = mock.patch.dict(SimpleRateThrottle.THROTTLE_RATES, rates)
        patch.start()
        self.addCleanup(patch.stop)
