"""Where a command's words go: its result to standard output, everything for people to standard error.

The rule: standard output carries the result and nothing else, in JSON one object a line. What was printed is flushed
before the command goes on. When it cannot be printed, that is an error of its own, so that nobody repeats a sale only
because a pipe was shut.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from fiscal.errors import FiscalError

_TOKEN = re.compile(r"(token=)[^&\s'\"]+")

HIDDEN: Final = r"\1…"
"""What stands for a token that somebody gave in an address."""


class Unwritten(FiscalError):
    """What was asked for is done; only its paper could not be written."""

    def __init__(self, where: str, error: OSError) -> None:
        super().__init__(f"done, but its output could not be written: {where}: {error.strerror}")


class Output:
    """The two streams of a command. ``as_json`` says in which form the result goes out."""

    def __init__(self, *, as_json: bool, out: TextIO, err: TextIO) -> None:
        self.as_json = as_json
        self._out = out
        self._err = err

    @property
    def is_watched(self) -> bool:
        """Whether a person reads standard error, who may be shown how far something is."""
        return not self.as_json and self._err.isatty()

    def show(self, facts: Mapping[str, Any], text: str) -> None:
        """The result; :class:`Unwritten` when nobody can take it."""
        if self.as_json:
            text = json.dumps(facts, ensure_ascii=False) + "\n"
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as error:
            _give_up(self._out)
            raise Unwritten("standard output", error) from None

    def page(self, path: Path, html: str) -> None:
        """A paper as a page; :class:`Unwritten` when it cannot be made."""
        self.file(path, html.encode())

    def file(self, path: Path, made: bytes) -> None:
        """A paper as a file; :class:`Unwritten` when it cannot be made."""
        try:
            path.write_bytes(made)
        except OSError as error:
            raise Unwritten(str(path), error) from None

    def say(self, text: str) -> None:
        """A line for people."""
        with contextlib.suppress(OSError):  # whoever shut it does not want to know
            self._err.write(f"{_TOKEN.sub(HIDDEN, text)}\n")
            self._err.flush()

    def alarm(self, text: str) -> None:
        """A line that a cashier must not miss: on a terminal it rings and stands out."""
        self.say(f"\a\x1b[1;7m {text} \x1b[0m" if self._err.isatty() else f"!!! {text}")


def _give_up(stream: TextIO) -> None:
    """Let what is still in the stream go nowhere, or Python would complain of it when it ends."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def standard(*, as_json: bool) -> Output:
    """The streams of this process. A sign that their encoding does not know becomes ``?``, and no error after a sale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Output(as_json=as_json, out=sys.stdout, err=sys.stderr)
