"""The generators of a run, seen from the run: started, told, listened to, ended.

The rule: each is a process of its own and is ended by its id. What it says is handed on; that it is gone without a word
is an error, and says so in its own last words.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mock_ofd.load.result import LoadFailed
from mock_ofd.load.talk import End, Failed, Message, Order, Stop, decode, encode

STOP_S: Final = 10.0
"""How long a generator may take to say what it has, when it is stopped."""
LINE_MAX: Final = 16 * 1024 * 1024
"""Bytes of a line: the counts of a million registers."""
LAST_WORDS: Final = 3


class Generator:
    """One of them; ``heard`` gets each message, ``ended`` is called when there will be none."""

    def __init__(
        self, order: Order, folder: Path, heard: Callable[[Generator, Message], None], ended: Callable[[], None]
    ) -> None:
        self.order = order
        self.end: End | None = None
        self.failed: str | None = None
        self._heard = heard
        self._ended = ended
        self._log = folder / f"{order.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """It begins to make its documents."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "mock_ofd.load.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_MAX,
                start_new_session=True,  # Ctrl-C is for the run, which tells the others
            )
        self._listening = asyncio.create_task(self._listen(self._process))
        self._listening.add_done_callback(lambda _task: self._ended())
        self.say(self.order)

    def say(self, message: Message) -> None:
        """Tell it something; one that is gone hears nothing."""
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            with suppress(OSError):
                process.stdin.write(encode(message))

    async def stop(self) -> None:
        """Let it say what it has, and end it when it does not."""
        self.say(Stop())
        await self.gone(STOP_S)

    async def gone(self, within_s: float) -> None:
        """Wait until it has ended; kill it after so long."""
        if self._process is None or self._listening is None:
            return
        await asyncio.wait([self._listening], timeout=within_s)
        if self._process.stdin is not None:
            self._process.stdin.close()
        if not self._listening.done():
            with suppress(ProcessLookupError):
                self._process.kill()
            await asyncio.wait([self._listening])

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "a pipe was asked for"
        while line := await process.stdout.readline():
            message = decode(line)
            if isinstance(message, End):
                self.end = message
            elif isinstance(message, Failed):
                self.failed = message.text
            self._heard(self, message)
        code = await process.wait()
        if self.end is None and self.failed is None:
            lines = self._log.read_text("utf-8", "replace").splitlines()
            words = ": ".join(lines[-LAST_WORDS:]) or "it said nothing"
            self.failed = f"a generator ended by itself with code {code}: {words}"
            self._heard(self, Failed(text=self.failed))

    def check(self) -> None:
        """:class:`LoadFailed` when it could not go on."""
        if self._listening is not None and self._listening.done():
            self._listening.result()
        if self.failed is not None:
            raise LoadFailed(self.failed)


__all__ = ["Generator"]
