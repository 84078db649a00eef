from typing import Any

from apps.catalog.models import Product
from tests.example.factories import CategoryFactory, ProductFactory, add_tagged
from tests.factories import UserFactory
from tests.graphql.cases import GraphQLTestCase
from tests.queries import QueryCountMixin

LIST = """
query ($page: OffsetPaginationInput, $filters: ProductFilter, $order: ProductOrder) {
  products(pagination: $page, filters: $filters, order: $order) {
    totalCount
    results { name price category { slug } tags { name } }
  }
}
"""
CREATE = """
mutation ($data: ProductInput!) { createProduct(data: $data) { id name ownerId } }
"""
UPDATE = """
mutation ($id: ID!, $data: ProductChanges!) { updateProduct(id: $id, data: $data) { name } }
"""
STOCK = "mutation ($id: ID!, $by: Int!) { changeStock(id: $id, by: $by) { stock } }"


class ProductQueryTests(GraphQLTestCase, QueryCountMixin):
    def names(self, **variables: Any) -> list[str]:
        return [product["name"] for product in self.data(LIST, **variables)["products"]["results"]]

    def test_only_what_is_on_sale(self) -> None:
        lamp = ProductFactory.create(name="Lamp")
        hidden = ProductFactory.create(name="Hidden", is_active=False)
        self.assertEqual(self.names(), ["Lamp"])
        query = "query ($id: ID!) { product(id: $id) { name } }"
        self.assertEqual(self.data(query, id=lamp.pk)["product"], {"name": "Lamp"})
        for key in (str(hidden.pk), "0", "x", "9" * 30):
            self.assertEqual(self.error(query, id=key)["code"], "not_found")

    def test_is_filtered_and_ordered(self) -> None:
        lamp = ProductFactory.create(name="Lamp", price="5.00")
        ProductFactory.create(name="Chair", price="50.00")
        for filters in ({"search": "lam"}, {"category": lamp.category.slug}, {"maxPrice": "49"}):
            with self.subTest(filters):
                self.assertEqual(self.names(filters=filters), ["Lamp"])
        self.assertEqual(self.names(order={"price": "DESC"}), ["Chair", "Lamp"])
        self.assertEqual(self.names(filters={"minPrice": "6"}), ["Chair"])

    def test_comes_in_pages_that_have_a_limit(self) -> None:
        ProductFactory.create_batch(105)
        page = self.data(LIST, page={"limit": 5000})["products"]
        self.assertEqual((page["totalCount"], len(page["results"])), (105, 100))
        self.assertEqual(len(self.names()), 20)
        self.assertEqual(len(self.names(page={"offset": 100})), 5)

    def test_needs_no_query_for_each_row(self) -> None:
        self.assert_same_queries(add_tagged, lambda: self.names(page={"limit": 100}))

    def test_summary(self) -> None:
        ProductFactory.create(price="5.00", category=CategoryFactory.create(slug="lamps"))
        answer = self.data("{ categorySummary { slug products averagePrice } }")
        expected = {"slug": "lamps", "products": 1, "averagePrice": "5.00"}
        self.assertEqual(answer["categorySummary"], [expected])

    def test_query_that_would_bring_too_much(self) -> None:
        page = "products(pagination: {limit: 100}) { results { name tags { name } } }"
        lists = " ".join(f"{name}: {page}" for name in "abc")
        with self.assertNumQueries(0):
            self.assertIn("is the most", self.error("{ " + lists + " }")["message"])


class ProductMutationTests(GraphQLTestCase):
    def setUp(self) -> None:
        self.category = CategoryFactory.create(slug="lamps")
        self.product = {"name": "Lamp", "sku": "L-1", "price": "9.99", "category": "lamps"}

    def test_is_for_users(self) -> None:
        self.assertEqual(self.error(CREATE, data=self.product)["code"], "not_authenticated")

    def test_product_belongs_to_who_made_it(self) -> None:
        self.client.force_login(self.user)
        created = self.data(CREATE, data=self.product)["createProduct"]
        self.assertEqual(created["ownerId"], str(self.user.pk))

    def test_wrong_input_is_explained(self) -> None:
        self.client.force_login(self.user)
        error = self.error(CREATE, data=self.product | {"price": "-1"})
        self.assertEqual((error["code"], list(error["fields"])), ("invalid", ["price"]))
        error = self.error(CREATE, data=self.product | {"category": "none"})
        self.assertEqual(error["code"], "not_found")
        self.assertFalse(Product.objects.exists())

    def test_only_the_owner_changes(self) -> None:
        product = ProductFactory.create(owner=self.user, stock=1)
        for user, changed in ((UserFactory.create(), False), (self.user, True)):
            self.client.force_login(user)
            update = {"id": product.pk, "data": {"name": "Desk lamp"}}
            stock = {"id": product.pk, "by": -1}
            if changed:
                self.assertEqual(self.data(UPDATE, **update)["updateProduct"]["name"], "Desk lamp")
                self.assertEqual(self.data(STOCK, **stock)["changeStock"]["stock"], 0)
                self.assertEqual(self.error(STOCK, **stock)["code"], "invalid")
            else:
                self.assertEqual(self.error(UPDATE, **update)["code"], "permission_denied")
                self.assertEqual(self.error(STOCK, **stock)["code"], "permission_denied")
