"""Lines of recordings: one form for everybody who writes them, and no secret in it."""

import pytest

from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.transcript import NATIVE_TRANSCRIPT
from fiscal.protocols.recording import LAYOUT, Happening, Side, happening_line, head_line, piece_line
from fiscal.protocols.splitting import Rest, Splitter
from fiscal.time import iso
from tests.documents import T0
from tests.fiscal.protocols.samples import HELLO


def written(data, side=Side.REGISTER, *, secrets=False, registers=None):
    splitter = Splitter(NATIVE_TRANSCRIPT)
    (piece,) = (*splitter.feed(data), *splitter.end())
    known = {} if registers is None else registers
    return piece_line(NATIVE_TRANSCRIPT, piece, at=T0, connection=1, side=side, secrets=secrets, registers=known)


def test_the_first_line_and_what_becomes_of_a_connection():
    head = head_line(NATIVE_TRANSCRIPT, to="x:1", at=T0, secrets=False)
    assert head == {"recording": LAYOUT, "at": iso(T0), "protocol": "native", "to": "x:1", "secrets": False}
    line = happening_line(T0, 2, Happening.RESET, Side.OPERATOR)
    assert line == {"at": iso(T0), "connection": 2, "event": "reset", "from": "operator"}


@pytest.mark.parametrize("secrets", [False, True])
def test_a_hello_says_whose_the_connection_is(secrets):
    registers: dict[int, str] = {}
    line = written(NATIVE.serialize(HELLO, 7), secrets=secrets, registers=registers)
    assert (line["what"], line["number"], line["register"]) == ("hello", 7, HELLO.register)
    assert registers == {1: HELLO.register}
    assert (HELLO.token.encode().hex() in line["raw"]) is secrets
    assert line["fields"]["token"] == "***"


def test_what_is_no_message_says_why():
    line = written(NATIVE.serialize(HELLO, 7)[:-1] + b"\xc1")
    assert "what" not in line
    assert line["error"].keys() == {"code", "field", "text"}
    assert written(b"no frame at all, but long enough")["error"]["code"]


def test_bytes_behind_it_say_nothing():
    line = piece_line(
        NATIVE_TRANSCRIPT, Rest(b"\x01"), at=T0, connection=1, side=Side.OPERATOR, secrets=True, registers={}
    )
    assert line == {"at": iso(T0), "connection": 1, "from": "operator", "raw": "01"}
