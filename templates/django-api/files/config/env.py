"""Typed access to the environment; every mistake is one line that names the variable."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

REQUIRED: Final = object()
BOOLEANS: Final = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off", ""), False),
}

_environ = environ.Env()


class ConfigurationError(ImproperlyConfigured):
    """A variable that is missing or that cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")


def read_file(path: Path) -> None:
    """Add the variables of a .env file to the environment, which wins over the file."""
    if path.is_file():
        environ.Env.read_env(path)


def text(name: str, default: Any = REQUIRED) -> str:
    """Return the variable; set but empty counts as missing."""
    value: str = _environ.str(name, default="").strip()
    if value:
        return value
    if default is REQUIRED:
        raise ConfigurationError(name, "is not set")
    return str(default)


def flag(name: str, default: bool) -> bool:
    value = text(name, "").lower()
    if not value:
        return default
    if value not in BOOLEANS:
        raise ConfigurationError(name, "must be true or false")
    return BOOLEANS[value]


def integer(name: str, default: int, minimum: int = 0) -> int:
    value = text(name, default)
    if not re.fullmatch(r"-?[0-9]{1,18}", value) or int(value) < minimum:
        raise ConfigurationError(name, f"must be a whole number, {minimum} or more")
    return int(value)


def items(name: str, default: str = "") -> list[str]:
    """Split a comma-separated list."""
    return [item for item in map(str.strip, text(name, default).split(",")) if item]


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ConfigurationError(name, f"must be one of {', '.join(choices)}")
    return value


def matching(name: str, default: str, pattern: str, meaning: str) -> str:
    value = text(name, default)
    if not re.fullmatch(pattern, value):
        raise ConfigurationError(name, f"must be {meaning}")
    return value


def database(name: str, default: str) -> dict[str, Any]:
    url = text(name, default)
    meaning = "a database URL such as postgres://user:password@host:5432/name"
    config: dict[str, Any] = _parsed(name, meaning, _environ.db_url_config, url)
    if config.get("ENGINE") not in _environ.DB_SCHEMES.values() or not config.get("NAME"):
        raise ConfigurationError(name, f"must be {meaning}")
    return config


def redis(name: str, number: int) -> str:
    """Return the URL of one of the server's databases, or an empty text where no server is set.

    Every use has a number of its own: emptying the cache must not drop anything else.
    """
    url = text(name, "")
    if not url:
        return ""
    meaning = "a Redis URL such as redis://localhost:6379"
    parts = _parsed(name, meaning, urlsplit, url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ConfigurationError(name, f"must be {meaning}")
    return parts._replace(path=f"/{number}").geturl()


def email(name: str, default: str) -> dict[str, Any]:
    url = text(name, default)
    meaning = "an e-mail URL such as smtp+tls://user:password@host:587"
    return _parsed(name, meaning, _environ.email_url_config, url)


def _parsed(name: str, meaning: str, parse: Callable[[str], T], value: str) -> T:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return parse(value)
    except Exception:
        # Without the cause: it would repeat the value, which may hold a password.
        raise ConfigurationError(name, f"must be {meaning}") from None
