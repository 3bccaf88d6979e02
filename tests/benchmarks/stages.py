"""Stages: what each step of a document costs by itself, in one process and without a socket.

A round is the best of many short runs: what the step needs when nobody disturbs it. Together, and beside a kernel that
moves bytes, the steps cost more, because they push each other out of the processor's caches; ``ingest`` tells how much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from timeit import timeit
from typing import Final

from fiscal.domain.counters import fold
from fiscal.domain.document import ONLINE
from fiscal.domain.messages import Accepted, Answer, Hello, SubmitDocument, Welcome
from fiscal.domain.receipt import check_receipt
from fiscal.domain.signs import DEFAULT_KEY_ID, PUBLIC_KEY, Signer, SigningKey, digest_of
from fiscal.protocols.content import decode_content, encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import Role
from ofd_server.core.decide import decide_hello
from ofd_server.core.documents import decide_document
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, apply
from ofd_server.storage.rows import row_of
from tests.benchmarks.figures import Figure, Rounds
from tests.benchmarks.frames import PROFILE, receipt

CALLS: Final = 30
REPEATS: Final = 60

RULES: Final = Rules()
SIGNER: Final = Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY))
HELLO: Final = Hello(register="stage", token="t", software="bench", profile=PROFILE)


def run(quick: bool) -> list[Figure]:
    """A figure for each step of the operator's way, then one of the register's."""
    steps = _steps()
    rounds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(1 if quick else 5):
        for name, step in steps.items():
            rounds[name].append(_best_us(step))
    return [Figure(name=name, unit="us", measured=Rounds(tuple(values))) for name, values in rounds.items()]


def _best_us(step: Callable[[], object]) -> float:
    return min(timeit(step, number=CALLS) for _ in range(REPEATS)) / CALLS * 1e6


def _steps() -> dict[str, Callable[[], object]]:
    now = time.time_ns() // 1_000_000
    greeted = decide_hello(None, HELLO, now, RULES).state
    assert greeted is not None
    state = _after(greeted, 1, now)
    document = receipt(2, now)
    content = encode_content(document)
    decision = decide_document(state, document, content, ONLINE, now, RULES, SIGNER, "native")
    entry, answer = decision.entries[0], decision.answer
    assert isinstance(entry, DocumentRecorded)
    assert isinstance(answer, Accepted)
    return {
        "session: a frame in, its answer out": _Session(content, answer).turn,
        "content: bytes to a document": lambda: decode_content(content),
        "decision on a plain sale": lambda: decide_document(
            state, document, content, ONLINE, now, RULES, SIGNER, "native"
        ),
        "  of that: digest and sign": lambda: SIGNER.sign("stage", 2, digest_of(content)),
        "close look: the sums": lambda: check_receipt(document),
        "close look: the state that follows": lambda: apply(state, entry),
        "  of that: the counters": lambda: fold(state.tape.shift.counters, document, ONLINE),
        "row for the ledger": lambda: row_of(entry, 1, 1, 2, 3),
        "register: document to content": lambda: encode_content(document),
    }


def _after(state: RegisterState, number: int, now: int) -> RegisterState:
    document = receipt(number, now)
    made = decide_document(state, document, encode_content(document), ONLINE, now, RULES, SIGNER, "native").state
    assert made is not None
    return made


class _Session:
    """A session that is greeted and takes the same document again and again; it does not look inside."""

    def __init__(self, content: bytes, answer: Accepted) -> None:
        self._message = SubmitDocument(content=content)
        self._answer = answer
        self._connection = Connection(Role.OPERATOR, NATIVE, 0.0)
        self._number = 1
        self._frame = NATIVE.serialize(self._message, 2)
        self._pass(NATIVE.serialize(HELLO, 1), Welcome(at=1, operator="bench"))

    def turn(self) -> None:
        self._number += 1
        self._pass(self._frame[:12] + self._number.to_bytes(4, "big") + self._frame[16:], self._answer)

    def _pass(self, frame: bytes, answer: Answer) -> None:
        connection = self._connection
        connection.receive_data(frame, 0.0)
        event = connection.next_event()
        assert isinstance(event, RequestReceived)
        connection.send_answer(event.number, answer, 0.0)
        connection.data_to_send()
