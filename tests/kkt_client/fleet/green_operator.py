"""An operator of one register under gevent, which says what it is told to say. It keeps what it accepts."""

from __future__ import annotations

from time import monotonic
from typing import Any

from gevent.server import StreamServer  # type: ignore[import-untyped]

from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import decode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import Role

SALES = 3
"""Documents after which it does what it does to the last one."""
T = 1_795_258_000_000


class Operator:
    """It keeps the documents of one register."""

    def __init__(self, lie: str) -> None:
        self.lie = lie
        self.contents: list[bytes] = []
        self.hellos = 0
        self.told_later = False
        self.server = StreamServer(("127.0.0.1", 0), self.talk)
        self.server.start()

    def talk(self, peer: Any, _address: Any) -> None:
        connection = Connection(Role.OPERATOR, NATIVE, monotonic())
        while data := peer.recv(65_536):
            connection.receive_data(data, monotonic())
            while (event := connection.next_event()) is not None:
                if isinstance(event, RequestReceived):
                    answer = self.answer(event.message)
                    if answer is not None:
                        connection.send_answer(event.number, answer, monotonic())
            if self.lie == "hangs up" and len(self.contents) == SALES and self.hellos == 1:
                return  # what it has accepted is not answered
            for part in connection.data_to_send():
                if not part:
                    return
                peer.sendall(part)

    def answer(self, request: Request) -> Answer | None:
        last = len(self.contents)
        match request:
            case Hello():
                self.hellos += 1
                return self.welcome(last, at_end=last >= SALES)
            case AskInformation():
                return Information(at=T, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0)
            case SubmitDocument(content=content):
                return self.judge(content, last)
            case _:
                return Noted(at=T)

    def welcome(self, last: int, *, at_end: bool) -> Answer:
        digest = digest_of(self.contents[-1]) if self.contents else None
        if at_end and self.lie == "loses":
            return Welcome(at=T, operator="o", last_number=last - 1, last_digest=digest, last_shift=1)
        if at_end and self.lie == "doubles":
            return Welcome(at=T, operator="o", last_number=last + 1, last_digest=digest, last_shift=1)
        if at_end and self.lie == "alters":
            return Welcome(at=T, operator="o", last_number=last, last_digest=bytes(32), last_shift=1)
        if self.lie == "knows nobody":
            return Refused(code=RefusalCode.UNKNOWN_REGISTER, field="register", text="no such register")
        if self.lie == "blocks" and self.hellos > 1:
            return Blocked(reason="debts")
        if self.lie == "sends away" and self.hellos == 1:
            return TryLater(delay_ms=1)
        return Welcome(at=T, operator="o", last_number=last, last_digest=digest, last_shift=int(last > 0))

    def judge(self, content: bytes, last: int) -> Answer | None:
        number = decode_content(content).number
        if self.lie == "refuses" and number == SALES:
            return Refused(code=RefusalCode.BAD_TOTALS, field="total", text="one tiyn too much")
        if self.lie == "is silent" and number == SALES:
            return None
        if self.lie == "is late once" and number == SALES and not self.told_later:
            self.told_later = True
            return None
        if self.lie == "sends away" and number == SALES and not self.told_later:
            self.told_later = True
            return TryLater(delay_ms=1)
        if number == last + 1:
            self.contents.append(content)
        return Accepted(number=number, at=T, sign=str(number), qr="q", key="k")
