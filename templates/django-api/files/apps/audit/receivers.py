"""Listens to the models of the setting AUDITED.

`QuerySet.update`, `bulk_create` and `bulk_update` send no signals: what they do is not recorded.
"""

import json
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.signals import post_delete, post_init, post_save
from django.dispatch import Signal

from apps.audit.middleware import current_user_id
from apps.audit.models import AuditEntry

# Sent once for each change, after its transaction is committed: the place for work outside the
# database, such as mail or a task. Receivers get `entry`, an AuditEntry.
committed = Signal()

STATE = "_audited"


def connect() -> None:
    for label in settings.AUDITED:
        sender = apps.get_model(label)
        post_init.connect(remember, sender=sender, dispatch_uid=f"audit.init.{label}")
        post_save.connect(record_save, sender=sender, dispatch_uid=f"audit.save.{label}")
        post_delete.connect(record_delete, sender=sender, dispatch_uid=f"audit.delete.{label}")


def remember(instance: models.Model, **kwargs: Any) -> None:
    """Keep what a row holds when it is loaded, to tell later what was changed."""
    setattr(instance, STATE, _values(instance))


def record_save(instance: models.Model, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if raw:  # a fixture is being loaded
        return
    old = {} if created else getattr(instance, STATE, {})
    new = _values(instance)
    changes = {
        field: [old.get(field), value]
        for field, value in new.items()
        # A field that was deferred when the row was loaded is not known to have changed.
        if (created or field in old) and old.get(field) != value
    }
    setattr(instance, STATE, new)
    if created:
        _record(instance, AuditEntry.Action.CREATED, changes)
    elif changes:
        _record(instance, AuditEntry.Action.CHANGED, changes)


def record_delete(instance: models.Model, **kwargs: Any) -> None:
    changes = {field: [value, None] for field, value in _values(instance).items()}
    _record(instance, AuditEntry.Action.DELETED, changes)


def _record(instance: models.Model, action: AuditEntry.Action, changes: dict[str, Any]) -> None:
    entry = AuditEntry.objects.create(
        action=action,
        model=instance._meta.label,
        object_id=str(instance.pk),
        changes=changes,
        actor_id=current_user_id(),
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )
    # One receiver that fails must not keep the others from hearing of it.
    transaction.on_commit(lambda: _tell(entry))


def _tell(entry: AuditEntry) -> None:
    for receiver, result in committed.send_robust(sender=AuditEntry, entry=entry):
        if isinstance(result, Exception):
            structlog.get_logger(__name__).error(
                "receiver_failed", receiver=str(receiver), exc_info=result
            )


def _values(instance: models.Model) -> dict[str, Any]:
    """Return the audited fields that are loaded, as JSON knows them; looking costs no query."""
    deferred = instance.get_deferred_fields()
    fields = settings.AUDITED[instance._meta.label]
    values = {field: getattr(instance, field) for field in fields if field not in deferred}
    plain: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return plain
