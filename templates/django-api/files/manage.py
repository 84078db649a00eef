#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run a command; the test suite has settings of its own."""
    module = "config.settings.test" if "test" in sys.argv[1:2] else "config.settings.dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is the reader's to mend: the message says more than a traceback.
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
