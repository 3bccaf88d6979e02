"""A small register of its own making, over the native protocol, that can be told to have a defect.

Without one it passes every scenario, and shares no line with the product: it is written from the pages
docs/reference/native-protocol.md and docs/reference/conformance.md alone. Each defect is what a hurried programmer would
write. ``python shaky_client.py [DEFECT]``.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import struct
import sys
import time
from pathlib import Path
from typing import Any

import msgpack

HEADER = struct.Struct(">4sBBHII")
HELLO, DOCUMENT, PERIOD = 1, 2, 3
WELCOME, ACCEPTED, REFUSED, TRY_LATER, BLOCKED = 0x81, 0x82, 0x83, 0x84, 0x85
PASSING = ("superseded", "hello_first")
DENIED = ("wrong_token", "unknown_register")
DAY_MS = 24 * 3_600_000
CAP_S = 30.0


class Lost(Exception):
    """No connection, a broken one, or something that is no answer."""


class Late(Exception):
    """No answer within the limit."""


class Held(Exception):
    """The operator blocks the register, or does not take its token."""


class Defects:
    clock_ms = 0
    breaker_until = 0.0

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def __contains__(self, name: str) -> bool:
        return name in self.names


class Till:
    def __init__(self, defects: Defects, given: dict[str, str]) -> None:
        self.defects = defects
        self.given = given
        self.limit_s = int(os.environ["OFD_ANSWER_LIMIT_MS"]) / 1000
        if "waits-longer" in defects:
            self.limit_s *= 3
        if "gives-up-early" in defects:
            self.limit_s *= 0.4
        self.retry_s = int(os.environ["OFD_RETRY_MS"]) / 1000
        self.file = Path(given["folder"]) / "state.json"
        self.state: dict[str, Any] = {
            "number": 0, "shift": 0, "opened_at": None, "own": 0, "period": 0, "accepted": 0, "accepted_shift": 0,
            "open_period": None, "stuck": False, "docs": [],
        }  # fmt: skip
        if self.file.exists():
            self.state = json.loads(self.file.read_text())
        if "signs-from-one" in defects:
            self.state["own"] = 0
        if "numbers-from-one" in defects:
            self.state["number"] = 0
        if "stays-in-progress" in defects:
            for doc in self.state["docs"]:
                if doc["sending"]:
                    doc["forgotten"] = True
        self.held = False
        self.lane = asyncio.Lock()
        self.wake = asyncio.Event()
        self.not_before = 0.0
        self.hint_until = 0.0
        self.attempts = 0
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.rest = b""
        self.requests = 0
        self.connected = False
        self.background = asyncio.get_running_loop().create_task(self.deliver())

    # ------------------------------------------------------------------------------------------------- memory

    def save(self) -> None:
        if "queue-in-memory" in self.defects and self.queue and self.queue[-1]["own"] is not None:
            return
        new = self.file.with_suffix(".new")
        with new.open("w") as file:
            json.dump(self.state, file)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.file)

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + Defects.clock_ms

    @property
    def queue(self) -> list[dict[str, Any]]:
        return [doc for doc in self.state["docs"] if not doc["done"] and not doc.get("forgotten")]

    @property
    def alone(self) -> bool:
        if "online-when-connected" in self.defects and self.connected:
            return False
        return bool(self.queue)

    def issue(self, kind: str, key: str | None = None, **content: Any) -> dict[str, Any]:
        state, now = self.state, self.now()
        state["number"] += 1
        if state["opened_at"] is None:
            state["shift"] += 1
            state["opened_at"] = now
        body = {
            "kind": kind,
            "id": (state["number"].to_bytes(8, "big") + os.urandom(8)).hex(),
            "number": state["number"],
            "shift": state["shift"],
            "issued_at": now,
            "cashier": {"code": 1, "name": "Cashier"},
            **content,
        }
        doc = {
            "key": key, "content": body, "sign": None, "own": None, "autonomous": False, "period": None, "done": False,
            "sending": False,
        }  # fmt: skip
        if kind == "close_shift":
            body["opened_at"], body["counters"] = state["opened_at"], {}
            state["opened_at"] = None
        state["docs"].append(doc)
        return doc

    def make_autonomous(self, doc: dict[str, Any]) -> None:
        if doc["autonomous"]:
            return
        state = self.state
        doc["autonomous"] = True
        if state["open_period"] is None:
            state["period"] += 1
            state["open_period"] = {"number": state["period"], "begin": doc["content"]["issued_at"], "end": None}
        doc["period"] = state["period"]
        if doc["content"]["kind"] == "receipt":
            state["own"] += 1
            doc["own"] = state["own"]
            if "signs-of-the-clock" in self.defects:
                second = self.now() // 1000 % 100_000_000
                state["in_second"] = state.get("in_second", 0) + 1 if state.get("second") == second else 0
                state["second"] = second
                doc["own"] = second * 20 + state["in_second"]
        self.save()

    # --------------------------------------------------------------------------------------------------- wire

    def drop(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None
        self.connected = False

    async def connect(self, until: float) -> None:
        if self.writer is not None and not (self.reader is not None and self.reader.at_eof()):
            return
        if "stale-connection" in self.defects and self.writer is not None:
            raise Lost
        self.drop()
        try:
            opening = asyncio.open_connection(self.given["host"], int(self.given["port"]))
            self.reader, self.writer = await asyncio.wait_for(opening, max(0.01, until - time.monotonic()))
        except OSError as error:
            if "fails-when-refused" in self.defects and isinstance(error, ConnectionRefusedError):
                raise RuntimeError("connection refused") from None
            raise Lost from error
        self.rest, self.requests = b"", 0
        state = self.state
        greeting = {
            "register": self.given["register"], "token": self.given["token"], "software": "shaky",
            "last_number": state["number"], "last_shift": state["shift"],
            "accepted_number": state["accepted"], "accepted_shift": state["accepted_shift"],
        }  # fmt: skip
        if "waits-for-greeting" in self.defects:
            until = time.monotonic() + 60
        kind, fields = await self.ask(HELLO, greeting, until)
        if kind == BLOCKED and "sells-when-blocked" in self.defects:
            raise Lost
        if kind == BLOCKED or (kind == REFUSED and fields["code"] in DENIED):
            self.drop()
            raise Held
        if kind != WELCOME:
            raise Lost
        self.connected = True
        self.held = False

    def send(self, kind: int, fields: dict[str, Any]) -> int:
        assert self.writer is not None
        self.requests += 1
        body = msgpack.packb(fields)
        self.writer.write(HEADER.pack(b"MOFD", 1, 0, kind, len(body), self.requests) + body)
        return self.requests

    async def ask(self, kind: int, fields: dict[str, Any], until: float) -> tuple[int, dict[str, Any]]:
        number = self.send(kind, fields)
        return await self.answer(number, until)

    async def answer(self, number: int, until: float) -> tuple[int, dict[str, Any]]:
        try:
            while True:
                while len(self.rest) < HEADER.size or len(self.rest) < self.size():
                    assert self.reader is not None
                    wait = self.limit_s if "limit-per-read" in self.defects else max(0.0, until - time.monotonic())
                    data = await asyncio.wait_for(self.reader.read(4096), wait)
                    if not data:
                        if "half-is-enough" in self.defects and len(self.rest) >= HEADER.size:
                            return ACCEPTED, {"number": self.state["number"]}
                        raise Lost
                    self.rest += data
                    if "first-read" in self.defects and len(self.rest) < HEADER.size:
                        raise Lost
                size = self.size()
                frame, self.rest = self.rest[:size], self.rest[size:]
                _, _, _, kind, _, found = HEADER.unpack(frame[: HEADER.size])
                if found == number or "any-answer" in self.defects or "next-answer" in self.defects:
                    return kind, msgpack.unpackb(frame[HEADER.size :])
        except TimeoutError:
            raise Late from None
        except OSError as error:
            if "half-is-enough" in self.defects and len(self.rest) >= HEADER.size:
                return ACCEPTED, {"number": self.state["number"]}
            if "reset-is-sent" in self.defects and self.connected and number > 1:
                return ACCEPTED, {"number": self.state["number"]}
            raise Lost from error

    def size(self) -> int:
        magic, _, _, _, length, _ = HEADER.unpack(self.rest[: HEADER.size])
        if magic != b"MOFD":
            if "dies-of-garbage" in self.defects:
                os._exit(3)
            raise Lost
        return HEADER.size + int(length)

    def message(self, doc: dict[str, Any]) -> dict[str, Any]:
        content = dict(doc["content"])
        if "z-at-delivery" in self.defects and content["kind"] == "close_shift" and doc["autonomous"]:
            content["issued_at"] = self.now()
        content["id"] = bytes.fromhex(content["id"])
        message: dict[str, Any] = {"content": msgpack.packb(content)}
        if doc["autonomous"] and "without-mark" not in self.defects:
            message["delivery"] = {"autonomous": True, "period": doc["period"]}
            if doc["own"] is not None:
                message["delivery"]["autonomous_sign"] = doc["own"]
        return message

    # ------------------------------------------------------------------------------------------------ delivery

    async def submit(self, doc: dict[str, Any], until: float) -> None:
        """Send a document, and keep what the operator says to it."""
        if doc["sending"] and "new-number" in self.defects:
            self.state["number"] += 1
            doc["content"]["number"] = self.state["number"]
            doc["content"]["id"] = (self.state["number"].to_bytes(8, "big") + os.urandom(8)).hex()
        if doc["sending"] and "new-time" in self.defects:
            doc["content"]["issued_at"] = self.now()
        doc["sending"] = True
        self.save()
        await self.take(doc, *await self.ask(DOCUMENT, self.message(doc), until))

    async def take(self, doc: dict[str, Any], kind: int, fields: dict[str, Any]) -> None:
        if kind == ACCEPTED:
            if fields["number"] != doc["content"]["number"] and "next-answer" not in self.defects:
                raise Lost
            Defects.breaker_until = 0.0
            doc["done"], doc["sign"] = True, fields.get("sign")
            self.state["accepted"], self.state["accepted_shift"] = doc["content"]["number"], doc["content"]["shift"]
            self.save()
        elif kind == TRY_LATER:
            if "ignores-hints" not in self.defects:
                self.hint_until = time.monotonic() + fields["delay_ms"] / 1000
            raise Lost
        elif kind == BLOCKED or (kind == REFUSED and fields["code"] in DENIED):
            if "sells-when-blocked" in self.defects and kind == BLOCKED:
                raise Lost
            if "drops-when-denied" in self.defects and kind == REFUSED:
                doc["done"] = True
                self.make_autonomous(doc)
                return
            self.drop()
            raise Held
        elif kind == REFUSED:
            passing = fields["code"] in PASSING
            if "reads-error-text" in self.defects and fields.get("text"):
                passing = "timed out" in fields["text"]
            if passing:
                raise Lost
            if "drops-refused" in self.defects:
                doc["done"] = True
                return
            self.state["stuck"] = True
            self.save()
        else:
            raise Lost

    async def deliver(self) -> None:
        """The background: bring the queue to the operator, now and again."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while (self.queue and not self.state["stuck"]) or self.held:
                pause = max(self.not_before, self.hint_until) - time.monotonic()
                if pause > 0:
                    try:
                        await asyncio.wait_for(self.wake.wait(), pause)
                        self.wake.clear()
                    except TimeoutError:
                        pass
                    continue
                async with self.lane:
                    await self.turn()

    async def turn(self) -> None:
        try:
            await self.drain()
        except (Lost, Late):
            self.drop()
            self.pause()
        except Held:
            self.drop()
            self.held = True
            self.pause()

    def pause(self) -> None:
        ceiling = min(CAP_S, self.retry_s * 2**self.attempts)
        self.attempts = min(self.attempts + 1, 10)
        wait = ceiling if "no-jitter" in self.defects else ceiling * random.uniform(0.3, 1)
        if "hammers" in self.defects:
            wait = random.uniform(0.01, 0.03)
        self.not_before = time.monotonic() + wait

    async def drain(self) -> None:
        until = time.monotonic() + self.limit_s
        await self.connect(until)
        state = self.state
        period = state["open_period"]
        if period is not None:
            if "no-duration" not in self.defects:
                end = max(period["begin"], self.now())
                told = {"number": period["number"], "begin": period["begin"], "end": end, "reason": "no_connection"}
                await self.ask(PERIOD, told, until)
            state["open_period"] = None
            self.save()
        queue = self.queue
        if "one-page" in self.defects:
            queue = [doc for doc in state["docs"][:100] if not doc["done"]]
        if "pipelines" in self.defects:
            numbers = [self.send(DOCUMENT, self.message(doc)) for doc in queue]
            for doc, number in zip(queue, numbers, strict=True):
                await self.take(doc, *await self.answer(number, until + len(queue)))
            return
        for doc in queue:
            if state["stuck"]:
                return
            try:
                await self.submit(doc, time.monotonic() + self.limit_s)
            except Lost:
                behind = queue[queue.index(doc) + 1 :]
                if "overtakes-in-backoff" not in self.defects or not behind:
                    raise
                await self.submit(behind[0], time.monotonic() + self.limit_s)
                raise
            self.attempts = 0

    # ---------------------------------------------------------------------------------------------- requests

    def told(self, doc: dict[str, Any]) -> dict[str, Any]:
        own = None if "no-own-sign" in self.defects else doc["own"]
        if doc["done"] and "forgets-own-sign" in self.defects:
            own = None
        return {"ok": True, "autonomous": doc["autonomous"], "autonomous_sign": own, "sign": doc["sign"]}

    async def sell(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "ignores-keys" not in self.defects:
            for doc in self.state["docs"]:
                if doc["key"] == asked["key"]:
                    return self.told(doc)
        refused = await self.refusal()
        if refused is not None:
            return refused
        price = asked["price"]
        doc = self.issue(
            "receipt",
            asked["key"],
            operation="sell",
            items=[{"name": asked["name"], "price": price, "quantity": 1000, "sum": price}],
            payments=[{"kind": "cash", "sum": price}],
            total=price,
            taken=price,
            change=0,
        )
        return await self.hand_out(doc)

    async def refusal(self) -> dict[str, Any] | None:
        state, now = self.state, self.now()
        if state["stuck"]:
            return {"ok": False, "error": "blocked", "text": "a document was refused"}
        opened = state["opened_at"]
        if opened is not None and now - opened > DAY_MS and "sells-on" not in self.defects:
            return {"ok": False, "error": "shift_expired"}
        oldest = min((doc["content"]["issued_at"] for doc in self.queue), default=now)
        if now - oldest > 3 * DAY_MS and "never-too-long" not in self.defects:
            return {"ok": False, "error": "blocked", "text": "alone for too long"}
        if self.held:
            async with self.lane:
                await self.turn()
            if self.held:
                return {"ok": False, "error": "blocked", "text": "the operator has blocked the register"}
        return None

    async def hand_out(self, doc: dict[str, Any]) -> dict[str, Any]:
        defects = self.defects
        if "one-breaker" in defects and time.monotonic() < Defects.breaker_until:
            self.make_autonomous(doc)
        past_queue = "new-sales-first" in defects and self.connected
        if len(self.queue) > 1 and self.alone and not past_queue:
            self.make_autonomous(doc)
        if doc["autonomous"]:
            self.save()
            self.wake.set()
            return self.told(doc)
        until = time.monotonic() + self.limit_s
        if past_queue and len(self.queue) > 1:
            self.send(DOCUMENT, self.message(doc))
        async with self.lane:
            for last in (False, True):
                try:
                    await self.connect(until)
                    await self.submit(doc, until)
                    break
                except Held:
                    self.held = True
                    self.pause()
                    self.wake.set()
                    return {"ok": False, "error": "blocked"}
                except Late:
                    self.drop()
                    self.go_alone(doc)
                    break
                except Lost:
                    self.drop()
                    if last or time.monotonic() < self.hint_until or "stale-connection" in defects:
                        self.go_alone(doc)
                        break
        if self.state["stuck"]:
            return {"ok": False, "error": "refused"}
        return self.told(doc)

    def go_alone(self, doc: dict[str, Any]) -> None:
        self.make_autonomous(doc)
        if "number-rolled-back" in self.defects:
            self.state["number"] -= 1
            self.save()
        if "forgets-unanswered" in self.defects:
            doc["done"] = True
            self.save()
        Defects.breaker_until = time.monotonic() + 5
        self.pause()
        if "gives-up-for-good" in self.defects:
            self.not_before = time.monotonic() + 3600
            return
        self.wake.set()

    async def z(self, _asked: dict[str, Any]) -> dict[str, Any]:
        if self.alone and "no-z-alone" in self.defects:
            return {"ok": False, "error": "failed", "text": "no connection"}
        return await self.hand_out(self.issue("close_shift"))

    async def status(self, _asked: dict[str, Any]) -> dict[str, Any]:
        unsent = len(self.state["docs"] if "counts-everything" in self.defects else self.queue)
        blocked = self.state["stuck"] or self.held
        return {"ok": True, "autonomous": self.alone, "blocked": blocked, "unsent": unsent}

    async def receipt(self, asked: dict[str, Any]) -> dict[str, Any]:
        return next(self.told(doc) for doc in self.state["docs"] if doc["key"] == asked["key"])

    async def sync(self, _asked: dict[str, Any]) -> dict[str, Any]:
        if "gives-up-for-good" not in self.defects:
            self.not_before = 0.0
            self.attempts = 0
            self.wake.set()
        return {"ok": True}

    async def decide(self, _asked: dict[str, Any]) -> dict[str, Any]:
        self.state["stuck"] = False
        self.wake.set()
        return {"ok": True}

    async def clock(self, asked: dict[str, Any]) -> dict[str, Any]:
        Defects.clock_ms = asked["now"] - time.time_ns() // 1_000_000
        return {"ok": True}


async def main(defects: Defects) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    names = ("register", "token", "host", "port", "folder")
    first = {name: os.environ[f"OFD_{name.upper()}"] for name in names}
    tills = {first["register"]: Till(defects, first)}
    tills[first["register"]].wake.set()
    offers = [] if "offers-nothing" in defects else ["receipt", "sync", "clock", "open", "decide"]
    while line := await reader.readline():
        asked = json.loads(line)
        what = asked["do"]
        if what == "about":
            answer: dict[str, Any] = {"ok": True, "client": "shaky", "offers": offers}
        elif what == "open":
            tills[asked["register"]] = Till(defects, asked)
            answer = {"ok": True}
        else:
            try:
                answer = await getattr(tills[asked.get("register", first["register"])], what)(asked)
            except RuntimeError as error:
                answer = {"ok": False, "error": "failed", "text": str(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201 - this is how it answers


if __name__ == "__main__":
    asyncio.run(main(Defects(sys.argv[1:])))
