"""The build of the image: gathers the static files, and is refused for anything else."""

import sys

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import assembled

if sys.argv[1:2] != ["collectstatic"]:
    raise env.ConfigurationError("DJANGO_SETTINGS_MODULE", "may be this for collectstatic only")

# Nothing is signed with it: it only lets the settings load.
SECRET_KEY = "collectstatic-only"  # nosec B105
STORAGES = assembled["STORAGES"] | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
