"""What background work has been done already."""

from django.db import models


class Execution(models.Model):
    """A piece of work that is not to be done again; its key says which."""

    key = models.CharField(max_length=200, unique=True)
    done_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["done_at"], name="jobs_execution_done")]

    def __str__(self) -> str:
        return self.key
