"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

# A server started without any setting is a production server.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

application = get_asgi_application()
