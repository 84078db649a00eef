"""What pipelines load, and how far they have come."""

from django.db import models


class Ingestion(models.Model):
    """A file, by its content, and how much of it is loaded: the place to go on after a crash."""

    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    # In bytes: everything before is in the database, nothing after.
    offset = models.PositiveBigIntegerField(default=0)
    line = models.PositiveBigIntegerField(default=0)
    loaded = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    # How long the file with the rejects was at that moment.
    rejects_size = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Sale(models.Model):
    """A row of such a file; the number that its source gave it says whether it is known already."""

    number = models.CharField(max_length=40, unique=True)
    sku = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    sold_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sku", "sold_at"], name="pipelines_sale_sku")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="pipelines_sale_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.number
