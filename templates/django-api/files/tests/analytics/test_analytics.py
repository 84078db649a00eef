import csv
import io
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.accounts.models import User
from apps.analytics import chart, selectors
from apps.analytics.models import Figure
from apps.analytics.services import record, record_yesterday
from config.settings import BASE_DIR
from tests.factories import UserFactory

METRICS = "/metrics"


class FigureTests(TestCase):
    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_day_is_one_of_the_calendar(self) -> None:
        # The clocks are put back that night: the day has 25 hours.
        for moment in ("2026-10-24T21:59Z", "2026-10-25T22:59Z"):
            UserFactory.create(date_joined=datetime.fromisoformat(moment))
        with timezone.override("Europe/Berlin"):
            self.assertEqual(record(date(2026, 10, 25))["new_users"], 1)
            self.assertEqual(record(date(2026, 10, 24))["new_users"], 1)

    def test_counted_again_is_no_harm(self) -> None:
        day = timezone.localdate()
        for expected in (1, 2):
            UserFactory.create()
            self.assertEqual(record(day)["new_users"], expected)
        self.assertEqual(Figure.objects.get(name="new_users").value, 2)

    def test_active_users(self) -> None:
        UserFactory.create(last_login=timezone.now())
        self.assertEqual(record(timezone.localdate())["active_users"], 1)

    def test_days_that_are_past(self) -> None:
        output = io.StringIO()
        call_command("record_figures", "2026-01-31", "--days", "2", stdout=output)
        lines = output.getvalue().splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["2026-01-30", "2026-01-31"])
        with self.assertRaises(CommandError):
            call_command("record_figures", "--days", "0")


class SelectorTests(TestCase):
    def setUp(self) -> None:
        for day, value in ((29, 1), (31, 3)):
            Figure.objects.create(day=date(2026, 1, day), name="sales", value=value)

    def test_series(self) -> None:
        with self.assertNumQueries(1):
            [found] = selectors.series(date(2026, 1, 31), 30)
        self.assertEqual((found.name, found.last, len(found.values)), ("sales", 3, 2))

    def test_table_has_every_day(self) -> None:
        rows = list(selectors.table(date(2026, 1, 31), 3))
        self.assertEqual(
            rows,
            [["day", "sales"], ["2026-01-31", "3"], ["2026-01-30", ""], ["2026-01-29", "1"]],
        )


class ChartTests(SimpleTestCase):
    def test_is_drawn(self) -> None:
        values = [(date(2026, 1, day), day) for day in (1, 2, 3)]
        picture = chart.line("<new>", values)
        self.assertIn("&lt;new&gt;", picture)
        self.assertEqual(picture.count(","), 3)

    def test_of_nothing_or_zeros(self) -> None:
        for values in ([], [(date(2026, 1, 1), 0)]):
            self.assertIn("<polyline", chart.line("x", values))


class ReportTests(TestCase):
    def setUp(self) -> None:
        record_yesterday()

    def test_is_for_staff(self) -> None:
        self.client.force_login(UserFactory.create())
        for url in ("/analytics/", "/analytics/figures.csv"):
            self.assertEqual(self.client.get(url).status_code, 302)

    def test_page_and_table(self) -> None:
        self.client.force_login(User.objects.create_superuser("root@example.org"))
        page = self.client.get("/analytics/")
        self.assertContains(page, "<svg")
        # The policy of pages allows neither.
        self.assertNotContains(page, "<script")
        self.assertNotContains(page, "style=")
        response = self.client.get("/analytics/figures.csv")
        header, *rows = csv.reader(io.StringIO(response.content.decode()))
        self.assertIn("new_users", header)
        self.assertEqual(rows[0][0], str(timezone.localdate() - timedelta(days=1)))


class MetricsTests(TestCase):
    def get(self, token: str = "") -> tuple[int, str]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = self.client.get(METRICS, headers=headers)
        return response.status_code, response.content.decode()

    def test_are_nobody_s_business(self) -> None:
        self.assertEqual(self.get()[0], 404)
        with self.settings(METRICS_TOKEN="secret"):
            self.assertEqual([self.get()[0], self.get("wrong")[0]], [401, 401])
            self.assertEqual(self.get("secret")[0], 200)

    @override_settings(METRICS_TOKEN="secret")
    def test_requests_and_figures_are_counted(self) -> None:
        record_yesterday()
        self.client.get("/health/live")
        _, text = self.get("secret")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        self.assertIn("django_http_requests_before_middlewares", families)
        samples = {
            sample.labels["name"]: sample.value for sample in families["business_figure"].samples
        }
        self.assertEqual(samples["new_users"], 0)
        [age] = families["business_figure_age_days"].samples
        self.assertEqual(age.value, 1)

    @override_settings(METRICS_TOKEN="secret")
    def test_survive_the_database(self) -> None:
        with (
            mock.patch.object(Figure.objects, "order_by", side_effect=DatabaseError),
            self.assertLogs("apps.analytics.metrics", "ERROR"),
        ):
            status, text = self.get("secret")
        self.assertEqual(status, 200)
        self.assertNotIn("business_figure{", text)


class SentryTests(SimpleTestCase):
    def client_of(self, **variables: str) -> str:
        code = "import django, sentry_sdk; django.setup(); print(sentry_sdk.is_initialized())"
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                **variables,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    def test_is_off_unless_its_address_is_set(self) -> None:
        self.assertEqual(self.client_of(SENTRY_DSN=""), "False")
        dsn = "https://key@sentry.example.org/1"
        self.assertEqual(self.client_of(SENTRY_DSN=dsn), "True")
