from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, TestCase

from apps.caching.generation import Generation
from tests.caches import CacheMixin


class GenerationTests(CacheMixin):
    def setUp(self) -> None:
        super().setUp()
        self.generation = Generation("test")
        self.calls = 0

    def count(self, *_: object, **__: object) -> int:
        self.calls += 1
        return self.calls

    def test_value_is_computed_once_for_each_argument(self) -> None:
        @self.generation.value(timeout=60)
        def value(number: int) -> tuple[int, int]:
            return number, self.count()

        self.assertEqual([value(1), value(1), value(2)], [(1, 1), (1, 1), (2, 2)])

    def test_value_is_computed_again_after_a_change(self) -> None:
        value = self.generation.value(timeout=60)(self.count)
        self.assertEqual([value(), value()], [1, 1])
        self.generation.advance()
        self.assertEqual([value(), value()], [2, 2])

    def test_what_is_computed_from_old_data_is_not_found_later(self) -> None:
        def changed_meanwhile() -> int:
            self.generation.advance()
            return self.count()

        value = self.generation.value(timeout=60)(changed_meanwhile)
        self.assertEqual([value(), value()], [1, 2])

    def test_generations_do_not_meet(self) -> None:
        value = self.generation.value(timeout=60)(self.count)
        value()
        Generation("other").advance()
        self.assertEqual(value(), 1)

    def test_page_is_made_once_for_each_address(self) -> None:
        @self.generation.page(timeout=60)
        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse(str(self.count()))

        def get(url: str) -> str:
            response = view(RequestFactory().get(url))
            self.assertEqual(response["Cache-Control"], "max-age=0, no-cache")
            return response.content.decode()

        self.assertEqual([get("/a"), get("/a"), get("/b")], ["1", "1", "2"])
        self.generation.advance()
        self.assertEqual(get("/a"), "3")


class ReadinessTests(CacheMixin, TestCase):
    def test_is_ready_with_the_cache(self) -> None:
        self.assertEqual(self.client.get("/health/ready").status_code, 200)

    def test_is_not_ready_without_the_cache(self) -> None:
        for change in ({"side_effect": ConnectionError}, {"return_value": None}):
            with mock.patch("apps.caching.health.cache.get", **change):
                response = self.client.get("/health/ready")
            self.assertEqual(response.status_code, 503)
            self.assertEqual(response.json()["failed"], ["cache"])
