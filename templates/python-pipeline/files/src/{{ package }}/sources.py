"""Where rows come from: generators that hold one row at a time, however long the file is."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
# A quote that is never closed would otherwise swallow the rest of the file into one field.
MAX_FIELD = 100_000


class UnreadableFileError(ValueError):
    """Not a single row can be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of values by the names of their columns."""

    line: int
    values: dict[str, str]
    # What is wrong with its shape, if anything.
    problem: str = ""


@dataclass(slots=True)
class Position:
    """How far a file has been read: everything before it has been handed out as rows."""

    offset: int = 0
    line: int = 0


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def csv_rows(path: Path, columns: tuple[str, ...], position: Position) -> Iterator[Row]:
    """Yield the rows of a CSV file in UTF-8, from the position on, and move it along.

    The first line names the columns, in any order. A row that cannot be read is yielded with its
    problem, and reading goes on after it.
    """
    csv.field_size_limit(MAX_FIELD)
    with path.open("rb") as file:
        start = Position()
        header = _header(file, start)
        missing = [column for column in columns if column not in header]
        if missing:
            raise UnreadableFileError(f"{path.name} has no column {', '.join(missing)}")
        if position.offset == 0:
            position.offset, position.line = start.offset, start.line
        file.seek(position.offset)
        reader = csv.reader(_lines(file, position), strict=True)
        while True:
            line = position.line + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                yield Row(line, {}, f"cannot be read: {error}")
                reader = csv.reader(_lines(file, position), strict=True)
                continue
            if not values:
                continue
            if len(values) != len(header):
                problem = f"has {len(values)} values and not {len(header)}"
                yield Row(line, dict(zip(header, values, strict=False)), problem)
                continue
            yield Row(line, dict(zip(header, values, strict=True)))


def _header(file: BinaryIO, position: Position) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(_lines(file, position)))]
    except StopIteration:
        raise UnreadableFileError("the file is empty") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"the first line cannot be read: {error}") from None


def _lines(file: BinaryIO, position: Position) -> Iterator[str]:
    """Hand out line by line and count, so that the position is right after each row."""
    while line := file.readline(CHUNK):
        position.offset += len(line)
        position.line += 1
        yield line.removeprefix(b"\xef\xbb\xbf").decode() if position.line == 1 else line.decode()
