"""The machine that a run was made on, as it stands beside its figures.

The rule: what the system does not tell is ``None``; nothing here names the host, its user or its addresses, so that a
report can be shown to anybody.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from msgspec import Struct

LIBRARIES: Final = ("uvloop", "msgspec", "msgpack", "pydantic", "aiohttp", "hdrhistogram")
"""What the figures depend on, besides Python and the system."""


class Machine(Struct, frozen=True, kw_only=True):
    """Processor, memory, system and libraries."""

    cpu: str | None
    cores: int | None
    """Cores that this process may use."""
    memory_mb: int | None
    system: str
    python: str
    libraries: dict[str, str]
    load: float | None
    """Processes that wanted a core, the mean of the last minute, when the report was made."""


def describe() -> Machine:
    """What this machine is, now."""
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        memory_mb=_memory_mb(),
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries={name: found for name in LIBRARIES if (found := _version(name)) is not None},
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu() -> str | None:
    return _told("/proc/cpuinfo", "model name") or platform.processor() or None


def _memory_mb() -> int | None:
    told = _told("/proc/meminfo", "MemTotal")
    return int(told.split()[0]) // 1024 if told else None


def _told(path: str, name: str) -> str | None:
    """What the first line of this name says, in a file of the kernel's."""
    try:
        lines = Path(path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
