"""The database: what is loaded, and how far each file has come. SQLite, so that nothing has to run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .contexts import transaction
from .transforms import Sale

SCHEMA = """
CREATE TABLE IF NOT EXISTS sale (
    number TEXT PRIMARY KEY,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    cents INTEGER NOT NULL CHECK (cents >= 0),
    sold_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sale_by_sku ON sale (sku);
CREATE TABLE IF NOT EXISTS ingestion (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    line INTEGER NOT NULL DEFAULT 0,
    loaded INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    rejects_size INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """A file, by its content, and how much of it is loaded: everything before `position`, in bytes."""

    digest: str
    name: str
    position: int = 0
    line: int = 0
    loaded: int = 0
    rejected: int = 0
    # How long the file with the rejects was at that moment.
    rejects_size: int = 0
    finished: bool = False


class Store:
    """An open database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        database.executescript(SCHEMA)

    def progress(self, digest: str, name: str) -> Progress:
        """Return how far a file has come; nowhere, where it is new."""
        row = self.database.execute(
            "SELECT digest, name, position, line, loaded, rejected, rejects_size, finished"
            " FROM ingestion WHERE digest = ?",
            (digest,),
        ).fetchone()
        if row is None:
            return Progress(digest, name)
        return replace(Progress(*row), finished=bool(row[-1]))

    def save(self, sales: Iterable[Sale], progress: Progress) -> None:
        """Keep a batch and the place after it, both or neither."""
        rows = (
            (sale.number, sale.sku, sale.quantity, sale.cents, sale.sold_at.isoformat())
            for sale in sales
        )
        with transaction(self.database):
            self.database.executemany("INSERT OR IGNORE INTO sale VALUES (?, ?, ?, ?, ?)", rows)
            self.database.execute(
                "INSERT OR REPLACE INTO ingestion VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    progress.digest,
                    progress.name,
                    progress.position,
                    progress.line,
                    progress.loaded,
                    progress.rejected,
                    progress.rejects_size,
                    progress.finished,
                ),
            )

    def finish(self, progress: Progress) -> Progress:
        """Remember that a file is through."""
        done = replace(progress, finished=True)
        self.save((), done)
        return done

    def totals(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield product, sales, quantity and cents; the database adds up."""
        yield from self.database.execute(
            "SELECT sku, count(*), sum(quantity), sum(quantity * cents)"
            " FROM sale GROUP BY sku ORDER BY sku"
        )


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open the database, making it where it is not there."""
    # Without transactions of its own: contexts.py says where one begins.
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        yield Store(database)
