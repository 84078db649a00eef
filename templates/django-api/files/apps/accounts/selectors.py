"""What is read about users; views and the admin ask here."""

from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet

from apps.accounts.models import User


def users_with_groups() -> QuerySet[User]:
    """Return all users, newest first; their groups come in one more query, not one for each."""
    return User.objects.prefetch_related("groups").order_by("-date_joined", "-pk")


def admin_history() -> QuerySet[LogEntry]:
    """Return who changed what in the admin, newest first, in a single query."""
    return LogEntry.objects.select_related("user", "content_type").order_by("-action_time", "-pk")
