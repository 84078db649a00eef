"""Puts the settings of all components together."""

from importlib import import_module
from typing import Any

# Middleware of an earlier slot wraps that of a later one; within a slot the components' order counts.
SLOTS = ("health", "security", "request_id", "cors", "auth", "app", "metrics")

# What a module contributes to instead of defining it.
CONTRIBUTIONS = ("APPS", "MIDDLEWARE", "AUTH_CLASSES", "URLS", "READINESS_CHECKS")


def assemble(components: list[str]) -> dict[str, Any]:
    """Return the settings of the components and, last, of the project itself.

    A module's upper-case names are settings. Dictionaries are merged, anything else is replaced by
    the later module; the names in `CONTRIBUTIONS` are lists that grow.
    """
    settings: dict[str, Any] = {}
    gathered: dict[str, list[Any]] = {name: [] for name in CONTRIBUTIONS}
    names = [f"components.{component.replace('-', '_')}" for component in components]
    for name in [*names, "project"]:
        module = import_module(f"config.settings.{name}")
        for key, value in vars(module).items():
            if key in gathered:
                gathered[key].extend(value)
            elif key.isupper():
                settings[key] = _merged(settings.get(key), value)
    settings["INSTALLED_APPS"] = list(dict.fromkeys(gathered["APPS"]))
    settings["MIDDLEWARE"] = _middleware(gathered["MIDDLEWARE"])
    settings["URLS"] = gathered["URLS"]
    settings["READINESS_CHECKS"] = gathered["READINESS_CHECKS"]
    if "REST_FRAMEWORK" in settings:
        # The first class decides between 401 and 403, so the session comes after all others.
        rest = settings["REST_FRAMEWORK"]
        last = rest.get("DEFAULT_AUTHENTICATION_CLASSES", [])
        classes = {"DEFAULT_AUTHENTICATION_CLASSES": [*gathered["AUTH_CLASSES"], *last]}
        settings["REST_FRAMEWORK"] = rest | classes
    return settings


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: _merged(old.get(key), value) for key, value in new.items()}


def _middleware(entries: list[tuple[str, str]]) -> list[str]:
    unknown = {slot for slot, _ in entries} - set(SLOTS)
    if unknown:
        raise ValueError(f"unknown middleware slots: {', '.join(sorted(unknown))}")
    return [path for slot in SLOTS for entry, path in entries if entry == slot]
