"""Who changed what, and when."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One change of one row; it is written in the transaction of the change, or not at all."""

    class Action(models.TextChoices):
        CREATED = "created"
        CHANGED = "changed"
        DELETED = "deleted"

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    # By field: what it was, and what it became.
    changes = models.JSONField(default=dict)
    # Whoever was logged in; the record outlives the account.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    request_id = models.CharField(max_length=128, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["model", "object_id", "-at"], name="audit_entry_object"),
            models.Index(fields=["-at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id} {self.action}"
