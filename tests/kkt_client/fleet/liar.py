"""Users of Locust at an operator that says what it is told to say: a process of a test, because Locust changes the
standard library of the process that imports it.

``python -m tests.kkt_client.fleet.liar WHAT...`` lets one register sell three receipts to each such operator and end, and
prints for each what Locust counted: ``{WHAT: {"requests": {name: count}, "failures": {name: text}}}``.
"""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import Any

import gevent  # type: ignore[import-untyped]
from gevent.server import StreamServer  # type: ignore[import-untyped]
from locust import constant, task
from locust.env import Environment
from locust.exception import StopUser

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
from fiscal.retry import Backoff
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import Role
from kkt_client.fleet.locust import RegisterUser

SALES = 3
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
        if self.lie == "sends away" and number == SALES and not self.told_later:
            self.told_later = True
            return TryLater(delay_ms=1)
        if number == last + 1:
            self.contents.append(content)
        return Accepted(number=number, at=T, sign=str(number), qr="q", key="k")


class Shopper(RegisterUser):
    """Sells three receipts."""

    abstract = False
    wait_time = constant(0)
    backoff = Backoff(base_ms=1, cap_ms=10)
    answer_limit_s = 1.0
    sale_budget_s = 2.0
    drain_limit_s = 0.5

    @task
    def shop(self) -> None:
        for _ in range(SALES):
            self.sell()
        raise StopUser


def counted(lie: str) -> dict[str, Any]:
    """What Locust counts when the operator is such a one."""
    operator = Operator(lie)
    environment = Environment(user_classes=[Shopper], host=f"native://127.0.0.1:{operator.server.server_port}")
    runner = environment.create_local_runner()
    with gevent.Timeout(30):
        runner.start(1, spawn_rate=1)
        assert runner.spawning_greenlet is not None
        runner.spawning_greenlet.join()
        runner.user_greenlets.join()
    stats = environment.stats
    return {
        "requests": {name: entry.num_requests for (name, _), entry in stats.entries.items()},
        "failures": {error.name: str(error.to_dict()["error"]) for error in stats.errors.values()},
    }


if __name__ == "__main__":
    print(json.dumps({lie: counted(lie) for lie in sys.argv[1:]}))  # noqa: T201
