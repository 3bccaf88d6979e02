"""What a register of a load costs: the processor time of one document in the process that makes the load, without sockets.

Registers with a hundred documents each, answered from a list; what is measured is everything from the bytes of an answer
to the bytes of the next document: session, outbox, the register's state, the count, the next document from its file.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from fiscal.domain.messages import Accepted, Answer, Noted, Welcome
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE, parse_header
from fiscal.protocols.native.messages import Kind
from kkt_client.core.registration import Registration
from kkt_client.fleet.register import FleetRegister, Habits
from kkt_client.fleet.state import FleetState
from mock_ofd.load.book import Book
from mock_ofd.load.protocols import speech_of
from mock_ofd.load.sales import PROFILE, sold
from mock_ofd.load.scenario import Scenario
from mock_ofd.load.store import Store
from mock_ofd.load.tally import Counts
from tests.benchmarks.figures import Aim, Figure, Rounds

REGISTERS: Final = 300
DOCUMENTS: Final = 100
COST_AIM_US: Final = 45
QR: Final = "http://127.0.0.1:8080/r?i=123456789012&f=010203040506&s=1234.56&t=20261121T105959"


def run(quick: bool) -> list[Figure]:
    """The figures of a register of a load."""
    made: list[float] = []
    sent: list[float] = []
    for _ in range(1 if quick else 5):
        with TemporaryDirectory() as folder:
            making, sending = _round(Path(folder))
        made.append(making)
        sent.append(sending)
    return [
        Figure(
            name="a document of a register of a load, without sockets",
            unit="us",
            measured=Rounds(tuple(sent)),
            aims=(Aim("at most", COST_AIM_US, "figure"),),
        ),
        Figure(name="the same document made beforehand", unit="us", measured=Rounds(tuple(made))),
    ]


def _round(folder: Path) -> tuple[float, float]:
    """Microseconds of the processor for making a document, and for delivering it."""
    scenario = Scenario(registers=REGISTERS, documents=DOCUMENTS)
    now = time.time_ns() // 1_000_000
    begin = now - int(scenario.outage_s * 1_000)
    store = Store(folder / "contents")
    used = time.process_time()
    for place in range(REGISTERS):
        store.add(sold(scenario, place, begin, now))
    making = (time.process_time() - used) / store.documents * 1e6
    store.seal()
    with Book(folder / "book", store.counts(), create=True) as book:
        counts = Counts(book, store, scenario.answer_limit_s)
        registers = _registers(scenario, store, counts, begin)
        used = _drained(registers, now)
        if counts.acknowledged != store.documents or counts.errors:
            raise RuntimeError(f"the round is not valid: {counts.acknowledged} of {store.documents}, {counts.errors}")
    store.close()
    return making, used / store.documents * 1e6


def _registers(scenario: Scenario, store: Store, counts: Counts, begin: int) -> list[FleetRegister]:
    speech = speech_of(scenario, "bench")
    habits = Habits(store, scenario.backoff, Random(1), counts, time.time() - time.monotonic())
    found = []
    for place in range(REGISTERS):
        name = speech.register_id(place)
        state = FleetState(name, begin)
        count, shift = store.last(place)
        state.came_offline(count, shift, count, begin)
        whose = Registration(register=name, token=speech.token, profile=PROFILE, protocol="native")
        found.append(FleetRegister(place, whose, state, speech.make(state, habits, ("", 0)), habits))
    return found


def _drained(registers: list[FleetRegister], at: int) -> float:
    """Seconds of the processor that the registers used until everything was delivered."""
    now = time.monotonic()
    said: list[bytes] = []
    for register in registers:
        register.begin(now)
        register.wake(now)
        register.take_wish()
        said.append(register.connected(now))
    gc.collect()
    gc.disable()
    used = 0.0
    while any(said):
        answers = [_answer(register, data, at) if data else b"" for register, data in zip(registers, said, strict=True)]
        before, now = time.process_time(), time.monotonic()
        said = [
            register.received(answer, now) if answer else b""
            for register, answer in zip(registers, answers, strict=True)
        ]
        used += time.process_time() - before
    gc.enable()
    return used


def _answer(register: FleetRegister, data: bytes, at: int) -> bytes:
    header = parse_header(data[:HEADER_SIZE])
    answer: Answer
    if header.kind == Kind.HELLO:
        answer = Welcome(at=at, operator="bench")
    elif header.kind == Kind.DOCUMENT:
        head = register.state.queue[0]
        sign = f"{head.number:012d}" if head.carries_sign else None
        answer = Accepted(number=head.number, at=at, sign=sign, qr=QR if sign else None, key="key")
    else:
        answer = Noted(at=at)
    return NATIVE.serialize(answer, header.number)
