"""`count`: lines, words and bytes of files or of stdin. An example, there to be replaced."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..counting import Counts, count
from ..exit_codes import FAILED, OK
from ..options import add_common_options

if TYPE_CHECKING:
    from . import Commands

log = logging.getLogger(__name__)


def register(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "count",
        help="count lines, words and bytes",
        description="Count lines, words and bytes of each file, and of all together.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        default=["-"],
        metavar="FILE",
        help="a file to read; - or none: stdin",
    )
    add_common_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Count what can be read; a file that cannot is named, the others are still counted."""
    code = OK
    results: list[tuple[str, Counts]] = []
    for name in args.files:
        try:
            results.append((name, count_file(name)))
        except OSError as error:
            log.error("%s: %s", name, error.strerror)
            code = FAILED

    total = sum((counts for _, counts in results), Counts())
    if args.json:
        report = {
            "files": [{"name": name, **asdict(counts)} for name, counts in results],
            "total": asdict(total),
        }
        print(json.dumps(report, indent=2))
    else:
        for name, counts in results:
            print_row(counts, name)
        if len(results) > 1:
            print_row(total, "total")
    return code


def count_file(name: str) -> Counts:
    """Count one file, or stdin where `name` is `-`. Raises `OSError`."""
    if name == "-":
        log.info("reading stdin")
        return count(sys.stdin.buffer)
    log.info("reading %s", name)
    with open(name, "rb") as file:
        return count(file)


def print_row(counts: Counts, name: str) -> None:
    """Print one line of the table."""
    print(f"{counts.lines:>8} {counts.words:>8} {counts.bytes:>8} {name}")
