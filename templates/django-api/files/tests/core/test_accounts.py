from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from apps.accounts import selectors
from apps.accounts.models import User
from tests.factories import UserFactory
from tests.queries import QueryCountMixin


class UserTests(TestCase):
    def test_logs_in_by_e_mail_whatever_its_case(self) -> None:
        user = User.objects.create_user("Ada@Example.org", "correct horse battery")
        self.assertEqual(user.email, "ada@example.org")
        self.assertEqual(
            authenticate(username="ADA@example.org", password="correct horse battery"), user
        )
        self.assertIsNone(authenticate(username="ada@example.org", password="wrong"))

    def test_needs_an_address(self) -> None:
        with self.assertRaises(ValueError):
            User.objects.create_user("")

    def test_address_is_unique_whatever_its_case(self) -> None:
        UserFactory.create(email="ada@example.org")
        with self.assertRaises(IntegrityError), transaction.atomic():
            User(email="ADA@example.org").save()
        with self.assertRaises(ValidationError):
            User(email="ADA@example.org", password="x").full_clean()

    def test_superuser_may_enter_the_admin(self) -> None:
        user = User.objects.create_superuser("root@example.org", "correct horse battery")
        self.assertTrue(user.is_staff and user.is_superuser)
        self.assertEqual(str(user), "root@example.org")

    async def test_is_found_from_asynchronous_code(self) -> None:
        user = await User.objects.acreate(email="ada@example.org")
        self.assertEqual(await User.objects.aget_by_natural_key("Ada@example.org"), user)


class AdminTests(QueryCountMixin):
    def setUp(self) -> None:
        self.admin = User.objects.create_superuser("root@example.org", "correct horse battery")
        self.client.force_login(self.admin)

    def add_users(self, number: int) -> None:
        group = Group.objects.create(name=f"group {Group.objects.count()}")
        for user in UserFactory.create_batch(number):
            user.groups.add(group)

    def add_history(self, number: int) -> None:
        kind = ContentType.objects.get_for_model(User)
        for user in UserFactory.create_batch(number):
            LogEntry.objects.create(
                user=user,
                content_type=kind,
                object_id=str(user.pk),
                object_repr="x",
                action_flag=CHANGE,
            )

    def test_list_of_users_needs_no_query_for_each(self) -> None:
        url = reverse("admin:accounts_user_changelist")
        self.assert_same_queries(self.add_users, lambda: self.client.get(url))
        self.assertContains(self.client.get(url), "group 0")

    def test_history_needs_no_query_for_each_entry(self) -> None:
        url = reverse("admin:admin_logentry_changelist")
        self.assert_same_queries(self.add_history, lambda: self.client.get(url))

    def test_history_is_one_query(self) -> None:
        self.add_history(3)
        with self.assertNumQueries(1):
            for entry in selectors.admin_history():
                self.assertEqual(str(entry.user), entry.user.email)
                self.assertEqual(entry.content_type.model, "user")  # type: ignore[union-attr]

    def test_history_cannot_be_written(self) -> None:
        self.assertEqual(self.client.get(reverse("admin:admin_logentry_add")).status_code, 403)
        self.add_history(1)
        url = reverse("admin:admin_logentry_change", args=[LogEntry.objects.get().pk])
        self.assertEqual(self.client.post(url, {}).status_code, 403)

    def test_user_is_added(self) -> None:
        password = "correct horse battery"
        response = self.client.post(
            reverse("admin:accounts_user_add"),
            {
                "email": "ada@example.org",
                "usable_password": "true",
                "password1": password,
                "password2": password,
            },
        )
        self.assertEqual(response.status_code, 302)
        self.assertTrue(User.objects.get(email="ada@example.org").check_password(password))
