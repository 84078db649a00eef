"""Values, pages and fragments that become stale together."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_page

P = ParamSpec("P")
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., HttpResponse])


class Generation:
    """A stamp in the cache that is part of other keys: a new one makes all of them stale at once.

    Nothing has to be found and deleted, and whoever computes from old data stores it under the old
    stamp, where nobody looks any more.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = f"generation:{name}"

    def current(self) -> str:
        """Return the stamp; fragments of templates vary on it."""
        return str(cache.get_or_set(self.key, _stamp, timeout=None))

    def advance(self) -> None:
        cache.set(self.key, _stamp(), timeout=None)

    def value(self, timeout: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Cache what a function returns, for each set of arguments."""

        def decorate(function: Callable[P, T]) -> Callable[P, T]:
            @wraps(function)
            def cached(*args: P.args, **kwargs: P.kwargs) -> T:
                arguments = repr((args, sorted(kwargs.items()))).encode()
                digest = hashlib.sha256(arguments).hexdigest()[:16]
                key = f"{self.name}:{self.current()}:{function.__name__}:{digest}"
                return cast(T, cache.get_or_set(key, lambda: function(*args, **kwargs), timeout))

            return cached

        return decorate

    def page(self, timeout: int) -> Callable[[View], View]:
        """Cache what a view returns, for each address; not for views that depend on the user."""

        def decorate(view: View) -> View:
            @wraps(view)
            def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                prefix = f"{self.name}:{self.current()}"
                per_page: Any = cache_page(timeout, key_prefix=prefix)
                response: HttpResponse = per_page(view)(request, *args, **kwargs)
                # Browsers do not hear of a new stamp: they have to ask.
                patch_cache_control(response, no_cache=True, max_age=0)
                del response["Expires"]
                return response

            return cast(View, cached)

        return decorate


def _stamp() -> str:
    # Never a counter: after an eviction it would start again and meet its old keys.
    return str(time.time_ns())
