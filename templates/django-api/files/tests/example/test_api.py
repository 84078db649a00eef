from apps.catalog.models import Product
from tests.example.factories import CategoryFactory, ProductFactory, TagFactory, add_tagged
from tests.factories import UserFactory
from tests.queries import QueryCountMixin
from tests.rest.cases import ApiTestCase

PRODUCTS = "/api/v1/catalog/products/"
CATEGORIES = "/api/v1/catalog/categories/"


class ProductApiTests(ApiTestCase):
    def setUp(self) -> None:
        self.product = ProductFactory.create(owner=self.user, name="Lamp", price="5.00")
        self.url = f"{PRODUCTS}{self.product.pk}/"

    def data(self, **changes: object) -> dict[str, object]:
        category, tag = CategoryFactory.create(), TagFactory.create()
        fields = {"category": category.slug, "tags": [tag.name], "name": "Chair", "sku": "C-1"}
        return fields | {"price": "12.50"} | changes

    def test_everybody_reads(self) -> None:
        self.assertEqual(self.client.get(PRODUCTS).json()["count"], 1)
        response = self.client.get(self.url)
        self.assertEqual(response.json()["name"], "Lamp")
        self.assertEqual(response.json()["owner"], self.user.pk)

    def test_nobody_writes_without_authentication(self) -> None:
        for response in (
            self.client.post(PRODUCTS, self.data()),
            self.client.patch(self.url, {"name": "x"}),
            self.client.delete(self.url),
            self.client.post(f"{self.url}stock/", {"by": 1}),
        ):
            self.assertEqual(response.status_code, 401)

    def test_a_user_creates(self) -> None:
        self.client.force_authenticate(self.user)
        other = UserFactory.create()
        response = self.client.post(PRODUCTS, self.data(owner=other.pk, stock=5))
        self.assertEqual(response.status_code, 201, response.content)
        product = Product.objects.get(pk=response.json()["id"])
        self.assertEqual((product.owner, product.stock), (self.user, 0))
        self.assertEqual(product.tags.count(), 1)

    def test_wrong_input_is_explained(self) -> None:
        self.client.force_authenticate(self.user)
        for changes, field in (
            ({"price": "-1"}, "price"),
            ({"price": "much"}, "price"),
            ({"category": "nothing"}, "category"),
            ({"tags": ["nothing"]}, "tags"),
            ({"sku": self.product.sku.lower()}, "non_field_errors"),
        ):
            with self.subTest(changes):
                response = self.client.post(PRODUCTS, self.data(**changes))
                self.assertEqual(response.status_code, 400)
                self.assertEqual(list(response.json()["error"]["fields"]), [field])

    def test_owner_changes_and_deletes(self) -> None:
        self.client.force_authenticate(self.user)
        tag = TagFactory.create()
        response = self.client.patch(self.url, {"name": "Desk lamp", "tags": [tag.name]})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["tags"], [tag.name])
        response = self.client.post(f"{self.url}stock/", {"by": 3})
        self.assertEqual((response.status_code, response.json()), (200, {"stock": 3}))
        response = self.client.post(f"{self.url}stock/", {"by": -4})
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (400, "invalid"))
        self.assertEqual(self.client.delete(self.url).status_code, 204)
        self.assertEqual(self.client.get(self.url).status_code, 404)

    def test_others_do_not(self) -> None:
        self.client.force_authenticate(UserFactory.create())
        for response in (
            self.client.patch(self.url, {"name": "x"}),
            self.client.delete(self.url),
            self.client.post(f"{self.url}stock/", {"by": 1}),
        ):
            self.assertEqual(response.status_code, 403)
            self.assertEqual(response.json()["error"]["code"], "permission_denied")
        self.product.refresh_from_db()
        self.assertEqual((self.product.name, self.product.stock), ("Lamp", 0))


class ProductListTests(ApiTestCase, QueryCountMixin):
    def names(self, **query: str) -> list[str]:
        return [product["name"] for product in self.client.get(PRODUCTS, query).json()["results"]]

    def test_is_searched_filtered_and_ordered(self) -> None:
        lamp = ProductFactory.create(name="Lamp", price="5.00", description="bright")
        ProductFactory.create(name="Chair", price="50.00", is_active=False)
        lamp.tags.add(TagFactory.create(name="sale"))
        for query in (
            {"search": "bright"},
            {"category": lamp.category.slug},
            {"tag": "sale"},
            {"max_price": "49"},
            {"is_active": "true"},
        ):
            with self.subTest(query):
                self.assertEqual(self.names(**query), ["Lamp"])
        self.assertEqual(self.names(min_price="5", ordering="price"), ["Lamp", "Chair"])
        self.assertEqual(self.names(ordering="-price"), ["Chair", "Lamp"])

    def test_wrong_filters_are_explained(self) -> None:
        for value in ("much", "NaN", "1e999999999"):
            with self.subTest(value):
                response = self.client.get(PRODUCTS, {"min_price": value})
                self.assertEqual(response.status_code, 400)
                self.assertEqual(list(response.json()["error"]["fields"]), ["min_price"])

    def test_needs_no_query_for_each_row(self) -> None:
        self.assert_same_queries(add_tagged, lambda: self.client.get(PRODUCTS, {"page_size": 100}))


class CategoryApiTests(ApiTestCase):
    def test_counts_products(self) -> None:
        product = ProductFactory.create(price="5.00")
        [category] = self.client.get(CATEGORIES).json()
        self.assertEqual(category["slug"], product.category.slug)
        self.assertEqual((category["products"], category["average_price"]), (1, "5.00"))
