
# Whatever the environment says: no test waits for a worker, and what a task raises fails the test.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
