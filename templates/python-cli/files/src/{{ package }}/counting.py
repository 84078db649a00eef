"""Counts what is in a text. Knows nothing of files or command lines, so it is easy to test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of what."""

    lines: int = 0
    words: int = 0
    bytes: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.lines + other.lines,
            self.words + other.words,
            self.bytes + other.bytes,
        )


def count(lines: Iterable[bytes]) -> Counts:
    """Count `lines` as a binary file yields them; a last line without its newline is one too."""
    total_lines = total_words = total_bytes = 0
    for line in lines:
        total_lines += 1
        total_words += len(line.split())
        total_bytes += len(line)
    return Counts(total_lines, total_words, total_bytes)
