"""`settings`: what is in force, and where each value comes from."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..exit_codes import OK
from ..options import add_common_options
from ..settings import LoadedSettings, names

if TYPE_CHECKING:
    from . import Commands


def register(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "settings",
        help="show the settings in force",
        description="Show every setting, its value and where that comes from.",
    )
    add_common_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line per setting, in the syntax of the settings file."""
    loaded: LoadedSettings = args.settings
    if args.json:
        report = {
            name: {"value": getattr(loaded.values, name), "origin": loaded.origins[name]}
            for name in names()
        }
        print(json.dumps(report, indent=2))
    else:
        for name in names():
            # TOML writes numbers, bools and plain strings as JSON does.
            value = json.dumps(getattr(loaded.values, name))
            print(f"{name} = {value}  # {loaded.origins[name]}")
    return OK
