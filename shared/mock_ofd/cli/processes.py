"""``mock-ofd serve --processes N``: one process that starts N operators behind the same addresses, and keeps them running.

The rule: this process serves nobody. It takes the addresses, so that nobody else gets them and a free port stays the same
one; the kernel spreads connections among the operators (``SO_REUSEPORT``), the database of the ledger is what they share.
The first is started alone: what is wrong with the settings is said once. One that dies is started again, sooner or later;
the others go on.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import ExitStack, suppress
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import structlog
from pydantic import SecretStr

from fiscal.errors import ConfigurationError
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.signals import on_end
from ofd_server.config import OFF, ControlAccess, ServerSettings, format_address
from ofd_server.listening import AddressUnavailable, reserve

LISTENERS: Final = ("http", "native", "kz")
RESTART_MIN_S: Final = 0.5
"""Before a process that died is started again: a defect that every process dies of at once must not eat the machine."""
RESTART_MAX_S: Final = 30.0
"""The longest pause; each that follows a short life is twice as long as the one before."""
HEALTHY_S: Final = 60.0
"""A process that lived for so long died of something new."""
END_S: Final = 8.0
"""How long a process may take to end: it promises five seconds (ofd_server.app.STOP_S), and the machine may be busy."""
COMMAND: Final = (sys.executable, "-m", "mock_ofd.cli.worker")

log = structlog.get_logger(__name__)


class Ended(Exception):
    """A process ended before it was ready; it has said why on standard error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def supervise(settings: ServerSettings) -> int:
    """Run the processes until a signal comes; the exit code.

    Raises :class:`ConfigurationError` on a system that cannot spread connections, :class:`AddressUnavailable`.
    """
    if sys.platform != "linux":
        raise ConfigurationError(
            f"processes: only Linux spreads connections among processes, this is {sys.platform}: start one process"
        )
    stop = asyncio.Event()
    on_end(stop.set)
    with ExitStack() as held:
        addresses = _reserved(settings, held)
        folder = held.enter_context(TemporaryDirectory(prefix="mock-ofd-"))
        processes = Processes(_line_of(settings, addresses), Path(folder), settings.processes, stop)
        return await processes.run()


def _reserved(settings: ServerSettings, held: ExitStack) -> dict[str, str]:
    """Every address with its port, ours until ``held`` is closed. A default one of Kazakhstan may be taken (see app)."""
    found: dict[str, str] = {}
    for name in LISTENERS:
        address = getattr(settings, name)
        try:
            taken = reserve(name, address)
        except AddressUnavailable:
            if name != "kz" or "kz" in settings.model_fields_set:
                raise
            log.warning("the Kazakhstan protocol is not served: its default address is taken", kz=address)
            taken = None
        if taken is not None:
            held.callback(taken.close)
            address = format_address(*taken.getsockname()[:2])
        found[name] = OFF if taken is None else address
    return found


def _line_of(settings: ServerSettings, addresses: dict[str, str]) -> bytes:
    """What each process is told: the settings, with the addresses as they are now, and without what is of one process."""
    values: dict[str, Any] = {**settings.model_dump(exclude_unset=True), **addresses, "control": ControlAccess.OFF}
    values.pop("processes", None)
    return json.dumps(values, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value.value if isinstance(value, Enum) else str(value)


class Processes:
    """The operators: ``line`` is what each is told, ``folder`` where they meet."""

    def __init__(self, line: bytes, folder: Path, count: int, stop: asyncio.Event) -> None:
        self._line = line
        self._folder = folder
        self._count = count
        self._stop = stop
        self._alive: dict[int, Process] = {}

    async def run(self) -> int:
        """Start them, say so, keep them running; end them when ``stop`` is set."""
        starting = asyncio.ensure_future(self._start_all())
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await self._end()
            return Exit.OK
        try:
            ready = starting.result()
        except Ended as ended:
            stopping.cancel()
            await self._end()
            return ended.code
        sys.stdout.write(json.dumps(ready, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        keeping = [asyncio.ensure_future(self._keep(index)) for index in range(self._count)]
        await stopping
        for task in keeping:
            task.cancel()
        return await self._end()

    async def _start_all(self) -> dict[str, Any]:
        """The ready line of all; :class:`Ended` when one of them could not be started."""
        ready = await self._start(0)
        await asyncio.gather(*(self._start(index) for index in range(1, self._count)))
        return {**ready, "processes": self._count}

    async def _start(self, index: int) -> dict[str, Any]:
        """Start one and wait until it is ready; :class:`Ended`."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, str(index), str(self._folder), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        self._alive[index] = process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(ConnectionError):  # it may have died already
            process.stdin.write(self._line)
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise Ended(await process.wait() or Exit.FAILED)
        ready: dict[str, Any] = json.loads(line)
        return ready

    async def _keep(self, index: int) -> None:
        """Start it again whenever it dies."""
        loop = asyncio.get_running_loop()
        pause = RESTART_MIN_S
        begun = loop.time()
        while True:
            code = await self._alive[index].wait()
            if loop.time() - begun > HEALTHY_S:
                pause = RESTART_MIN_S
            log.error("a process died and is started again", worker=index, code=code, after_s=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, RESTART_MAX_S)
            begun = loop.time()
            with suppress(Ended, OSError):  # it is tried again
                await self._start(index)
                log.info("a process was started again", worker=index, pid=self._alive[index].pid)

    async def _end(self) -> int:
        """Let every process finish what it is at; the first exit code that is not 0."""
        for process in self._alive.values():
            with suppress(ProcessLookupError):
                process.terminate()
        codes = await asyncio.gather(*(self._ended(*one) for one in self._alive.items()))
        return next((code for code in codes if code), Exit.OK)

    async def _ended(self, index: int, process: Process) -> int:
        try:
            async with asyncio.timeout(END_S):
                return await process.wait()
        except TimeoutError:
            log.warning("a process did not end in time and is killed", worker=index, seconds=END_S)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            return Exit.FAILED
