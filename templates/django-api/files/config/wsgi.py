"""The WSGI application."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

# A server started without any setting is a production server.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    # A wrong setting is the reader's to mend: the message says more than a traceback.
    sys.exit(f"error: {error}")
