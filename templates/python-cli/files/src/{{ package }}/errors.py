"""Failures that were foreseen: one line for the user instead of a traceback."""

from __future__ import annotations

from .exit_codes import FAILED


class CliError(Exception):
    """Ends the program with a message on stderr and an exit code."""

    def __init__(self, message: str, *, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
