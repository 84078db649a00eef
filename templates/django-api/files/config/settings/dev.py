"""Development: SQLite, no other service, and a .env file for what is one's own."""

from django.core.management.utils import get_random_secret_key

from config import env
from config.settings import dotenv  # noqa: F401
from config.settings.base import *  # noqa: F403

DEBUG = env.flag("DJANGO_DEBUG", False)
if DEBUG:
    # Without a key sessions and tokens end with the process, which is enough to look around.
    SECRET_KEY = env.text("DJANGO_SECRET_KEY", "") or get_random_secret_key()
else:
    SECRET_KEY = env.text("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = env.items("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
