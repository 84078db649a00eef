from django.db.models import QuerySet

from apps.audit.models import AuditEntry


def history(model: str, object_id: str) -> QuerySet[AuditEntry]:
    """Return the changes of one row, newest first."""
    entries = AuditEntry.objects.select_related("actor")
    return entries.filter(model=model, object_id=object_id).order_by("-at", "-pk")
