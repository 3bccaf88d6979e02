"""Clients that are forked from one process that has read all modules: a start takes some ms, and not a second of a core.

The rule: what is forked is a process of its own like any other, with its own session, environment, pipes and log, and has
done nothing but import; whoever starts it sees what :func:`asyncio.create_subprocess_exec` would give him. That the
commands do the same when they are started is proven beside, by test_nursery.py.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final
from unittest.mock import patch

ROOT: Final = Path(__file__).parents[3]
MESSAGE_MAX: Final = 1 << 17
"""Bytes of what is told between the two: the environment of a client is the longest, some kilobytes."""
WHEN_NEEDED: Final = (
    "fiscal.protocols.kz.schema.v203.kkm_pb2", "fiscal.protocols.kz.soundness", "pydantic.fields", "importlib.metadata",
    "importlib.resources.readers",
)  # fmt: skip
"""What our own register reads only when it speaks the protocol of Kazakhstan, or opens its memory."""
READY_S: Final = 60.0
"""For the modules to be read, on a machine that has other things to do."""


class Born:
    """A client that was forked: as much of :class:`asyncio.subprocess.Process` as the conductor of a client uses."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.pid = 0
        self.returncode: int | None = None
        self.is_begun = asyncio.Event()
        self._ended = asyncio.Event()

    def begun(self, pid: int) -> None:
        self.pid = pid
        self.is_begun.set()

    def ended(self, code: int) -> None:
        self.returncode = code
        self.stdin.close()
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode


class Nursery:
    """The process that forks, seen from the tests."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._one_by_one = asyncio.Lock()
        self._unborn: deque[Born] = deque()
        """In the order in which they were asked for, also those that nobody waits for any more."""
        self._alive: dict[int, Born] = {}
        self._pipes: list[asyncio.BaseTransport] = []

    async def ready(self) -> None:
        """Until its modules are read; from then on it is heard."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(READY_S):
            assert await loop.sock_recv(self._link, MESSAGE_MAX) == b"ready", "it told on its standard error why"
        loop.add_reader(self._link, self._hear)

    def close(self) -> None:
        """Nobody is forked any more, and no pipe outlives the loop: that a client has ended may be heard before its last word."""
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()
        for pipe in self._pipes:
            pipe.close()

    def _hear(self) -> None:
        pid, code = json.loads(self._link.recv(MESSAGE_MAX))
        if code is not None:
            self._alive.pop(pid).ended(code)
        else:
            born = self._alive[pid] = self._unborn.popleft()
            born.begun(pid)

    async def start(self, *command: str, stderr: IO[bytes], env: dict[str, str], limit: int) -> Born:
        """A client of this command, forked."""
        loop = asyncio.get_running_loop()
        its_in, our_out = os.pipe()
        our_in, its_out = os.pipe()
        try:
            sending, flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(our_out, "wb", 0))
            reader = asyncio.StreamReader(limit=limit)
            reading, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_in, "rb", 0)
            )
            self._pipes += (sending, reading)
            born = Born(asyncio.StreamWriter(sending, flow, None, loop), reader)
            async with self._one_by_one:
                self._unborn.append(born)
                told = json.dumps([command, env]).encode()
                socket.send_fds(self._link, [told], [its_in, its_out, stderr.fileno()])
                await born.is_begun.wait()
        finally:
            os.close(its_in)
            os.close(its_out)
        return born


@asynccontextmanager
async def nursery(*forked: tuple[str, ...]) -> AsyncIterator[Nursery]:
    """As long as it is entered, the commands that begin with one of these are forked; all others start as ever."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    path = os.pathsep.join((str(ROOT), str(ROOT / "shared"), os.environ.get("PYTHONPATH", "")))
    words = [sys.executable, __file__, str(there.fileno()), json.dumps(forked)]
    as_ever = asyncio.create_subprocess_exec
    process = await as_ever(*words, pass_fds=[there.fileno()], env={**os.environ, "PYTHONPATH": path})
    there.close()
    here.setblocking(False)
    made = Nursery(here)

    async def start(*command: str, stderr: Any, env: Any, limit: int, **usual: Any) -> Any:
        if any(command[: len(each)] == each for each in forked):
            return await made.start(*command, stderr=stderr, env=env, limit=limit)
        return await as_ever(*command, stderr=stderr, env=env, limit=limit, **usual)

    try:
        await made.ready()
        with patch.object(asyncio, "create_subprocess_exec", start):
            yield made
    finally:
        made.close()
        await process.wait()


# ------------------------------------------------------------------------------------------------ the process that forks


def become(command: Sequence[str], env: dict[str, str], files: Sequence[int]) -> int:
    """Be this command, to its end; its exit code."""
    os.setsid()
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    _python, *words = command
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        return 1
    return 0


def read_modules(commands: Sequence[Sequence[str]]) -> None:
    """Import what they import, and begin nothing of it."""
    for _python, *words in commands:
        if words[0] == "-m":
            import_module(words[1])
        else:
            runpy.run_path(words[0], run_name="read")
    for name in WHEN_NEEDED:
        import_module(name)
    gc.collect()
    gc.freeze()


def serve(link: socket.socket) -> None:
    """Fork for whoever asks, and tell who ended how, until nobody listens any more."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    link.send(b"ready")
    while True:
        ready, _, _ = select.select([link.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, MESSAGE_MAX)
            with suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    link.send(json.dumps([ended[0], os.waitstatus_to_exitcode(ended[1])]).encode())
        if link.fileno() not in ready:
            continue
        asked, files, _, _ = socket.recv_fds(link, MESSAGE_MAX, 3)
        if not asked:
            return
        command, env = json.loads(asked)
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (link.detach(), woken, wake):
                os.close(each)
            code = become(command, env, files)
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
        for each in files:
            os.close(each)
        link.send(json.dumps([pid, None]).encode())


if __name__ == "__main__":
    read_modules(json.loads(sys.argv[2]))
    with suppress(BrokenPipeError), socket.socket(fileno=int(sys.argv[1])) as tests:
        serve(tests)
