"""What has to be closed again, whatever happens in between."""

import logging
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

log = logging.getLogger(__name__)


@contextmanager
def timer(name: str) -> Iterator[None]:
    """Log how long a block takes."""
    start = time.perf_counter()
    try:
        yield
    finally:
        took = round((time.perf_counter() - start) * 1000, 1)
        log.info("%s took %s ms", name, took)


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
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Keep what a block writes if it ends, and only then."""
    # Said at once that it will write: two that read first and write later would fail each other.
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
