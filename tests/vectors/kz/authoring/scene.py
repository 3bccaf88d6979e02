"""How a dialogue is written: each step is asked of a real operator at once, judged at once, and then recorded.

The rule: an author says what an answer has to mean before he has seen it. Bytes that mean anything else are not written
down, so a recording cannot be wrong silently.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fiscal.protocols.kz.codes import ROTATES
from fiscal.protocols.kz.frames import serialize_frame
from fiscal.protocols.kz.messages import request_type
from tests.vectors.kz.meaning import Judge
from tests.vectors.kz.play import DEFAULT_CONNECTION
from tests.vectors.kz.reading import look_into, parsed
from tests.vectors.kz.stage import Stage, stage

DEVICE: Final = 100500
TOKEN: Final = 123456789
CLOCK: Final = "2026-03-02T10:00:00+05:00"
SERVER: Final = {"kz_profile": "kazakhtelecom"}
"""Settings of most dialogues: the QR codes lead to a fixed address."""

Fields = dict[str, Any]


class NotAsMeant(AssertionError):
    """An answer means something else than the author said."""


@dataclass
class Scene:
    """One dialogue while it is written; ``token`` and ``number`` are the register's own, and go on by themselves."""

    name: str
    meaning: str
    version: int = 203
    server: Mapping[str, Any] = field(default_factory=lambda: SERVER)
    device: int = DEVICE
    token: int = TOKEN
    number: int = 0
    clock: str = CLOCK
    label: str = "first"
    steps: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first_token = self.token
        self.judge = Judge(self.token)
        self.now = datetime.fromisoformat(self.clock)
        self.at: Stage

    # ------------------------------------------------------------------------------------------------ requests

    async def ask(
        self,
        request: Fields | bytes,
        result: int = 0,
        *,
        note: str = "",
        connection: str = DEFAULT_CONNECTION,
        token: int | None = None,
        number: int | None = None,
        device: int | None = None,
        command: int | None = None,
        issues: str | None = None,
        piece: int = 0,
        ends: str = "",
        **expected: Any,
    ) -> Any:
        """One request and its answer, which has to have this result.

        ``token``, ``number`` and ``device`` are sent instead of the register's own; ``issues`` names the token of the
        answer where it is none that the rules make plain; the rest (``ticket``, ``fields``, ``contains``) is judged.
        """
        sent = self.token if token is None else token
        body, asked = self._body(request)
        data = self.framed(body, sent, number, device)
        expect = {"command": asked if command is None else command, "result": result, **expected}
        expect["token"] = self._token_expected(asked, result, sent) if issues is None else issues
        step = {"send": [data.hex()], **({"piece": piece} if piece else {})}
        await self.at.send(connection, data, piece)
        answer = await self._answer(connection, expect, is_own=device is None)
        self._record(note, connection, step | {"receive": [answer.hex()], "expect": [expect]}, ends)
        if ends:
            await self._closed(connection)
        return parsed(answer)[1]

    async def ask_together(
        self, requests: Sequence[Fields], connection: str = DEFAULT_CONNECTION, note: str = ""
    ) -> None:
        """Questions that change no token, in one segment; their answers in order."""
        frames = [self.framed(self._body(request)[0], self.token, None, None) for request in requests]
        await self.at.send(connection, b"".join(frames))
        expects = [{"command": request["command"], "result": 0, "token": self.label} for request in requests]
        answers = [await self._answer(connection, expect) for expect in expects]
        step = {"send": [data.hex() for data in frames], "receive": [answer.hex() for answer in answers]}
        self._record(note, connection, step | {"expect": expects})

    async def unanswered(self, request: Fields, connection: str = DEFAULT_CONNECTION, note: str = "") -> None:
        """A request that gets no answer; that none comes shows at the next answer, or at the end of the connection."""
        data = self.framed(self._body(request)[0], self.token, None, None)
        await self.at.send(connection, data)
        self._record(note, connection, {"send": [data.hex()], "receive": []})

    async def closed(self, data: bytes, connection: str = DEFAULT_CONNECTION, note: str = "") -> None:
        """Bytes on which the operator closes without a word."""
        await self.at.send(connection, data)
        self._record(note, connection, {"send": [data.hex()], "receive": []}, "closed")
        await self._closed(connection)

    async def lost(self, connection: str = DEFAULT_CONNECTION) -> None:
        """The connection is gone: what was answered last on it has not reached the register."""
        await self.at.cut(connection)
        self.steps.append({"note": "the connection breaks", "cut": connection})

    async def wait(self, seconds: int) -> None:
        self.at.wait(seconds)
        self.now += timedelta(seconds=seconds)
        self.steps.append({"wait_s": seconds})

    async def do(self, deed: str, **given: str) -> None:
        """What happens at the operator meanwhile."""
        what = {deed: {"device": str(self.device), **given}}
        await self.at.do(what)
        self.steps.append({"do": what})

    def framed(
        self, body: bytes, token: int | None = None, number: int | None = None, device: int | None = None
    ) -> bytes:
        """The next request of the chain, or one with a token or number of its own."""
        if number is None:
            self.number = number = self.number + 1
        token = self.token if token is None else token
        return serialize_frame(self.version, self.device if device is None else device, token, number, body)

    # ---------------------------------------------------------------------------------------------------- steps

    def _body(self, request: Fields | bytes) -> tuple[bytes, int]:
        if isinstance(request, bytes):
            return request, 127
        return request_type(self.version)(**request).SerializePartialToString(), request["command"]

    def _token_expected(self, command: int, result: int, sent: int) -> int | str:
        if result:
            return sent
        if command not in ROTATES:
            return self.label
        number = 1 + sum(name != "first" for name in self.judge.tokens.values)
        return f"token {number + 1}"

    async def _answer(self, connection: str, expect: Mapping[str, Any], *, is_own: bool = True) -> bytes:
        try:
            answer = await self.at.receive(connection)
        except EOFError as error:
            raise NotAsMeant(f"{self.name}, step {len(self.steps) + 1}: closed without an answer") from error
        header, message = parsed(answer)
        faults = self.judge.faults(expect, header.token, look_into(message))
        if faults:
            raise NotAsMeant(f"{self.name}, step {len(self.steps) + 1}: {'; '.join(faults)}")
        if is_own and not expect["result"] and isinstance(expect["token"], str):
            self.token, self.label = header.token, expect["token"]
        return answer

    async def _closed(self, connection: str) -> None:
        left = await self.at.rest(connection, end_first=False)
        if left:
            raise NotAsMeant(f"{self.name}, step {len(self.steps)}: {left.hex()} instead of a close")

    def _record(self, note: str, connection: str, step: dict[str, Any], ends: str = "") -> None:
        head = {"note": note} if note else {}
        where = {} if connection == DEFAULT_CONNECTION else {"connection": connection}
        self.steps.append(head | where | step | ({"ends": ends} if ends else {}))

    def written(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "meaning": self.meaning,
            "version": self.version,
            "first_token": self.first_token,
            "clock": self.clock,
            "server": dict(self.server),
            "steps": self.steps,
        }


Script = Callable[[Scene], Awaitable[None]]
SCRIPTS: Final[dict[str, Callable[[], Awaitable[dict[str, Any]]]]] = {}
"""Every dialogue by its name; a module of this folder adds its own when it is imported."""


def dialogue(meaning: str, **given: Any) -> Callable[[Script], Script]:
    """Makes a dialogue of a script; its name is the function's."""

    def added(script: Script) -> Script:
        name = script.__name__.replace("_", "-")
        assert name not in SCRIPTS, name
        server = {**SERVER, **given.get("server", {})}

        async def write() -> dict[str, Any]:
            scene = Scene(name, meaning, **{**given, "server": server})
            async with stage(scene.server, scene.clock) as scene.at:
                await script(scene)
            return scene.written()

        SCRIPTS[name] = write
        return script

    return added
