"""The clock of the queue: its schedule is in the database, and can be changed in the admin."""

APPS = ["django_celery_beat", "apps.schedule"]
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
