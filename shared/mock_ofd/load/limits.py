"""What the system allows a process of a load, raised as far as it goes."""

from __future__ import annotations

from typing import Final

from mock_ofd.load.result import LoadFailed

FILES_BESIDE: Final = 256
"""Open files that are no connections: libraries, pipes, the ledger, the files of the run."""


def allow_connections(connections: int) -> None:
    """Let this process, and what it starts, hold so many; :class:`LoadFailed` when the system does not."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows, which has no such limit
    except ImportError:
        return
    wanted = connections + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted, hard if hard == resource.RLIM_INFINITY else max(hard, wanted))
        )
    except (ValueError, OSError):
        text = f"{connections:,} connections need {wanted:,} open files in one process, and the system allows {hard:,}"
        raise LoadFailed(f"{text}: raise the limit (ulimit -Hn), or use more processes") from None


__all__ = ["allow_connections"]
