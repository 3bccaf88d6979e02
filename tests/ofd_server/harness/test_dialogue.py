"""What passed, as a page for people."""

from fiscal.domain.messages import Hello, Noted, Ping
from fiscal.faults.effects import Delay, Point
from fiscal.faults.plan import Fault, FaultPlan, Situation
from fiscal.faults.run import FaultRun
from fiscal.protocols.native.codec import NATIVE
from ofd_server.harness.dialogue import WIDTH, dialogue, line_of
from ofd_server.traffic import Traffic
from tests.documents import T0
from tests.ofd_server.twins import ManualClock


def spoken():
    """A register greets, is held back, is answered, says garbage, and goes."""
    clock = ManualClock()
    traffic = Traffic(clock)
    line = traffic.opened("native", "('127.0.0.1', 40000)")
    traffic.came(line, NATIVE.serialize(Hello(register="till-1", token="secret", software="a till" * 40), 1))
    run = FaultRun(FaultPlan((Fault(name="slow", at=Point.AFTER_COMMIT, effects=(Delay(300),)),)))
    run.watch(traffic.struck)
    run.applied(Point.AFTER_COMMIT, Situation("till-1", "native", "hello", T0, peer="('127.0.0.1', 40000)", request=1))
    clock.pass_(0.3)
    traffic.went(line, NATIVE.serialize(Noted(at=T0), 1))
    traffic.came(line, b"garbage that is no frame")
    traffic.closed(line)
    traffic.asked("http", "('127.0.0.1', 40001)", "till-2", Ping(), b"")
    return traffic


def test_every_record_is_a_line():
    lines = dialogue(spoken()).splitlines()
    assert lines[0] == "07:00:00.000 native#1 opened"
    assert lines[1].startswith("07:00:00.000 native#1 till-1 --> hello 1 register=till-1 token=*** software=")
    assert lines[2].startswith(
        "07:00:00.000 native#1 till-1  !  delay (ms 300): slow, after_commit of hello: occurrence 1"
    )
    assert lines[3] == f"07:00:00.300 native#1 till-1 <-- noted 1 at={T0} [300 ms]"
    assert lines[4].startswith("07:00:00.300 native#1 till-1 --> bytes: ")
    assert lines[4].endswith("(24 bytes)")
    assert lines[5] == "07:00:00.300 native#1 closed"
    assert lines[6] == "07:00:00.300 http till-2 --> ping 1"
    assert "secret" not in "".join(lines)
    assert max(map(len, (lines[1], *lines[3:]))) <= WIDTH


def test_the_last_of_many_are_shown():
    assert dialogue(spoken(), shown=1).splitlines()[0] == "... 6 earlier records are left out"
    assert len(dialogue(spoken(), shown=0).splitlines()) == 1
    assert dialogue(Traffic(ManualClock())) == ""


def test_one_record_as_a_line():
    traffic = spoken()
    assert line_of(traffic.records[3]).endswith("<-- noted 1 at=1767250800000")
