"""The way from files to the database and out again: in batches, with flat memory, and on after a crash."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from .contexts import new_file, timer
from .decorators import retry, timed
from .sources import Position, csv_rows, digest
from .store import Progress, Store
from .transforms import COLUMNS, Rejected, Sale, batches, sales

BATCH = 5000


@timed
def ingest(store: Store, path: Path, rejects: Path | None = None, batch: int = BATCH) -> Progress:
    """Load a CSV file; a second time it goes on after the last batch, or does nothing at all.

    Rows that are wrong go to the file `rejects` with their line and the reason; it is beside the
    source unless another is named.
    """
    progress = store.progress(digest(path), path.name)
    if progress.finished:
        return progress
    position = Position(progress.position, progress.line)
    rows = csv_rows(path, COLUMNS, position)
    with (rejects or path.with_suffix(".rejects.csv")).open("ab") as file:
        # What was written after the last batch will be written again.
        file.truncate(progress.rejects_size)
        for group in batches(_told(sales(rows), position), batch):
            progress = _load(store, file, progress, group)
    return store.finish(progress)


def report(store: Store, path: Path) -> int:
    """Write the totals of each product as a CSV file; return the number of rows."""
    count = 0
    with timer("report"), new_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sku", "sales", "quantity", "revenue"])
        for sku, number, quantity, cents in store.totals():
            writer.writerow([sku, number, quantity, f"{cents // 100}.{cents % 100:02}"])
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class _Item:
    """A result, and how far the file was read when it came."""

    result: Sale | Rejected
    position: int
    line: int


def _told(results: Iterable[Sale | Rejected], position: Position) -> Iterator[_Item]:
    for result in results:
        yield _Item(result, position.offset, position.line)


def _load(store: Store, file: BinaryIO, progress: Progress, group: list[_Item]) -> Progress:
    found = [item.result for item in group if isinstance(item.result, Sale)]
    _write_rejects(file, [item.result for item in group if isinstance(item.result, Rejected)])
    after = replace(
        progress,
        position=group[-1].position,
        line=group[-1].line,
        loaded=progress.loaded + len(found),
        rejected=progress.rejected + len(group) - len(found),
        rejects_size=file.tell(),
    )
    _save(store, found, after)
    return after


# A database that somebody else has locked for a while is no reason to start again.
@retry(sqlite3.OperationalError, times=4, delay=1)
def _save(store: Store, found: list[Sale], progress: Progress) -> None:
    store.save(found, progress)


def _write_rejects(file: BinaryIO, rejected: list[Rejected]) -> None:
    lines: list[str] = []

    class Sink:
        def write(self, text: str) -> None:
            lines.append(text)

    writer = csv.writer(Sink(), lineterminator="\n")
    if file.tell() == 0:
        writer.writerow(["line", "reason", *COLUMNS])
    for item in rejected:
        values = [item.row.values.get(column, "") for column in COLUMNS]
        writer.writerow([item.row.line, item.reason, *values])
    file.write("".join(lines).encode())
    file.flush()
