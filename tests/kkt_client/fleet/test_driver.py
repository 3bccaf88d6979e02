"""A fleet over real sockets: who connects, what is heard, who comes back, and that nothing is left of it."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest

from fiscal.domain.messages import SubmitDocument
from fiscal.retry import Backoff, Jitter
from kkt_client.core.saying import Said
from kkt_client.fleet import driver as driver_module
from kkt_client.fleet.driver import Driver
from kkt_client.fleet.register import FleetRegister
from tests.kkt_client.fleet.desk import Desk, Tally, fleet_register
from tests.ports import free_port

BRISK = Backoff(10, 20, Jitter.NONE)
WITHIN_S = 20.0


class Served(asyncio.Protocol):
    """The operator's end of a connection; it breaks off instead of the first answers to documents, ``drops`` times."""

    def __init__(self, house: "House") -> None:
        self.house = house
        self.desk = Desk()

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.house.callers.append(transport.get_extra_info("peername")[0])

    def data_received(self, data: bytes) -> None:
        answer = self.desk.take(data, 0.0)
        if self.house.drops and any(isinstance(request, SubmitDocument) for request in self.desk.heard):
            self.house.drops -= 1
            self.transport.abort()
            return
        self.transport.write(answer)


class House:
    """Who listens, and from where the registers came."""

    def __init__(self, drops: int = 0) -> None:
        self.drops = drops
        self.callers: list[str] = []

    @asynccontextmanager
    async def listens(self, port: int = 0):
        server = await asyncio.get_running_loop().create_server(lambda: Served(self), "127.0.0.1", port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


def fleet(count: int, documents: int = 3) -> tuple[list[FleetRegister], list[Tally]]:
    made = [fleet_register(documents, backoff=BRISK) for _ in range(count)]
    for register, _ in made:
        register.begin(time.monotonic())
    return [register for register, _ in made], [tally for _, tally in made]


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not happened():  # noqa: ASYNC110 - what is waited for is anything
            await asyncio.sleep(0.005)


async def test_a_fleet_connects_delivers_and_is_gone():
    registers, tallies = fleet(5)
    house = House()
    async with house.listens() as port:
        driver = Driver("127.0.0.1", port, registers)
        before = time.monotonic()
        driver.start()
        await until(lambda: all(tally.idles for tally in tallies))
        assert (driver.connects, driver.connected) == (5, 5)
        assert before <= driver.first_connect <= time.monotonic()
        await driver.close()
        await until(lambda: driver.connected == 0)
    assert [tally.accepted_numbers for tally in tallies] == [[1, 2, 3]] * 5
    assert [tally.setbacks for tally in tallies] == [[]] * 5, "who hung up himself has lost nothing"


async def test_a_connection_that_breaks_is_made_anew():
    registers, tallies = fleet(2)
    async with House(drops=3).listens() as port:
        driver = Driver("127.0.0.1", port, registers)
        driver.start()
        await until(lambda: all(tally.idles for tally in tallies))
        assert (driver.connects, driver.connected) == (5, 2)
        await driver.close()
    assert [tally.accepted_numbers for tally in tallies] == [[1, 2, 3]] * 2
    assert sum(len(tally.setbacks) for tally in tallies) == 3
    assert {setback.cause.code for tally in tallies for setback in tally.setbacks} == {Said.CONNECTION_LOST}


async def test_a_door_that_is_shut_is_knocked_at_until_it_opens():
    (register,), (tally,) = fleet(1)
    port = free_port()
    driver = Driver("127.0.0.1", port, [register])
    driver.start()
    await until(lambda: len(tally.setbacks) > 2)
    assert {setback.cause.code for setback in tally.setbacks} == {Said.CONNECTION_REFUSED}
    assert (driver.connects, driver.first_connect) == (0, 0.0)
    async with House().listens(port):
        await until(lambda: tally.idles)
        await driver.close()
    assert tally.accepted_numbers == [1, 2, 3]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the loopback has one address")
async def test_each_part_of_a_large_fleet_comes_from_an_address_of_its_own(monkeypatch):
    monkeypatch.setattr(driver_module, "SOURCE_MAX", 2)
    registers, tallies = fleet(5)
    house = House()
    async with house.listens() as port:
        driver = Driver("127.0.0.1", port, registers, ("127.0.0.1", "127.0.0.2"))
        driver.start()
        await until(lambda: all(tally.idles for tally in tallies))
        await driver.close()
    assert sorted(house.callers) == ["127.0.0.1"] * 3 + ["127.0.0.2"] * 2


@pytest.fixture
async def dialled(monkeypatch) -> list[int]:
    """A network in which nothing is ever answered: the tasks that dial at a time."""
    now: list[int] = []

    async def never(*_given, **_options) -> None:
        now.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            now.pop()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    return now


async def test_so_many_are_dialled_at_a_time_and_all_are_given_up_at_the_end(dialled, monkeypatch):
    monkeypatch.setattr(driver_module, "DIALLING_MAX", 2)
    registers, tallies = fleet(5)
    driver = Driver("127.0.0.1", 1, registers)
    driver.start()
    await until(lambda: dialled)
    await asyncio.sleep(0)
    assert len(dialled) == 2
    await driver.close()
    assert dialled == []
    assert [tally.setbacks for tally in tallies] == [[]] * 5


async def test_a_connection_that_takes_too_long_is_a_setback_and_the_next_one_is_dialled(dialled, monkeypatch):
    monkeypatch.setattr(driver_module, "DIALLING_MAX", 1)
    monkeypatch.setattr(driver_module, "CONNECT_LIMIT_S", 0.01)
    registers, tallies = fleet(3)
    driver = Driver("127.0.0.1", 1, registers)
    driver.start()
    await until(lambda: all(tally.setbacks for tally in tallies))
    await driver.close()
    assert {setback.cause.code for tally in tallies for setback in tally.setbacks} == {Said.CONNECT_TIMEOUT}
