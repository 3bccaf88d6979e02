"""The client under test: a process that is asked by lines of JSON on its standard input and answers on its standard output.

The rule: one line is asked, one line is answered, one after the other; an answer that does not come, is no JSON, or lacks
what it must say is the client's failure and not the scenario's. docs/reference/conformance.md is the page for whoever
writes a driver.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fiscal.errors import FiscalError

LINE_MAX: Final = 65_536
"""Bytes of an answer: a receipt in JSON has some hundreds."""
START_S: Final = 20.0
"""For the process to start and to answer ``about``: runtimes that warm up slowly are no fault of a register."""
STOP_S: Final = 10.0
"""For the process to end when its standard input does."""
ANSWER_BEYOND_S: Final = 10.0
"""For an answer beyond the client's own limit; a sale that takes so long is no sale any more."""
COMPLAINTS_MAX: Final = 4_000
"""Characters of standard error that a report shows, the last ones."""

UTF8_MAX: Final = 4
"""Bytes of a character in UTF-8."""


class ClientFailed(FiscalError):
    """The client under test did not keep to the line protocol, or is no more."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the client. ``took_s`` is how long it took; ``error`` is empty when the client did what was asked."""

    fields: Mapping[str, Any]
    took_s: float
    error: str = ""
    text: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the client did what was asked."""
        return not self.error

    @property
    def is_autonomous(self) -> bool:
        """Whether a paper was issued without the operator, or the register works so."""
        return self.fields.get("autonomous") is True

    @property
    def sign(self) -> str | None:
        """The operator's fiscal sign."""
        sign = self.fields.get("sign")
        return None if sign is None else str(sign)

    @property
    def autonomous_sign(self) -> int | None:
        """The register's own sign."""
        sign = self.fields.get("autonomous_sign")
        return None if sign is None else int(sign)

    @property
    def is_blocked(self) -> bool:
        """Whether the register says that it sells nothing, or that somebody has to look."""
        return self.fields.get("blocked") is True

    @property
    def unsent(self) -> int:
        """How many documents wait for the operator."""
        return int(self.fields.get("unsent", 0))


class Client:
    """One process. :meth:`start`, :meth:`ask`, and in the end :meth:`stop` or :meth:`kill`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, limit_s: float) -> None:
        self.offers: frozenset[str] = frozenset()
        """What the client can do beyond what it must."""
        self.name = ""
        self._command = command
        self._environment = {**os.environ, **environment}
        self._log = log
        self._limit_s = limit_s
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, and ask it about itself. :class:`ClientFailed` when nothing comes of it."""
        with self._log.open("ab") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    env=self._environment,
                    limit=LINE_MAX,
                    start_new_session=True,
                )
            except OSError as error:
                raise ClientFailed(f"{self._command[0]} cannot be started: {error.strerror}") from None
        about = await self.ask({"do": "about"}, START_S)
        if not about.is_ok:
            raise ClientFailed(f"about was answered with {about.error}: {about.text}")
        offers = about.fields.get("offers", [])
        if not isinstance(offers, list):
            raise ClientFailed(f"about: offers must be a list, is {offers!r}")
        self.offers = frozenset(map(str, offers))
        self.name = str(about.fields.get("client", ""))

    async def ask(self, request: Mapping[str, Any], limit_s: float | None = None) -> Said:
        """One line there, one line back. :class:`ClientFailed` for everything that is no answer."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await self.say(request)
        limit_s = self._limit_s + ANSWER_BEYOND_S if limit_s is None else limit_s
        try:
            async with asyncio.timeout(limit_s):
                line = await self._line()
        except TimeoutError:
            raise ClientFailed(f"{request['do']} was not answered within {limit_s:g} s") from None
        return _read(line, str(request["do"]), loop.time() - begun)

    async def say(self, request: Mapping[str, Any]) -> None:
        """One line there; nobody waits for the one back."""
        process = self._running()
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        with suppress(ConnectionError):  # that it has ended shows when it does not answer
            await process.stdin.drain()

    async def _line(self) -> bytes:
        process = self._running()
        assert process.stdout is not None, "it is a pipe"
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                raise ClientFailed(f"a line of more than {LINE_MAX} bytes came") from None
            if not line:
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await process.wait()
                raise ClientFailed(f"the client has ended{_how(process.returncode)}{self.complaints()}")
            if line.strip():
                return line

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise ClientFailed("the client does not run")
        return self._process

    async def stop(self) -> None:
        """Close its standard input, and let it end in good order; :class:`ClientFailed` when it does not."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None, "it is a pipe"
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            await self.kill()
            raise ClientFailed(f"the client did not end within {STOP_S:g} s of the end of its input") from None
        self._process = None

    async def kill(self) -> None:
        """As by a power cut: nothing is said, nothing is finished."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # a group of its own: whatever the command has started goes too
        await process.wait()

    def complaints(self) -> str:
        """The end of what the client wrote to standard error, for a report."""
        try:
            with self._log.open("rb") as log:
                log.seek(-min(log.seek(0, os.SEEK_END), COMPLAINTS_MAX * UTF8_MAX), os.SEEK_END)
                text = log.read(COMPLAINTS_MAX * UTF8_MAX).decode("utf-8", "replace").strip()
        except OSError:
            return ""
        return f"; its standard error ends with:\n{text[-COMPLAINTS_MAX:]}" if text else ""


def _how(code: int | None) -> str:
    if code is None:
        return ""
    return f" by signal {-code}" if code < 0 else f" with code {code}"


_KINDS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "autonomous": ("true or false", lambda value: isinstance(value, bool)),
    "blocked": ("true or false", lambda value: isinstance(value, bool)),
    "unsent": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
}
_MUST_SAY: Final[Mapping[str, tuple[str, ...]]] = {
    "sell": ("autonomous",),
    "receipt": ("autonomous",),
    "z": ("autonomous",),
    "status": ("autonomous", "blocked", "unsent"),
}


def _read(line: bytes, what: str, took_s: float) -> Said:
    """The answer in a line; :class:`ClientFailed` with the rule when it is none."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise ClientFailed(f"{what} was answered with something that is no JSON: {line[:200]!r}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("ok"), bool):
        raise ClientFailed(f'{what} was answered without "ok": {line[:200]!r}')
    if not fields["ok"]:
        return Said(fields, took_s, str(fields.get("error") or "failed"), str(fields.get("text", "")))
    for name in _MUST_SAY.get(what, ()):
        rule, is_right = _KINDS[name]
        if not is_right(fields.get(name)):
            raise ClientFailed(f'{what}: "{name}" must be {rule}, is {fields.get(name)!r}')
    own = fields.get("autonomous_sign")
    if own is not None and (isinstance(own, bool) or not isinstance(own, int)):
        raise ClientFailed(f'{what}: "autonomous_sign" must be a whole number, is {own!r}')
    return Said(fields, took_s)
