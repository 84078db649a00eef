"""The ASGI application."""

import os
import sys

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

# A server started without any setting is a production server.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

try:
    application = get_asgi_application()
except ImproperlyConfigured as error:
    # A wrong setting is the reader's to mend: the message says more than a traceback.
    sys.exit(f"error: {error}")
