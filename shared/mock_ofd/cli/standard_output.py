"""Standard output of every command: where what is said goes, and what becomes of a command that nobody can hear.

The rule: a disk that is full behind ``> FILE``, or a pipe that was shut, is no defect of the program: it is said in one
line, and has its own exit code. Which error it was, the stream itself knows.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

from mock_ofd.cli.exits import Exit


class Spoken(io.TextIOWrapper):
    """A text stream that remembers which error it raised."""

    failed: OSError | None = None
    """Why it could not be written."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self.failed = error
            raise

    def give_up(self) -> Exit:
        """Say that it could not be written, unless who read it has gone; the exit code."""
        with suppress(OSError, ValueError):  # what is left of it is not tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        if self.failed is not None and not isinstance(self.failed, BrokenPipeError):  # `mock-ofd judge shop | head`
            sys.stderr.write(f"mock-ofd: standard output cannot be written: {self.failed.strerror}\n")
        return Exit.UNWRITTEN


def spoken() -> Spoken:
    """Standard output from now on; one that was shut before the start takes everything."""
    given = sys.stdout
    if given is None:
        sys.stdout = out = Spoken(open(os.devnull, "wb"))  # noqa: SIM115, PTH123 - for as long as the process is
        return out
    assert isinstance(given, io.TextIOWrapper), "nobody puts another stream there before the command begins"
    sys.stdout = out = Spoken(
        given.buffer,
        given.encoding,
        given.errors,
        line_buffering=given.line_buffering,
        write_through=given.write_through,
    )
    return out
