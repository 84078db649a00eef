import smtplib
from datetime import timedelta
from typing import Any
from unittest import mock

import structlog
from celery.exceptions import Retry
from django.core import mail
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from apps.jobs import tasks
from apps.jobs.models import Execution
from apps.jobs.once import forget, once
from config.celery import app, bind_request_id, send_request_id


class OnceTests(TestCase):
    def test_second_time_nothing_is_done(self) -> None:
        work = mock.Mock()
        self.assertEqual([once("a", work), once("a", work), once("b", work)], [True, False, True])
        self.assertEqual(work.call_count, 2)
        self.assertEqual(sorted(map(str, Execution.objects.all())), ["a", "b"])

    def test_work_that_fails_may_be_done_again(self) -> None:
        with self.assertRaises(RuntimeError):
            once("a", mock.Mock(side_effect=RuntimeError))
        self.assertTrue(once("a", mock.Mock()))

    def test_old_marks_are_forgotten(self) -> None:
        once("a", mock.Mock())
        once("b", mock.Mock())
        Execution.objects.filter(key="a").update(done_at=timezone.now() - timedelta(days=91))
        self.assertEqual(forget(), {"executions": 1})
        self.assertEqual(Execution.objects.get().key, "b")


class TaskTests(TestCase):
    def test_job_is_run_by_its_name(self) -> None:
        self.assertEqual(tasks.run_job.delay("housekeeping").get(), {"sessions": 0})

    def test_job_is_tried_again_without_a_database(self) -> None:
        outcomes: list[Any] = [OperationalError, "done"]
        with mock.patch("apps.core.jobs.run", side_effect=outcomes) as run:
            self.assertEqual(tasks.run_job.apply(args=["housekeeping"], throw=False).get(), "done")
        self.assertEqual(run.call_count, 2)

    def test_job_that_is_wrong_is_not_tried_again(self) -> None:
        with (
            mock.patch("apps.core.jobs.run", side_effect=KeyError) as run,
            self.assertRaises(KeyError),
        ):
            tasks.run_job.apply(args=["housekeeping"], throw=True)
        self.assertEqual(run.call_count, 1)

    def test_mail_is_sent_once(self) -> None:
        for expected in (True, False):
            sent = tasks.send_email.delay("welcome-1", "ada@example.org", "Hello", "Welcome.")
            self.assertIs(sent.get(), expected)
        self.assertEqual([message.to for message in mail.outbox], [["ada@example.org"]])

    def test_mail_is_tried_again(self) -> None:
        arguments = ("welcome-1", "ada@example.org", "Hello", "Welcome.")
        with (
            mock.patch("apps.jobs.tasks.send_mail", side_effect=smtplib.SMTPServerDisconnected),
            mock.patch.object(tasks.send_email, "retry", side_effect=Retry) as retry,
            self.assertRaises(Retry),
        ):
            tasks.send_email.apply(args=arguments, throw=True)
        # Anything up to the pause of the first attempt, so that not all come back at once.
        self.assertIn(retry.call_args.kwargs["countdown"], range(3))
        self.assertFalse(Execution.objects.exists())


class SettingsTests(SimpleTestCase):
    def test_what_a_dead_worker_had_begun_is_not_lost(self) -> None:
        self.assertTrue(app.conf.task_acks_late and app.conf.task_reject_on_worker_lost)
        self.assertEqual(app.conf.worker_prefetch_multiplier, 1)

    def test_no_task_runs_for_ever(self) -> None:
        self.assertGreater(app.conf.task_time_limit, app.conf.task_soft_time_limit)

    def test_nothing_is_unpickled(self) -> None:
        self.assertEqual(app.conf.accept_content, ["json"])


class RequestIdTests(SimpleTestCase):
    def tearDown(self) -> None:
        structlog.contextvars.clear_contextvars()

    def test_travels_with_the_task(self) -> None:
        headers: dict[str, Any] = {}
        send_request_id(headers=headers)
        self.assertEqual(headers, {})
        with structlog.contextvars.bound_contextvars(request_id="abc"):
            send_request_id(headers=headers)
        task = mock.Mock()
        task.name = "a task"
        task.request.is_eager = False
        task.request.get = headers.get
        bind_request_id(task_id="1", task=task)
        bound = structlog.contextvars.get_contextvars()
        self.assertEqual(bound, {"task": "a task", "task_id": "1", "request_id": "abc"})

    def test_task_that_runs_at_once_keeps_what_is_bound(self) -> None:
        with structlog.contextvars.bound_contextvars(request_id="abc"):
            task = mock.Mock()
            task.request.is_eager = True
            bind_request_id(task_id="1", task=task)
            self.assertEqual(structlog.contextvars.get_contextvars(), {"request_id": "abc"})
