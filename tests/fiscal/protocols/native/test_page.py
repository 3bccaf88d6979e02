"""docs/reference/native-protocol.md says what the code does, and its client sells."""

from __future__ import annotations

import re
import socket
from threading import Thread
from typing import Any

import msgpack
import pytest

from fiscal.domain.messages import Accepted, Answer, RefusalCode, Refused
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.content import decode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.messages import TYPE_OF
from fiscal.protocols.rest.codec import parse_document
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import REFUSALS, Passage, Role, State
from tests.fiscal.protocols.native.page import COURSE, ERROR, MEANING, PATH, REFUSAL, fill
from tests.fiscal.protocols.samples import ACCEPTED, REFUSED, WELCOME
from tests.vectors.native_vectors import SESSION, frame

PAGE = PATH.read_text(encoding="utf-8")
DEPOSIT = bytes.fromhex(SESSION[1]["request"]["body"]["content"]["hex"])


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def client() -> dict[str, Any]:
    (source,) = examples("python")
    space: dict[str, Any] = {}
    exec(compile(source, str(PATH), "exec"), space)
    return space


def test_what_is_made_is_up_to_date():
    assert fill(PAGE) == PAGE, "python -m tests.fiscal.protocols.native.page"


def test_every_message_and_every_code_is_explained():
    made = set(re.findall(r"<!-- made: (\w+) -->", PAGE))
    assert {class_.__name__ for class_ in TYPE_OF.values()} <= {class_.__name__ for class_ in MEANING} <= made
    assert set(REFUSAL) == set(RefusalCode)
    assert set(ERROR) == set(ErrorCode)
    assert len(COURSE) == 4


def test_every_link_inside_the_page_leads_somewhere():
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors


def test_the_states_of_the_page_are_those_of_the_table():
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| [^|]+ \|$", PAGE.split("## The session")[1], re.MULTILINE)
    assert rows[1:5] == [state.value for state in State if state is not State.CLOSED]
    assert REFUSALS.keys() == {(State.GREETING, Passage.REQUEST), (State.OPEN, Passage.HELLO)}


def test_the_json_of_a_document():
    (example, *_) = [text for text in examples("json") if '"delivery"' in text and "\n  " in text]
    document = decode_content(parse_document(example.encode(), "").content)
    assert document == decode_content(DEPOSIT)


@pytest.mark.parametrize("exchange", SESSION, ids=lambda exchange: exchange["name"])
def test_the_client_of_the_page_makes_the_golden_frames(client, exchange):
    data = frame(exchange["request"])
    body = msgpack.unpackb(data[16:])
    assert client["frame"](int.from_bytes(data[6:8], "big"), body, exchange["number"]) == data


def answer_with(listener: socket.socket, answers: list[Answer]) -> None:
    """An operator that answers whatever comes with the next of these, then closes."""
    peer, _ = listener.accept()
    with peer:
        end = Connection(Role.OPERATOR, NATIVE, 0.0)
        while answers and (data := peer.recv(65_536)):
            end.receive_data(data, 0.0)
            while isinstance(event := end.next_event(), RequestReceived):
                end.send_answer(event.number, answers.pop(0), 0.0)
            peer.sendall(b"".join(end.data_to_send()))


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([WELCOME, ACCEPTED], "123456789012"),
        ([WELCOME, Accepted(number=1, at=1)], None),
        ([WELCOME, REFUSED], ValueError),
        ([Refused(code=RefusalCode.WRONG_TOKEN)], PermissionError),
        ([], ConnectionError),
    ],
    ids=["sign", "no sign", "refused", "turned away", "gone"],
)
def test_the_client_of_the_page_sells(client, answers, outcome):
    hello = {"register": "KZ-0001", "token": "secret", "software": "page"}
    document = msgpack.unpackb(DEPOSIT)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        operator = Thread(target=answer_with, args=(listener, list(answers)))
        operator.start()
        try:
            if isinstance(outcome, type):
                with pytest.raises(outcome):
                    client["sell"](listener.getsockname(), hello, document)
            else:
                assert client["sell"](listener.getsockname(), hello, document) == outcome
        finally:
            operator.join(10)
    assert not operator.is_alive()
