"""The schema of the API at /api/schema/, and two ways to read it."""

from config.settings.components.core import PROJECT_DESCRIPTION, PROJECT_NAME

APPS = ["drf_spectacular", "drf_spectacular_sidecar", "apps.openapi"]
URLS = [("api/", "apps.openapi.urls")]

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

SPECTACULAR_SETTINGS = {
    "TITLE": PROJECT_NAME,
    "DESCRIPTION": PROJECT_DESCRIPTION,
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    # What is sent and what is answered differ: generated clients need both.
    "COMPONENT_SPLIT_REQUEST": True,
    # Scripts and styles come from this host: no third party, and it works without a network.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.openapi.hooks.add_errors",
    ],
}
