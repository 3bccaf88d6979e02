"""Nobody who watches can hold up a sale."""

import asyncio

from fiscal.domain.lifecycle import AutonomousReason
from kkt_client.core.events import Event, EventsMissed, WasUnblocked, WentAutonomous
from kkt_client.telling import EventStream, Teller

EVENTS: list[Event] = [WasUnblocked(number) for number in range(5)]


async def everything(stream: EventStream) -> list[Event]:
    return [event async for event in stream]


async def test_a_stream_has_everything_from_when_it_was_made_and_ends():
    teller = Teller(10, None)
    teller.tell(WentAutonomous(0, AutonomousReason.UNPAID))
    stream = teller.stream()
    reading = asyncio.ensure_future(everything(stream))
    await asyncio.sleep(0)
    for event in EVENTS:
        teller.tell(event)
    teller.end()

    assert await reading == EVENTS


async def test_what_waits_is_read_after_the_end():
    teller = Teller(10, None)
    stream = teller.stream()
    teller.tell(EVENTS[0])
    teller.end()
    teller.tell(EVENTS[1])

    assert await everything(stream) == EVENTS[:1]


async def test_a_slow_reader_loses_the_oldest_and_is_told_how_many():
    teller = Teller(2, None)
    stream = teller.stream()
    for event in EVENTS:
        teller.tell(event)
    teller.end()

    assert await everything(stream) == [EventsMissed(3, 3), *EVENTS[3:]]


async def test_the_callback_is_called_after_the_step_that_made_the_event():
    heard: list[Event] = []
    teller = Teller(2, heard.append)
    teller.tell(EVENTS[0])
    assert heard == []

    await asyncio.sleep(0)

    assert heard == EVENTS[:1]


async def test_a_callback_that_fails_fails_alone():
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context["exception"]))

    def broken(_event: Event) -> None:
        raise RuntimeError("a window was closed")

    teller = Teller(2, broken)
    teller.tell(EVENTS[0])
    await asyncio.sleep(0)

    assert [str(failure) for failure in failures] == ["a window was closed"]
