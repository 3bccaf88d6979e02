"""A gateway under a fault plan: each kind of misfortune as a register meets it at its socket."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from fiscal.domain.messages import Accepted, Blocked, Hello, RefusalCode, Refused, TryLater, Welcome
from fiscal.faults.effects import (
    AskToWait,
    Block,
    Corrupt,
    Crash,
    Delay,
    DiskFull,
    Duplicate,
    Effect,
    HalfClose,
    LoseAnswer,
    LoseRequest,
    Point,
    Refuse,
    Reorder,
    Reset,
    Slice,
    Truncate,
    WrongRequestNumber,
)
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Selection
from fiscal.faults.run import Applied, FaultRun
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE
from ofd_server.gateways.faulty import FaultyConversation
from tests.documents import receipt
from tests.ofd_server.gateways.test_tcp import WAIT_S, Client, listening, submit
from tests.ofd_server.twin_host import TwinHost

DOCUMENT = Selection(command="document", times=1)


def under(at: Point, *effects: Effect, when: Selection = DOCUMENT):
    """A listening operator with this one fault; ``server.suffered`` gets what the gateway cannot do itself."""
    run = FaultRun(FaultPlan((Fault(name="it", at=at, effects=effects, when=when),)))
    host = TwinHost()
    return listening(conversation=partial(FaultyConversation, run, host)), run, host.suffered


async def silent(client: Client) -> bool:
    """Whether nothing comes for a while."""
    try:
        async with asyncio.timeout(0.2):
            await client.reader.readexactly(1)
    except TimeoutError:
        return True
    return False


async def test_without_a_fault_it_is_a_gateway_like_any_other():
    run = FaultRun(NO_FAULTS)
    async with listening(conversation=partial(FaultyConversation, run, TwinHost())) as server:
        client = await server.welcome()
        assert isinstance(await client.sell(1), Accepted)


async def test_a_lost_request_is_never_decided_and_comes_again():
    opened, _, _ = under(Point.BEFORE_COMMIT, LoseRequest())
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert await silent(client)
        again = await server.connect()
        assert isinstance(await again.hello(), Welcome)
        assert isinstance(await again.sell(1), Accepted)


async def test_a_lost_answer_leaves_the_document_in_the_ledger():
    opened, _, _ = under(Point.AFTER_COMMIT, LoseAnswer())
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert await silent(client)
        again = await server.connect()
        welcome = await again.hello()
        assert isinstance(welcome, Welcome)
        assert welcome.last_number == 1, "it was committed"
        assert isinstance(await again.sell(1), Accepted), "and the copy gets the answer that was lost"


async def test_a_delayed_answer_comes_whole_and_later():
    opened, _, _ = under(Point.AFTER_COMMIT, Delay(250))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert await silent(client)
        assert isinstance(await client.answer(), Accepted)


@pytest.mark.parametrize("effect", [Slice(3), Duplicate()])
async def test_an_answer_in_pieces_or_twice_is_still_one(effect):
    opened, _, _ = under(Point.AFTER_COMMIT, effect)
    async with opened as server:
        client = await server.welcome()
        assert isinstance(await client.sell(1), Accepted)


async def test_half_an_answer_and_then_a_reset():
    opened, _, _ = under(Point.HALF_ANSWER, Reset())
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        async with asyncio.timeout(WAIT_S):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.answer()


async def test_a_truncated_answer_is_never_whole():
    opened, _, _ = under(Point.AFTER_COMMIT, Truncate(7))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert len(await client.reader.readexactly(7)) == 7
        assert await silent(client)


async def test_a_half_closed_connection_ends_in_the_middle():
    opened, _, _ = under(Point.AFTER_COMMIT, HalfClose(after_bytes=9))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert len(await client.rest()) == 9


async def test_a_corrupt_request_breaks_its_own_connection_only():
    opened, run, _ = under(Point.BEFORE_PARSE, Corrupt(bits=1, offset=0), when=Selection(register="kkm-1", times=1))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        assert await client.rest() == b"", "its magic is wrong: nobody knows what to answer"
        run.switch_to(NO_FAULTS)
        assert isinstance(await (await server.welcome("other")).sell(1), Accepted)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (Refuse("too_old", "no"), Refused(code=RefusalCode.TOO_OLD, text="no")),
        (Refuse("blocked", "unpaid rent"), Blocked(reason="unpaid rent")),
        (AskToWait(700), TryLater(delay_ms=700)),
        (Refuse("77", "a code of another protocol"), Refused(code=RefusalCode.BAD_REQUEST, text="77: a code of another protocol")),
    ],
)  # fmt: skip
async def test_another_answer_is_given_before_anything_is_decided(effect, expected):
    opened, _, _ = under(Point.BEFORE_COMMIT, effect)
    async with opened as server:
        client = await server.welcome()
        assert await client.sell(1) == expected
        assert isinstance(await client.sell(1), Accepted), "the fault was for once, and nothing had been committed"


async def test_a_wrong_request_number_is_on_the_envelope_only():
    opened, _, _ = under(Point.AFTER_COMMIT, WrongRequestNumber(5))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        async with asyncio.timeout(WAIT_S):
            header = NATIVE.parse_header(await client.reader.readexactly(HEADER_SIZE))
        assert header.number == client.number + 5


async def test_a_connection_that_is_refused_at_the_door():
    opened, run, _ = under(Point.ON_CONNECT, Reset(), when=Selection(times=1))
    async with opened as server:
        client = await server.connect()
        async with asyncio.timeout(WAIT_S):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.hello()
        assert isinstance(await (await server.connect()).hello(), Welcome)
        assert run.plan.faults[0].name == "it"


async def test_what_a_gateway_cannot_do_is_handed_on():
    opened, _, suffered = under(Point.BEFORE_COMMIT, Block())
    async with opened as server:
        client = await server.welcome()
        assert isinstance(await client.sell(1), Accepted)
        assert suffered == [(Block(), "kkm-1")]


async def test_the_same_plan_does_the_same_again():
    async def answers() -> list[str]:
        opened, _, _ = under(Point.BEFORE_COMMIT, AskToWait(5), when=Selection(command="document", probability=0.5))
        async with opened as server:
            client = await server.welcome()
            found = []
            number = 1
            while number < 12:
                answer = await client.sell(number)
                found.append(type(answer).__name__)
                number += isinstance(answer, Accepted)
            return found

    first = await answers()
    assert {"Accepted", "TryLater"} == set(first)
    assert await answers() == first


async def test_a_connection_that_opens_slowly_takes_everything_later_and_in_its_order():
    opened, _, _ = under(Point.ON_CONNECT, Delay(400), when=Selection(times=1))
    async with opened as server:
        client = await server.connect()
        client.write(Hello(register="kkm-1", token="t", software="test", last_number=10**6), submit(receipt(1)))
        assert await silent(client)
        assert isinstance(await client.answer(), Welcome)
        assert isinstance(await client.answer(), Accepted)


async def test_the_end_of_a_half_does_not_overtake_what_stands_before_it():
    opened, _, _ = under(Point.BEFORE_PARSE, Delay(50), when=Selection(register="kkm-1"))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        client.writer.write_eof()
        assert isinstance(await client.answer(), Accepted)
        assert await client.rest() == b""


async def test_a_fault_befalls_frames_and_not_the_pieces_that_tcp_makes():
    opened, _, _ = under(Point.BEFORE_PARSE, LoseRequest(), when=Selection(register="kkm-1", nth=2))
    async with opened as server:
        client = await server.welcome()
        for number in (1, 2, 3):
            for byte in client.frame(submit(receipt(number))):
                client.writer.write(bytes((byte,)))
                await asyncio.sleep(0)
        assert isinstance(await client.answer(), Accepted)
        refused = await client.answer()
        assert isinstance(refused, Refused)
        assert refused.text == "must be 3, is 4", (
            "the second frame is lost as a whole, and the third comes in its place"
        )


async def test_a_frame_that_never_becomes_whole_runs_into_the_limit_of_the_session():
    opened, _, _ = under(Point.BEFORE_PARSE, LoseRequest(), when=Selection(nth=99))
    async with opened as server:
        client = await server.welcome()
        client.writer.write(client.frame(submit(receipt(1)))[:20])
        await server.until(lambda: next(iter(server.gateway.connections))._inbound.is_amid_frame)
        for _ in range(2):
            server.operator.clock.pass_(60)
            server.look_at_limits()
        assert await client.rest() == b""


async def test_an_end_within_a_frame_is_an_end_within_a_frame():
    opened, _, _ = under(Point.BEFORE_PARSE, LoseRequest(), when=Selection(nth=99))
    async with opened as server:
        client = await server.welcome()
        client.writer.write(client.frame(submit(receipt(1)))[:20])
        client.writer.write_eof()
        assert await client.rest() == b""


async def test_a_delay_before_the_commit_holds_up_what_comes_behind_it():
    opened, _, _ = under(Point.BEFORE_COMMIT, Delay(50))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)), submit(receipt(2)))
        answers = [await client.answer(), await client.answer()]
        assert [answer.number for answer in answers if isinstance(answer, Accepted)] == [1, 2]


async def test_a_wrong_number_in_either_direction():
    for offset, expected in ((-1, 1), (-3, 2**32 - 2)):
        opened, _, _ = under(Point.AFTER_COMMIT, WrongRequestNumber(offset))
        async with opened as server:
            client = await server.welcome()
            client.write(submit(receipt(1)))
            async with asyncio.timeout(WAIT_S):
                header = NATIVE.parse_header(await client.reader.readexactly(HEADER_SIZE))
            assert header.number == expected


async def test_answers_that_change_places():
    opened, _, _ = under(Point.AFTER_COMMIT, Reorder(ms_max=5_000))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)), submit(receipt(2)))
        answers = [await client.answer(), await client.answer()]
        assert [answer.number for answer in answers if isinstance(answer, Accepted)] == [2, 1]


async def test_a_late_answer_leaves_although_its_register_says_no_more():
    opened, _, _ = under(Point.AFTER_COMMIT, Delay(100))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        client.writer.write_eof()
        assert isinstance(await client.answer(), Accepted)
        assert await client.rest() == b""


async def test_a_server_that_stops_waits_for_no_late_answer():
    opened, _, _ = under(Point.AFTER_COMMIT, Delay(60_000))
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        client.writer.write_eof()
        assert await silent(client)
        await server.gateway.close()
        assert await client.rest() == b""


async def test_a_process_that_may_not_die_resets_the_connection():
    opened, _, _ = under(Point.AFTER_COMMIT, Crash())
    async with opened as server:
        client = await server.welcome()
        client.write(submit(receipt(1)))
        async with asyncio.timeout(WAIT_S):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.answer()


async def test_the_host_hears_that_a_request_has_its_answer():
    host = TwinHost()
    fault = Fault(name="it", at=Point.BEFORE_COMMIT, effects=(DiskFull(),), when=DOCUMENT)
    run = FaultRun(FaultPlan((fault,)))
    async with listening(conversation=partial(FaultyConversation, run, host)) as server:
        client = await server.welcome()
        assert host.relieved == ["kkm-1"]
        assert isinstance(await client.sell(1), Accepted)
        assert host.suffered == [(DiskFull(), "kkm-1")]
        assert host.relieved == ["kkm-1", "kkm-1"]


async def test_who_watches_is_told_of_the_connection_and_the_request():
    opened, run, _ = under(Point.AFTER_COMMIT, Delay(1))
    told: list[Applied] = []
    run.watch(told.append)
    async with opened as server:
        client = await server.welcome()
        await client.sell(1)
        (applied,) = told
        assert applied.situation.peer == str(client.writer.get_extra_info("sockname"))
        assert (applied.situation.request, applied.situation.register) == (client.number, "kkm-1")
