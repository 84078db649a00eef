"""What can be put around a step: tried again, timed, remembered."""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


def retry(
    on: type[Exception] | tuple[type[Exception], ...],
    times: int = 3,
    delay: float = 0.5,
    backoff: float = 2,
    sleep: Callable[[float], None] = time.sleep,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Call again after the given exceptions, up to `times` calls in all.

    The pauses grow by `backoff` and are shortened at random, so that many who failed together do
    not come back together. The last exception is raised.
    """
    if times < 1:
        raise ValueError("times must be 1 or more")

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def tried(*args: P.args, **kwargs: P.kwargs) -> T:
            for attempt in range(1, times):
                try:
                    return function(*args, **kwargs)
                except on as error:
                    # For spreading, not for secrets.
                    pause = delay * backoff ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311
                    log.warning("%s failed, attempt %d: %s", function.__name__, attempt, error)
                    sleep(pause)
            return function(*args, **kwargs)

        return tried

    return decorate


def timed(function: Callable[P, T]) -> Callable[P, T]:
    """Log how long each call takes, also one that fails."""

    @wraps(function)
    def measured(*args: P.args, **kwargs: P.kwargs) -> T:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            took = round((time.perf_counter() - start) * 1000, 1)
            log.info("%s took %s ms", function.__name__, took)

    return measured


def remembered(seconds: float, most: int = 1024) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns, in this process, for each set of arguments.

    At most `most` answers are kept, the oldest go first; exceptions are not kept.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        kept: dict[Any, tuple[float, T]] = {}

        @wraps(function)
        def looked_up(*args: P.args, **kwargs: P.kwargs) -> T:
            key = (args, tuple(sorted(kwargs.items())))
            now = time.monotonic()
            found = kept.get(key)
            if found and now - found[0] < seconds:
                return found[1]
            value = function(*args, **kwargs)
            kept.pop(key, None)
            while len(kept) >= most:
                kept.pop(next(iter(kept)), None)
            kept[key] = (now, value)
            return value

        cast(Any, looked_up).forget = kept.clear
        return looked_up

    return decorate
