"""One process at a time: a lock on a file, which the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import filelock

from fiscal.errors import StorageBusy


class FileLock:
    """Held from :meth:`take` to :meth:`release`; :class:`StorageBusy` names the process that holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._holder = path.with_suffix(".pid")
        self._lock = filelock.FileLock(path)

    def take(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            who = "another process"
            with suppress(OSError, ValueError):
                who = f"process {int(self._holder.read_text('ascii'))}"
            raise StorageBusy(f"{self.path.parent}: {who} holds this fiscal memory") from None
        self._holder.write_text(str(os.getpid()), "ascii")

    def release(self) -> None:
        """Let go; the file stays, because removing it would let two processes hold two files of one name."""
        self._lock.release()
