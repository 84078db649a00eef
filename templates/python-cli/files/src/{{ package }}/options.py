"""Options that every command has, before and after the command's name."""

from __future__ import annotations

import argparse
from collections.abc import Callable


class Options(argparse.Namespace):
    """The parsed command line.

    The defaults live here and not in the parser: a subparser would write its own over what was
    given before the command's name.
    """

    json: bool = False
    quiet: bool = False
    verbose: int = 0
    run: Callable[[argparse.Namespace], int]


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, `--quiet` and `--verbose`, which leave no trace where they are not given."""
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON document",
    )
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        default=argparse.SUPPRESS,
        help="report errors only",
    )
    volume.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=argparse.SUPPRESS,
        help="say more on stderr; twice for everything",
    )
