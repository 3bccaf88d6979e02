"""The machine and the processes on it: what it is, who runs on which core, what a process has used.

The rule: everything that a benchmark starts is a process of its own, pinned where the system lets us, and ended by its
id. Figures of processes come from /proc, so they are those of Linux; elsewhere they are left out.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parents[2]
STOP_S: Final = 10.0
"""How long a process may take to end before it is killed: twice what the operator promises."""
FILES_WANTED: Final = 16_384
"""Open files of one process: 5,000 connections and room."""


def cores() -> tuple[int | None, int | None]:
    """The core of the server and the core of the client; ``None`` where there is nothing to choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[1]) if len(free) > 1 else (None, None)


def allow_many_files() -> None:
    """Raise the limit of open files for this process and what it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a real disk: a temporary one in memory would make every flush a gift."""
    base = Path(tempfile.gettempdir())
    if filesystem(base) in ("tmpfs", "ramfs"):
        base = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="mock-ofd-bench-", dir=base) as path:
        yield Path(path)


def filesystem(path: Path) -> str:
    """What kind of file system the path lies on, as far as /proc tells."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8").splitlines()
    except OSError:
        return "unknown"
    best = ("", "unknown")
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        if path.resolve().is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def describe() -> dict[str, Any]:
    """The machine, as it stands beside every figure."""
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    with folder() as path:
        disk = filesystem(path)
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("uvloop", "pydantic", "msgpack", "msgspec", "aiohttp")},
        "disk": disk,
        "load_before": os.getloadavg()[0],
    }


class Process:
    """A process, of Python unless ``program`` says otherwise; ours print a line of JSON when they are ready. Use it as a
    context manager.
    """

    def __init__(
        self,
        args: Sequence[str],
        core: int | None,
        env: Mapping[str, str] | None = None,
        program: str = sys.executable,
    ) -> None:
        self.child = subprocess.Popen(
            [program, *args],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if core is not None:
            os.sched_setaffinity(self.child.pid, {core})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def line(self) -> dict[str, Any]:
        """The next line that it prints, read as JSON."""
        assert self.child.stdout is not None
        text = self.child.stdout.readline()
        if not text:
            raise RuntimeError(f"{self.child.args!r} ended without its line: {self.child.wait(STOP_S)}")
        found: dict[str, Any] = json.loads(text)
        return found

    def stop(self) -> None:
        """Ask it to end, wait, and kill it when it does not."""
        self.child.terminate()
        try:
            self.child.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.communicate()

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far, 0.0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.child.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Memory that it holds now (RSS)."""
        for line in Path(f"/proc/{self.child.pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the system does not tell the memory of a process")
