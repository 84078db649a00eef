"""A catalog of products; what must always hold is a constraint, so that no code path can break it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from apps.core.models import TimestampedModel

MAX_STOCK = 1_000_000


class Category(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.name


class Product(TimestampedModel):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="products"
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    name = models.CharField(max_length=120)
    sku = models.CharField("stock keeping unit", max_length=40)
    description = models.TextField(blank=True, max_length=4000)
    price = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])
    stock = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_STOCK)])
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="catalog_product_price_not_negative"
            ),
            models.UniqueConstraint(
                Lower("sku"),
                name="catalog_product_sku_ci",
                violation_error_message="A product with this stock keeping unit exists already.",
            ),
        ]
        indexes = [
            # The page of a category, and the front page: both newest first.
            models.Index(fields=["category", "-created_at"], name="catalog_product_by_category"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(is_active=True),
                name="catalog_product_active",
            ),
        ]

    def __str__(self) -> str:
        return self.name
