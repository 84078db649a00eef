from django.apps import AppConfig


class OpenapiConfig(AppConfig):
    name = "apps.openapi"

    def ready(self) -> None:
        # Extensions register themselves where they are defined.
        from apps.openapi import extensions  # noqa: F401
