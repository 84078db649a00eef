"""Fetches many addresses at once, but never more than so many, and never for ever."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of an address: its content, or why there is none."""

    url: str
    content: bytes = b""
    problem: str = ""


def read_url(url: str, timeout: float) -> bytes:
    """Return what is at an address of the web; raises `OSError` or `ValueError`."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("only http and https are fetched")
    with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310
        content: bytes = response.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    return content


async def fetch_all(
    urls: Iterable[str],
    limit: int = 8,
    timeout: float = 10,
    read: Callable[[str, float], bytes] = read_url,
) -> AsyncIterator[Fetched]:
    """Yield what comes of each address, in the order in which they are done.

    At most `limit` are under way, and the addresses are taken as they are needed: there may be
    endlessly many. One that fails is told of, and stops no other.
    """
    if limit < 1:
        raise ValueError("limit must be 1 or more")
    waiting = iter(urls)
    running: set[asyncio.Task[Fetched]] = set()
    try:
        while True:
            while len(running) < limit and (url := next(waiting, None)) is not None:
                running.add(asyncio.create_task(_fetch(url, timeout, read)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()


async def _fetch(url: str, timeout: float, read: Callable[[str, float], bytes]) -> Fetched:
    try:
        # The library's own limit is for each wait; this one is for all of it.
        async with asyncio.timeout(timeout):
            return Fetched(url, await asyncio.to_thread(read, url, timeout))
    except TimeoutError:
        return Fetched(url, problem=f"no answer within {timeout:g} s")
    except Exception as error:
        return Fetched(url, problem=str(error) or type(error).__name__)
