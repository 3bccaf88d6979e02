"""A storm at the operator: who is taken, who is told when to come, and that nothing of the order is lost by it."""

from typing import Any

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import Accepted, Hello, Noted, Ping, ReportStatus, TryLater, Welcome
from ofd_server.admission import Admission, admission_of
from ofd_server.committing import BATCH_MAX, LATER
from ofd_server.config import AdmissionPolicy
from ofd_server.core.admission import TURN
from ofd_server.core.kz import KzExchange
from tests.documents import receipt
from tests.ofd_server.kz_device import DEVICE, Device, at_counter
from tests.ofd_server.twins import Conversation, ManualClock, Operator, idle

LOW = 2 * BATCH_MAX * 3 // 4


def alone(number: int) -> Delivery:
    return Delivery(autonomous=True, autonomous_sign=number, period=1)


def operator(policy: AdmissionPolicy = AdmissionPolicy.PACED) -> Any:
    """One whose queue is as long as a test says (``ahead``)."""
    clock = ManualClock()
    made: Any = Operator(admission=admission_of(policy, 0.05, 5.0, clock.now))
    made.clock = made.service.clock
    return made


def long_queue(at: Any, ahead: int) -> None:
    """So many documents wait for their commit."""
    at.service._committer._taken = ahead


async def stormy(at: Any, ahead: int = 2 * BATCH_MAX) -> Conversation:
    """A register was put off: the storm has begun."""
    till: Conversation = await at.welcome("early")
    long_queue(at, ahead)
    asked = till.submit(receipt(1), alone(1))
    await idle()
    assert isinstance(asked.answer, TryLater)
    return till


async def test_without_a_storm_nobody_is_put_off():
    at = operator()
    till = await at.welcome()
    await at.sold(till, receipt(1), receipt(2))
    assert at.service.admission.put_off == 0


async def test_without_a_pacer_everything_is_taken_and_counted():
    at = operator(AdmissionPolicy.NONE)
    till = await at.welcome()
    long_queue(at, 100_000)
    asked = till.submit(receipt(1), alone(1))
    await idle()
    assert asked.is_accepted
    admission = at.service.admission
    assert (admission.put_off, admission.rate, admission.pacer) == (0, None, None)
    assert admission.peaks.seconds, "what waited is told all the same"
    assert admission.farewell(0.0) is LATER
    assert {name: read() for name, (_, read) in admission.gauges().items()} == {
        "mock_ofd_documents_ahead": 0.0,
        "mock_ofd_documents_ahead_peak": 1.0,
        "mock_ofd_documents_durable_rate": 0.0,
        "mock_ofd_registers_waiting": 0.0,
    }


async def test_whoever_is_put_off_comes_back_in_time_and_is_taken():
    at = operator()
    till = await stormy(at)
    asked = till.submit(receipt(1), alone(1))
    await idle()
    assert isinstance(asked.answer, TryLater)
    at.clock.pass_(asked.answer.delay_ms / 1_000)
    long_queue(at, LOW)
    await at_once(till, 1)
    assert at.service.admission.put_off == 2
    assert [outcome for outcome, _ in at.figures.answers].count("trylater") == 2


async def at_once(till: Conversation, number: int) -> None:
    asked = till.submit(receipt(number), alone(number))
    await idle()
    assert isinstance(asked.answer, Accepted)


async def test_a_sale_goes_before_the_backlog():
    at = operator()
    await stormy(at)
    cashier = await at.welcome("cashier-was-there")
    long_queue(at, 2 * BATCH_MAX)
    asked = cashier.submit(receipt(1))
    await idle()
    assert asked.is_accepted


async def test_what_comes_behind_a_document_that_was_put_off_is_put_off_too():
    at = operator()
    till = await at.welcome()
    long_queue(at, 2 * BATCH_MAX)
    asked = [till.submit(receipt(number), alone(number)) for number in (1, 2, 3)]
    await idle()
    assert [type(one.answer) for one in asked] == [TryLater] * 3, "never a gap in the numbers"
    assert len({one.answer.delay_ms for one in asked}) == 1


async def test_a_short_backlog_has_a_short_turn():
    at = operator()
    tills = {name: await at.welcome(name) for name in ("few", "many", "silent")}
    await stormy(at)
    for name, unsent in (("few", 3), ("many", 300), ("silent", None)):
        till = tills[name]
        if unsent is not None:
            report = till.ask(ReportStatus(unsent=unsent, mode=RegisterMode.AUTONOMOUS))
            assert isinstance(report.answer, Noted)
        long_queue(at, 0)
        await at_once(till, 1)
        long_queue(at, 2 * BATCH_MAX)
        till.submit(receipt(2), alone(2))
        await idle()
    turns = at.service.admission.pacer._turns
    assert {name: turns[name].left for name in tills} == {"few": 2, "many": TURN, "silent": TURN}, "one is taken"


async def test_in_a_storm_the_door_is_narrow_and_other_questions_pass():
    at = operator()
    till = await stormy(at)
    long_queue(at, 2 * BATCH_MAX)
    hellos = [Conversation(at.service, f"r{place}").hello() for place in range(200)]
    assert isinstance(till.ask(Ping()).answer, Noted)
    await idle()
    told = [type(asked.answer) for asked in hellos]
    assert told[0] is Welcome
    assert told[-1] is TryLater
    delays = [asked.answer.delay_ms for asked in hellos if isinstance(asked.answer, TryLater)]
    assert len(set(delays)) > len(delays) / 2, "not all at the same moment"


async def test_a_hello_behind_a_document_of_the_same_turn_stands_at_the_same_door():
    at = operator()
    till = await stormy(at)
    for place in range(200):
        Conversation(at.service, f"r{place}").hello()
    till.submit(receipt(1), alone(1))
    asked = Conversation(at.service, "behind").ask(Hello(register="behind", token="t", software="test"))
    ping = till.ask(Ping())
    await idle()
    assert isinstance(asked.answer, TryLater)
    assert isinstance(ping.answer, Noted)


@pytest.mark.parametrize(("ahead", "is_taken"), [(2 * BATCH_MAX, True), (1_000_000, False)])
async def test_an_exchange_of_kazakhstan_is_put_off_only_when_it_could_not_be_answered(ahead, is_taken):
    at = operator()
    await stormy(at)
    long_queue(at, ahead)
    counter, device = at_counter(), Device()
    body = device.document(receipt(1))
    session = at.service.session("kz", "peer", lambda reason: None)
    answers: list[Any] = []
    at.service.handle(session, KzExchange(counter.desk, counter.header(body), body), answers.append)
    await idle()
    (answer,) = answers
    assert isinstance(answer, TryLater) is not is_taken
    assert counter.header(body).device_id == DEVICE


async def test_an_operator_that_stops_tells_each_another_time():
    at = operator()
    tills = [await at.welcome(f"r{place}") for place in range(5)]
    await at.service.drain()
    told = [till.submit(receipt(1)).answer.delay_ms for till in tills]
    assert told == sorted(told)
    assert len(set(told)) > 3
    assert min(told) >= LATER.delay_ms


async def test_the_rate_is_measured_by_the_writer():
    at = operator()
    admission: Admission = at.service.admission
    assert admission.rate is None
    admission.committed(BATCH_MAX, 10.0, 10.5, 2 * BATCH_MAX)
    assert admission.rate == pytest.approx(2 * BATCH_MAX)
    gauges = {name: read() for name, (_, read) in admission.gauges().items()}
    assert gauges["mock_ofd_documents_durable_rate"] == pytest.approx(2 * BATCH_MAX)


@pytest.mark.parametrize("policy", list(AdmissionPolicy))
async def test_an_operator_that_is_reset_knows_of_no_storm(policy):
    at = operator(policy)
    till = await at.welcome()
    long_queue(at, 2 * BATCH_MAX)
    till.submit(receipt(1), alone(1))
    await idle()
    await at.service.drain()
    at.service.forget()
    admission = at.service.admission
    assert (admission.put_off, list(admission.peaks.seconds)) == (0, [])
    assert admission.pacer is None or not admission.pacer.is_storm
