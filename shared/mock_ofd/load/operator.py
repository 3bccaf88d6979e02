"""The operator of a run: one that is started for it, as a shop would run it, or one that is there already.

The rule: it is a process of its own, ended by its id; what it used is read from /proc, and is ``None`` elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from mock_ofd.load.result import LoadFailed, ServerCost
from mock_ofd.load.scenario import Policy, Scenario

READY_S: Final = 60.0
"""How long it may take to be ready: a ledger of ten million documents is opened in less."""
STOP_S: Final = 30.0
"""How long it may take to end before it is killed: twice what its last commit and its snapshots take on a slow disk."""
LAST_WORDS: Final = 3


class Operator:
    """``mock-ofd serve`` for this scenario, with its ledger in ``data``."""

    def __init__(self, scenario: Scenario, data: Path, log: Path) -> None:
        self.host, self.port = "", 0
        self.http = ""
        """HOST:PORT of its HTTP interface, once it is ready."""
        self._scenario = scenario
        self._data = data
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._used_before = 0.0

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None, "it was started"
        return self._process.pid

    def _options(self) -> list[str]:
        scenario, protocol = self._scenario, self._scenario.protocol.value
        options = ["--log-level", "error"]
        for name in ("native", "kz", "http"):
            # HTTP also tells what waited ahead of the commit.
            options += [f"--{name}", "127.0.0.1:0" if name in (protocol, "http") else "off"]
        room = max(int(scenario.registers * 1.1) + 100, 20_000)
        options += [f"--{protocol}-connections", str(room)]
        if scenario.storage is None:
            options += ["--data", str(self._data)]
        return [*options, "--admission", "paced" if scenario.policy is Policy.PACED else "none"]

    def _environment(self) -> dict[str, str]:
        """Whoever lists the processes of a machine reads command lines, and an address may hold a password."""
        storage = self._scenario.storage
        return dict(os.environ) if storage is None else {**os.environ, "MOCK_OFD_STORAGE": storage}

    async def start(self) -> None:
        """Until it is ready; :class:`LoadFailed` with its last words when it does not get so far."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "mock_ofd.cli.operator_process", *self._options()),
                stdin=asyncio.subprocess.PIPE,  # held open: see mock_ofd.cli.operator_process
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the run, which ends this when its registers have gone
                env=self._environment(),
            )
        assert self._process.stdout is not None, "a pipe was asked for"
        try:
            async with asyncio.timeout(READY_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            await self.stop()
            raise LoadFailed(f"the operator did not start: {self._last_words()}")
        ready = json.loads(line)
        self.http = ready["http"]
        address = ready[self._scenario.protocol.value]
        self.host, _, port = address.rpartition(":")
        self.port = int(port)

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.exists() else []
        return ": ".join(lines[-LAST_WORDS:]) or "it said nothing"

    async def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.communicate()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    def mark(self) -> None:
        """From here on its processor time counts."""
        self._used_before = _cpu_s(self.pid) or 0.0

    def cost(self) -> ServerCost | None:
        """What it used since :meth:`mark`, and the most memory that it ever held."""
        used, most = _cpu_s(self.pid), _peak_mb(self.pid)
        if used is None or most is None:
            return None
        return ServerCost(cpu_s=used - self._used_before, rss_max_mb=most)


def _cpu_s(pid: int) -> float | None:
    try:
        words = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmHWM:")), None)


__all__ = ["Operator"]
