import json

from django.conf import settings
from django.test import TestCase
from django.utils.module_loading import import_string
from django_celery_beat.models import PeriodicTask

from apps.schedule.services import TASK, update_schedule


class ScheduleTests(TestCase):
    def names(self, **fields: bool) -> set[str]:
        return set(PeriodicTask.objects.filter(**fields).values_list("name", flat=True))

    def test_every_job_is_scheduled_by_the_migration(self) -> None:
        self.assertEqual(self.names(enabled=True), {f"job: {name}" for name in settings.JOBS})

    def test_task_and_times_are_the_job_s(self) -> None:
        task = PeriodicTask.objects.get(name="job: housekeeping")
        self.assertEqual((task.task, json.loads(task.args)), (TASK, ["housekeeping"]))
        self.assertEqual((task.crontab.minute, task.crontab.hour), ("17", "3"))
        self.assertEqual(str(task.crontab.timezone), settings.TIME_ZONE)
        self.assertEqual(import_string(TASK).name, TASK)

    def test_what_was_changed_stays(self) -> None:
        PeriodicTask.objects.filter(name="job: housekeeping").update(enabled=False)
        update_schedule()
        self.assertNotIn("job: housekeeping", self.names(enabled=True))

    def test_job_that_is_gone_is_switched_off(self) -> None:
        with self.settings(JOBS={}):
            update_schedule()
        self.assertEqual(self.names(enabled=True), set())

    def test_tasks_of_one_s_own_are_left_alone(self) -> None:
        job = PeriodicTask.objects.get(name="job: housekeeping")
        PeriodicTask.objects.create(name="mine", task="a.task", crontab=job.crontab)
        with self.settings(JOBS={}):
            update_schedule()
        self.assertEqual(self.names(enabled=True), {"mine"})

    def test_scheduler_reads_the_database(self) -> None:
        self.assertIn("DatabaseScheduler", settings.CELERY_BEAT_SCHEDULER)
