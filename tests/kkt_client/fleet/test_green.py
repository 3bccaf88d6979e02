"""A register's connection under gevent. Nothing of the standard library is changed here: Locust does that, gevent not."""

from contextlib import contextmanager
from random import Random
from time import monotonic, time
from typing import Any

import gevent  # type: ignore[import-untyped]
import pytest
from gevent import socket
from gevent.event import Event  # type: ignore[import-untyped]

from fiscal.domain.messages import AskInformation, Hello, Information, Ping, Refused, TryLater, Welcome
from fiscal.retry import Backoff
from fiscal.session.limits import SessionLimits
from kkt_client.core.basket import Basket, Line
from kkt_client.core.registration import Registration
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.green import GreenLine, ask
from kkt_client.fleet.register import FleetRegister, Habits
from kkt_client.fleet.roll import STRANGER, Roll
from kkt_client.fleet.wires import NativeWire
from tests.kkt_client.fleet.green_operator import Operator
from tests.kkt_client.fleet.test_roll import PROFILE

WAIT_S = 20.0
HELLO = Hello(register="shop", token="t", software="s", profile=PROFILE)
LIMITS = SessionLimits(answer_limit_s=0.2)
BASKET = Basket(lines=(Line(name="Хлеб", price=250_00),))


@contextmanager
def operator(lie: str):
    server = Operator(lie)
    try:
        with gevent.Timeout(WAIT_S):
            yield server
    finally:
        server.server.stop()


@pytest.mark.parametrize(
    ("lie", "kinds"),
    [("is honest", [Welcome, Information]), ("knows nobody", [Refused]), ("sends away", [TryLater])],
)
def test_questions_one_after_the_other_until_one_is_not_answered(lie, kinds):
    with operator(lie) as server:
        answers = ask("127.0.0.1", server.server.server_port, LIMITS, [HELLO, AskInformation()])
        assert [type(answer) for answer in answers] == kinds


def test_a_question_that_nobody_hears():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(Setback, match="Connection refused") as caught:
            ask("127.0.0.1", held.getsockname()[1], LIMITS, [HELLO])
    assert (caught.value.kind, caught.value.cause.code) == (Kind.SHUT, Said.CONNECTION_REFUSED)


@pytest.mark.parametrize("answers", [False, True])
def test_a_question_without_an_answer(answers):
    """Nobody answers for too long, or the other side hangs up."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        gevent.spawn(lambda: answers and listening.accept()[0].close())
        with pytest.raises(Setback) as caught:
            ask("127.0.0.1", listening.getsockname()[1], LIMITS, [HELLO])
    assert (caught.value.kind, caught.value.cause.code) == (Kind.LOST, Said.CONNECTION_LOST)


def test_what_the_session_does_not_allow_is_not_asked():
    with operator("is honest") as server, pytest.raises(Setback) as caught:
        ask("127.0.0.1", server.server.server_port, LIMITS, [AskInformation(), Ping()])
    assert caught.value.cause.code is Said.CANNOT_BE_SENT


class Heard:
    """What a register lives to see."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.setbacks: list[Kind] = []
        self.quiet = Event()

    def accepted(self, _place: int, number: int, *_: Any) -> None:
        self.numbers.append(number)

    def put_off(self, *_: Any) -> None: ...

    def set_back(self, _place: int, setback: Setback) -> None:
        self.setbacks.append(setback.kind)

    def idle(self, *_: Any) -> None:
        self.quiet.set()

    def stuck(self, *_: Any) -> None:
        self.quiet.set()


@pytest.mark.parametrize(
    ("lie", "setbacks"),
    [("is honest", []), ("sends away", []), ("hangs up", [Kind.LOST]), ("is late once", [Kind.LATE])],
)
def test_a_register_delivers_what_it_came_back_with(lie, setbacks):
    heard = Heard()
    now = round(time() * 1_000)
    roll = Roll("shop", PROFILE, STRANGER, now)
    roll.come_back_with([BASKET] * 5, now - 60_000, now)
    whose = Registration(register="shop", token="t", profile=PROFILE, protocol="native")
    limits = SessionLimits(answer_limit_s=1.0)
    register = FleetRegister(
        0,
        whose,
        roll.state,
        NativeWire(limits),
        Habits(roll, Backoff(1, 10), Random(1), heard, time() - monotonic()),
    )
    register.begin(monotonic())
    with operator(lie) as server:
        line = GreenLine("127.0.0.1", server.server.server_port, register)
        line.start()
        assert heard.quiet.wait(WAIT_S)
        line.stop()
    assert heard.numbers == [1, 2, 3, 4, 5]
    assert heard.setbacks == setbacks
    assert [roll.dossier(0, 5).content] == server.contents[-1:]
    assert len(server.contents) == 5


def test_a_line_that_was_never_started_can_be_stopped():
    roll = Roll("shop", PROFILE, STRANGER, 0)
    whose = Registration(register="shop", token="t", profile=PROFILE, protocol="native")
    habits = Habits(roll, Backoff(1, 10), Random(1), Heard(), 0.0)
    GreenLine("127.0.0.1", 1, FleetRegister(0, whose, roll.state, NativeWire(LIMITS), habits)).stop()
