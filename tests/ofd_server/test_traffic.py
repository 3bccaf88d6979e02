"""What is overheard: frames in both directions, connections, faults, and whose they are."""

from fiscal.domain.messages import AskInformation, Hello, Noted, Ping, SubmitDocument
from fiscal.errors import RemoteProtocolError
from fiscal.faults.effects import Delay, LoseAnswer, Point, Reset
from fiscal.faults.plan import Fault, FaultPlan, Selection, Situation
from fiscal.faults.run import FaultRun
from fiscal.protocols.content import encode_content
from fiscal.protocols.native.codec import NATIVE
from ofd_server.traffic import Direction, Frame, Happening, Struck, Traffic, Turn
from tests.documents import T0, receipt
from tests.ofd_server.twins import ManualClock

PEER = "('127.0.0.1', 40000)"
HELLO = NATIVE.serialize(Hello(register="till-1", token="secret", software="x"), 1)
SALE = NATIVE.serialize(SubmitDocument(content=encode_content(receipt())), 2)
NOTED = NATIVE.serialize(Noted(at=T0), 2)


def traffic(limit=100):
    return Traffic(ManualClock(), limit)


def run(*faults):
    return FaultRun(FaultPlan(faults))


def situation(number=None, register="till-1", peer=PEER, protocol="native"):
    return Situation(register, protocol, "document", T0, peer=peer, request=number)


def test_frames_are_told_when_they_are_whole():
    heard = traffic()
    line = heard.opened("native", PEER)
    heard.came(line, HELLO[:20])
    assert not heard.frames
    heard.came(line, HELLO[20:] + SALE)
    heard.went(line, NOTED)
    hello, sale, noted = heard.frames
    assert (hello.what, hello.number, hello.raw) == ("hello", 1, HELLO)
    assert hello.fields["token"] == "***"
    assert "secret" not in repr(hello)
    assert (sale.what, sale.is_request, sale.register_id) == ("document", True, "till-1")
    assert sale.fields["document"]["number"] == 1
    assert (noted.what, noted.direction, noted.number, noted.register_id) == ("noted", Direction.OUT, 2, "till-1")
    assert (noted.at, noted.moment) == (T0, 1_000.0)


def test_what_is_no_frame_is_told_as_it_came():
    heard = traffic()
    line = heard.opened("native", PEER)
    heard.came(line, b"GET / HTTP/1.1\r\n\r\n")
    heard.came(line, b"and more")
    heard.went(line, NOTED[:10])
    heard.closed(line)
    garbage, more, half = heard.frames
    assert garbage.error
    assert (garbage.what, garbage.raw[:3]) == ("", b"GET")
    assert more.error == "no frame"
    assert half.direction is Direction.OUT
    assert "did not end" in half.error


def test_a_frame_whose_body_is_none():
    heard = traffic()
    line = heard.opened("native", PEER)
    heard.came(line, SALE[:16] + b"\xc1" * (len(SALE) - 16))
    assert heard.frames[0].number == 2
    assert heard.frames[0].error


def test_connections_open_and_close():
    heard = traffic()
    line = heard.opened("kz", PEER)
    heard.closed(line)
    opened, closed = heard.records
    assert isinstance(opened, Happening)
    assert isinstance(closed, Happening)
    assert (opened.turn, closed.turn, opened.connection, opened.peer) == (Turn.OPENED, Turn.CLOSED, 1, PEER)
    heard.came(line, HELLO)
    heard.closed(line)
    assert len(heard.records) == 2, "what is gone says nothing more"


def test_the_oldest_are_forgotten_first():
    heard = traffic(limit=2)
    line = heard.opened("native", PEER)
    for number in range(5):
        heard.came(line, NATIVE.serialize(Ping(), number))
    assert [frame.number for frame in heard.frames] == [3, 4]
    assert (heard.seq, heard.forgotten) == (6, 4)
    assert [record.seq for record in heard.after(5)] == [6]


def test_everything_is_forgotten_at_once():
    heard = traffic()
    line = heard.opened("native", PEER)
    asked = heard.asked("http", PEER, "till-1", Ping(), b"")
    heard.came(line, HELLO)
    heard.clear()
    heard.came(line, HELLO)
    heard.went(line, NOTED)
    heard.answered(asked, Noted(at=T0), b"")
    heard.closed(line)
    assert (heard.records, heard.seq) == ((), 0)
    again = heard.opened("native", PEER)
    heard.came(again, HELLO)
    assert [record.connection for record in heard.records] == [1, 1]


def test_who_listens_is_told_of_each():
    heard = traffic()
    told: list[int] = []
    stop = heard.observe(lambda record: told.append(record.seq))
    line = heard.opened("native", PEER)
    heard.came(line, HELLO)
    stop()
    heard.came(line, SALE)
    assert told == [1, 2]


# ------------------------------------------------------------------------------------------------ without frames


def test_requests_of_a_protocol_without_frames():
    heard = traffic()
    first = heard.asked("http", PEER, "till-1", AskInformation(), b"")
    heard.asked("http", PEER, "till-1", RemoteProtocolError("bad_request", "body", "is no JSON"), b"{")
    heard.answered(first, Noted(at=T0), b'{"result":"noted"}')
    asked, broken, noted = heard.frames
    assert (asked.protocol, asked.what, asked.number, asked.connection) == ("http", "ask_information", 1, 0)
    assert (broken.what, broken.raw, broken.number) == ("", b"{", 2)
    assert "is no JSON" in broken.error
    assert (noted.what, noted.number, noted.raw) == ("noted", 1, b'{"result":"noted"}')


# --------------------------------------------------------------------------------------------------------- faults

LOST = Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),))
SLOW = Fault(name="slow", at=Point.AFTER_COMMIT, effects=(Delay(300),), when=Selection(register="till-1"))
CUT = Fault(name="cut", at=Point.ON_CONNECT, effects=(Reset(),))


def overheard(heard, *faults):
    line = heard.opened("native", PEER)
    heard.came(line, HELLO + SALE)
    plan = run(*faults)
    plan.watch(heard.struck)
    return line, plan


def test_a_fault_stands_with_the_request_whose_answer_it_took():
    heard = traffic()
    _, plan = overheard(heard, LOST)
    plan.applied(Point.AFTER_COMMIT, situation(2))
    hello, sale = heard.frames
    assert hello.faults == []
    [struck] = sale.faults
    assert (struck.name, struck.point, struck.effects) == ("lost", "after_commit", ("lose_answer",))
    assert (struck.connection, struck.register_id) == (1, "till-1")
    assert "occurrence 1" in struck.why
    assert heard.records[-1] is struck


def test_a_fault_of_an_answer_stands_with_the_answer_too():
    heard = traffic()
    line, plan = overheard(heard, SLOW)
    plan.applied(Point.AFTER_COMMIT, situation(2))
    other = heard.opened("native", "('127.0.0.1', 40001)")
    heard.went(other, NOTED)
    heard.went(line, NOTED)
    heard.went(line, NOTED)
    heard.went(line, NATIVE.serialize(Noted(at=T0), 3))
    _, sale, strange, noted, next_one, _ = heard.frames
    assert [fault.effects for fault in sale.faults] == [("delay (ms 300)",)]
    assert (strange.faults, noted.faults, next_one.faults) == ([], sale.faults, [])


def test_a_fault_that_took_its_answer_does_not_stand_with_the_next_one():
    heard = traffic()
    line, plan = overheard(heard, LOST)
    plan.applied(Point.AFTER_COMMIT, situation(2))
    heard.came(line, NATIVE.serialize(Ping(), 3))
    heard.went(line, NATIVE.serialize(Noted(at=T0), 3))
    assert heard.frames[-1].faults == []


def test_a_fault_before_anything_was_said():
    heard = traffic()
    heard.opened("native", PEER)
    plan = run(CUT)
    plan.watch(heard.struck)
    plan.applied(Point.ON_CONNECT, situation(register=""))
    struck = heard.records[-1]
    assert isinstance(struck, Struck)
    assert (struck.connection, struck.register_id) == (1, None)


def test_a_fault_of_nobody_who_is_known():
    heard = traffic()
    plan = run(CUT)
    plan.watch(heard.struck)
    plan.applied(Point.ON_CONNECT, situation(register="", peer=""))
    struck = heard.records[-1]
    assert isinstance(struck, Struck)
    assert struck.connection == 0


def test_without_a_connection_the_register_tells_whose_request_it_was():
    heard = traffic()
    asked = heard.asked("http", PEER, "till-1", Ping(), b"")
    heard.asked("http", PEER, "till-2", Ping(), b"")
    plan = run(SLOW)
    plan.watch(heard.struck)
    plan.applied(Point.AFTER_COMMIT, situation(protocol="http", peer="127.0.0.1"))
    heard.answered(asked, Noted(at=T0), b"")
    mine, other, answer = heard.frames
    assert len(mine.faults) == 1
    assert other.faults == []
    assert answer.faults == mine.faults


def test_what_took_an_answer_away_is_not_told_of_the_next_one():
    heard = traffic()
    heard.asked("http", PEER, "till-1", Ping(), b"")
    plan = run(LOST)
    plan.watch(heard.struck)
    plan.applied(Point.AFTER_COMMIT, situation(protocol="http", peer=PEER))
    heard.answered(heard.asked("http", PEER, "till-1", Ping(), b""), Noted(at=T0), b"")
    first, second, answer = heard.frames
    assert [struck.name for struck in first.faults] == ["lost"]
    assert second.faults == answer.faults == []


def test_a_frame_knows_which_way_it_went():
    assert Frame.__slots__
    heard = traffic()
    line = heard.opened("native", PEER)
    heard.went(line, NOTED)
    assert not heard.frames[0].is_request
