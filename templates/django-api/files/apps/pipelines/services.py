"""Loads files into the database: in batches, with flat memory, and on from where it was after a crash."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from apps.pipelines.contexts import all_or_nothing
from apps.pipelines.decorators import retry, timed
from apps.pipelines.models import Ingestion, Sale
from apps.pipelines.sources import Position, UnreadableFileError, csv_rows, digest
from apps.pipelines.transforms import COLUMNS, Rejected, batches, sales

logger = structlog.get_logger(__name__)


@timed
def ingest(path: Path, rejects: Path | None = None, batch: int | None = None) -> Ingestion:
    """Load a CSV file; a second time it goes on after the last batch, or does nothing at all.

    A batch and the position after it are one transaction. Rows that are wrong go to the file
    `rejects` with their line and the reason; it is beside the source unless another is named.
    """
    ingestion, _ = Ingestion.objects.get_or_create(
        digest=digest(path), defaults={"name": path.name}
    )
    if ingestion.finished_at is not None:
        return ingestion
    position = Position(ingestion.offset, ingestion.line)
    rows = csv_rows(path, COLUMNS, position)
    with (rejects or path.with_suffix(".rejects.csv")).open("ab") as file:
        # What was written after the last batch will be written again.
        file.truncate(ingestion.rejects_size)
        for group in batches(_told(sales(rows), position), batch or settings.PIPELINE_BATCH):
            _write_rejects(file, group)
            ingestion.rejects_size = file.tell()
            _store(ingestion, group)
    ingestion.finished_at = timezone.now()
    ingestion.save()
    return ingestion


def ingest_inbox() -> dict[str, int]:
    """Load what is new in the inbox; a file that cannot be read stops no other."""
    counts = {"files": 0, "loaded": 0, "rejected": 0, "unreadable": 0}
    for path in _inbox():
        try:
            ingestion = ingest(path)
        except UnreadableFileError as error:
            logger.error("file_unreadable", file=path.name, error=str(error))
            counts["unreadable"] += 1
            continue
        counts["files"] += 1
        counts["loaded"] += ingestion.loaded
        counts["rejected"] += ingestion.rejected
    return counts


def _inbox() -> Iterator[Path]:
    files = sorted(settings.PIPELINE_INBOX.glob("*.csv"))
    return (path for path in files if not path.name.endswith(".rejects.csv"))


@dataclass(frozen=True, slots=True)
class _Item:
    """A result, and how far the file was read when it came."""

    result: Sale | Rejected
    offset: int
    line: int


def _told(results: Iterable[Sale | Rejected], position: Position) -> Iterator[_Item]:
    for result in results:
        yield _Item(result, position.offset, position.line)


# A database that is away for a moment, or locked by somebody else, is no reason to start again.
@retry(OperationalError, times=4, delay=1)
def _store(ingestion: Ingestion, group: list[_Item]) -> None:
    found = [item.result for item in group if isinstance(item.result, Sale)]
    with all_or_nothing("batch"):
        Sale.objects.bulk_create(found, ignore_conflicts=True)
        Ingestion.objects.filter(pk=ingestion.pk).update(
            offset=group[-1].offset,
            line=group[-1].line,
            loaded=ingestion.loaded + len(found),
            rejected=ingestion.rejected + len(group) - len(found),
            rejects_size=ingestion.rejects_size,
        )
    ingestion.refresh_from_db()


def _write_rejects(file: BinaryIO, group: list[_Item]) -> None:
    lines: list[str] = []

    class Sink:
        def write(self, text: str) -> None:
            lines.append(text)

    writer = csv.writer(Sink(), lineterminator="\n")
    if file.tell() == 0:
        writer.writerow(["line", "reason", *COLUMNS])
    for item in group:
        if isinstance(item.result, Rejected):
            row = item.result.row
            values = [row.values.get(column, "") for column in COLUMNS]
            writer.writerow([row.line, item.result.reason, *values])
    file.write("".join(lines).encode())
    file.flush()
