"""The processes of the registers, seen from their parent.

The rule: a process lives as long as somebody holds the other end of its standard input, so none outlives this one,
however this one ends. What a process says is handed to ``heard``; an end that nobody asked for is a message like any
other, :class:`~mock_ofd.demo.wire.Finished` with an error.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mock_ofd.demo.wire import Assignment, Finished, Message, Stop, decode, encode

MODULE: Final = "mock_ofd.demo.register_process"
LAST_WORDS: Final = 3
"""Lines of a traceback that an error repeats: where it happened, the line of code, and what."""

Heard = Callable[[int, Message], None]


class Crewman:
    """One register's process: :meth:`start`, :meth:`assign`, :meth:`say`; then :meth:`stop`, or :meth:`kill`."""

    def __init__(self, number: int, log: Path, heard: Heard) -> None:
        self.number = number
        self.lives = 0
        """How many processes it took."""
        self._log = log
        self._heard = heard
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._end_expected = False

    async def start(self) -> None:
        """Start the process; it imports what it needs, and waits for its assignment."""
        self._end_expected = False
        self.lives += 1
        creating = asyncio.create_task(self._create())
        try:
            self._process = await asyncio.shield(creating)
        except asyncio.CancelledError:
            process = await creating
            process.kill()
            await process.communicate()
            raise
        self._listening = asyncio.create_task(self._listen(self._process))

    async def _create(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C is for the parent, which tells the others.
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def assign(self, assignment: Assignment) -> None:
        """Tell the process who it is."""
        self.say(assignment)

    def say(self, message: Message) -> None:
        """Tell the process something; one that is gone hears nothing."""
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            with suppress(OSError):
                process.stdin.write(encode(message))

    async def kill(self) -> None:
        """End the process where it stands, as a power cut would (SIGKILL)."""
        self._end_expected = True
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._gone()

    async def stop(self, grace_s: float) -> None:
        """Ask the process to end, and end it when it does not."""
        self._end_expected = True
        self.say(Stop())
        try:
            async with asyncio.timeout(grace_s):
                await self._gone()
        except TimeoutError:
            await self.kill()

    async def _gone(self) -> None:
        if self._process is not None and self._listening is not None:
            await self._process.wait()
            await asyncio.wait([self._listening])

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "a pipe was asked for"
        while line := await process.stdout.readline():
            self._heard(self.number, decode(line))
        code = await process.wait()
        if not self._end_expected:
            words = last_words(self._log.read_text(encoding="utf-8", errors="replace"))
            self._heard(self.number, Finished(f"its process ended by itself with code {code}: {words}".rstrip(": ")))


def last_words(log: str) -> str:
    """The end of what a process wrote to its log, on one line."""
    lines = [line.strip() for line in log.splitlines() if line.strip(" ^~")]
    return ": ".join(lines[-LAST_WORDS:])
