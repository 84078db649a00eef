"""The figures of each day."""

from django.db import models


class Figure(models.Model):
    day = models.DateField()
    name = models.CharField(max_length=60)
    value = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "name"], name="analytics_figure_of_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
