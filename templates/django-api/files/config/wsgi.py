"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

# A server started without any setting is a production server.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

application = get_wsgi_application()
