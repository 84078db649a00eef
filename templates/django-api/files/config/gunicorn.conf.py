"""Gunicorn: `gunicorn --config config/gunicorn.conf.py config.wsgi`."""

from config import env, logs

bind = env.text("GUNICORN_BIND", "0.0.0.0:8000")
workers = env.integer("GUNICORN_WORKERS", 2, minimum=1)
threads = env.integer("GUNICORN_THREADS", 4, minimum=1)
timeout = env.integer("GUNICORN_TIMEOUT", 30, minimum=1)
graceful_timeout = 8

# Load once, before forking: a wrong setting ends the server instead of restarting workers for ever.
preload_app = True

# The heartbeat file must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"  # nosec B108

# The application logs requests itself, with their id.
accesslog = None
logconfig_dict = logs.logging_config(env.text("LOG_LEVEL", "INFO"), env.text("LOG_FORMAT", "json"))
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": [], "propagate": True, "level": "INFO"}
