import factory

from apps.catalog.models import Category, Product, Tag
from tests.factories import UserFactory


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    class Meta:
        model = Category

    name = factory.Sequence("Category {}".format)
    slug = factory.Sequence("category-{}".format)


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence("tag {}".format)


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    class Meta:
        model = Product

    owner = factory.SubFactory(UserFactory)
    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence("Product {}".format)
    sku = factory.Sequence("SKU-{}".format)
    price = "9.99"


def add_tagged(number: int) -> None:
    """Add products with all that a list of them shows."""
    for product in ProductFactory.create_batch(number):
        product.tags.add(TagFactory.create())
