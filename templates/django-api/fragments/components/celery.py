"celery",
