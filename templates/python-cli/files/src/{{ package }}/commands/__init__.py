"""One module per command, each with `register` (its options) and `run` (what it does)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # At run time the class takes no type parameter.
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
