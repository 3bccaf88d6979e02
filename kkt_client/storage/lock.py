"""One process at a time: a lock on a file, which the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fiscal.errors import StorageBusy

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PID_AT = 16
"""The holder's number stands behind the byte that is locked, so that others can read it where locks are mandatory."""


class FileLock:
    """Held from :meth:`take` to :meth:`release`; :class:`StorageBusy` names the process that holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(descriptor)
        except OSError:
            holder = os.pread(descriptor, 32, _PID_AT) if hasattr(os, "pread") else b""
            os.close(descriptor)
            who = f"process {holder.decode('ascii', 'replace').strip()}" if holder.strip() else "another process"
            raise StorageBusy(f"{self.path.parent}: {who} holds this fiscal memory") from None
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, _PID_AT, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode("ascii"))
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; the file stays, because removing it would let two processes hold two files of one name."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
