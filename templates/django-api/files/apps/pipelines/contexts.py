"""What has to be closed again, whatever happens in between."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import structlog
from django.db import transaction

logger = structlog.get_logger(__name__)


@contextmanager
def timer(name: str) -> Iterator[None]:
    """Log how long a block takes."""
    start = time.perf_counter()
    try:
        yield
    finally:
        took = round((time.perf_counter() - start) * 1000, 1)
        logger.info("block_timed", block=name, duration_ms=took)


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Write a file that is there whole or not at all: whoever reads it never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


@contextmanager
def all_or_nothing(name: str) -> Iterator[None]:
    """One transaction, timed: what a block writes is kept if it ends, and only then."""
    with timer(name), transaction.atomic():
        yield
