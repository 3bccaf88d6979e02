"""Where reports are written: found to be writable before a run begins, and written whole or not at all.

The rule: an hour of load does not end with "no space left". Room for a report is taken beforehand, in a file beside the one
that was named, and the report comes to its name in one step; a report that was there before stays until then.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from fiscal.errors import ConfigurationError

RESERVED: Final = 4 * 1024 * 1024
"""Bytes that are kept for a report: that of four hours, second by second."""
SUFFIX: Final = ".part"


class Unwritable(ConfigurationError):
    """A report cannot be written there; the text names the file and the reason."""

    def __init__(self, option: str, path: Path, reason: str) -> None:
        super().__init__(f"{option} {path}: {reason}")
        self.path = path


class ReportFile:
    """A file that a report will be written to. Use it as a context manager: without a report nothing is left.

    ``option`` is the name under which the person gave the path. Entering it raises :class:`Unwritable` when nothing can be
    written there; so does :meth:`write`, should that have changed. What is no plain file (a pipe, ``/dev/stdout``) is
    written to as it is.
    """

    def __init__(self, option: str, path: Path) -> None:
        self._option = option
        self.path = path
        self._target = path.resolve()  # a link stays a link
        self._beside = self._target.with_name(f".{self._target.name}{SUFFIX}")

    def __enter__(self) -> Self:
        if self._target.is_dir():
            raise Unwritable(self._option, self.path, "is a folder; name a file")
        if self._is_special():
            return self
        if self.path.exists() and not os.access(self.path, os.W_OK):
            raise Unwritable(self._option, self.path, "may not be written")
        try:
            with self._beside.open("wb") as kept:
                kept.write(b"\0" * RESERVED)
                kept.flush()
                os.fsync(kept.fileno())
        except OSError as error:
            self._clean()
            raise Unwritable(self._option, self.path, f"cannot be written: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._clean()

    def write(self, text: str) -> None:
        """Write the report."""
        content = text.encode()
        try:
            if self._is_special():
                self.path.write_bytes(content)
                return
            with self._beside.open("r+b") as kept:  # over the room that was kept
                kept.write(content)
                kept.truncate()
                kept.flush()
                os.fsync(kept.fileno())
            self._beside.replace(self._target)
        except OSError as error:
            raise Unwritable(self._option, self.path, f"cannot be written: {error.strerror}") from None

    def _is_special(self) -> bool:
        return self.path.exists() and not self.path.is_file()

    def _clean(self) -> None:
        with suppress(OSError):
            self._beside.unlink()
