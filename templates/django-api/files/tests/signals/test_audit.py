from typing import Any
from unittest import mock

import structlog
from django.db import transaction
from django.test import RequestFactory, TestCase
from django.urls import reverse

from apps.accounts.models import User
from apps.audit import selectors
from apps.audit.middleware import AuditMiddleware
from apps.audit.models import AuditEntry
from apps.audit.receivers import committed
from tests.factories import UserFactory
from tests.queries import QueryCountMixin


class AuditTests(TestCase):
    def entries(self, user: User) -> list[tuple[str, Any]]:
        history = selectors.history("accounts.User", str(user.pk))
        return [(entry.action, entry.changes) for entry in history]

    def test_creation_is_recorded(self) -> None:
        user = UserFactory.create(email="ada@example.org")
        [(action, changes)] = self.entries(user)
        self.assertEqual((action, changes["email"]), ("created", [None, "ada@example.org"]))

    def test_only_what_changed_is_recorded(self) -> None:
        user = User.objects.get(pk=UserFactory.create().pk)
        user.first_name = "Ada"
        user.save()
        self.assertEqual(self.entries(user)[0], ("changed", {"first_name": ["", "Ada"]}))
        user.save()
        self.assertEqual(len(self.entries(user)), 2)

    def test_deletion_is_recorded_and_outlives_its_row(self) -> None:
        user = UserFactory.create(email="ada@example.org")
        key = str(user.pk)
        user.delete()
        entry = selectors.history("accounts.User", key)[0]
        self.assertEqual(entry.action, "deleted")
        self.assertEqual(entry.changes["email"], ["ada@example.org", None])

    def test_no_password_is_recorded(self) -> None:
        user = UserFactory.create()
        user.set_password("another one")
        user.save()
        recorded = str(list(AuditEntry.objects.values_list("changes", flat=True)))
        self.assertNotIn("password", recorded)
        self.assertNotIn(user.password, recorded)

    def test_deferred_fields_cost_no_query(self) -> None:
        key = UserFactory.create().pk
        with self.assertNumQueries(1):
            user = User.objects.only("email").get(pk=key)
        user.email = "new@example.org"
        user.save()
        self.assertEqual(list(self.entries(user)[0][1]), ["email"])

    def test_nothing_is_recorded_of_what_is_taken_back(self) -> None:
        receiver = mock.Mock()
        committed.connect(receiver)
        self.addCleanup(committed.disconnect, receiver)
        with self.captureOnCommitCallbacks(execute=True):
            try:
                with transaction.atomic():
                    UserFactory.create()
                    raise RuntimeError
            except RuntimeError:
                pass
        self.assertFalse(AuditEntry.objects.exists())
        receiver.assert_not_called()

    def test_work_after_the_commit_is_done_once(self) -> None:
        receiver = mock.Mock()
        committed.connect(receiver)
        self.addCleanup(committed.disconnect, receiver)
        with self.captureOnCommitCallbacks() as callbacks:
            UserFactory.create()
        receiver.assert_not_called()
        for callback in callbacks:
            callback()
        self.assertEqual(receiver.call_count, 1)
        self.assertEqual(receiver.call_args.kwargs["entry"].action, "created")

    def test_receiver_that_fails_stops_nobody(self) -> None:
        def fail(**kwargs: Any) -> None:
            raise RuntimeError

        other = mock.Mock()
        for receiver in (fail, other):
            committed.connect(receiver)
            self.addCleanup(committed.disconnect, receiver)
        with (
            self.assertLogs("apps.audit.receivers", "ERROR"),
            self.captureOnCommitCallbacks(execute=True),
        ):
            UserFactory.create()
        self.assertEqual(other.call_count, 1)


class ActorTests(TestCase):
    def test_actor_and_request_are_recorded(self) -> None:
        actor = UserFactory.create()
        request = RequestFactory().get("/")
        request.user = actor

        def view(_request: Any) -> Any:
            return UserFactory.create()

        with structlog.contextvars.bound_contextvars(request_id="abc-1"):
            user: Any = AuditMiddleware(view)(request)
        entry = selectors.history("accounts.User", str(user.pk))[0]
        self.assertEqual((entry.actor, entry.request_id), (actor, "abc-1"))

    def test_nobody_outside_of_requests(self) -> None:
        user = UserFactory.create()
        self.assertIsNone(selectors.history("accounts.User", str(user.pk))[0].actor)


class AdminTests(QueryCountMixin):
    def setUp(self) -> None:
        self.client.force_login(User.objects.create_superuser("root@example.org"))
        self.url = reverse("admin:audit_auditentry_changelist")

    def test_list_needs_no_query_for_each_row(self) -> None:
        def add(number: int) -> None:
            actors = UserFactory.create_batch(number)
            for entry, actor in zip(AuditEntry.objects.order_by("-pk"), actors, strict=False):
                entry.actor = actor
                entry.save()

        self.assert_same_queries(add, lambda: self.client.get(self.url))

    def test_is_for_reading(self) -> None:
        entry = AuditEntry.objects.latest("pk")
        for action in ("add", "delete"):
            args = [] if action == "add" else [entry.pk]
            url = reverse(f"admin:audit_auditentry_{action}", args=args)
            self.assertEqual(self.client.post(url).status_code, 403)
        url = reverse("admin:audit_auditentry_change", args=[entry.pk])
        self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.post(url, {}).status_code, 403)
