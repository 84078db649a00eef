"""Base classes for the models of all apps."""

from django.db import models


class TimestampedModel(models.Model):
    """Knows when it was made and last saved."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
