"""A look at a memory, without using it."""

from dataclasses import replace

import pytest

from fiscal.errors import StorageCorrupt, StorageError
from kkt_client import reading
from kkt_client.core.records import Founded
from kkt_client.reading import MemoryReader, _NoClock
from kkt_client.storage.memory import InMemoryFiscalMemory, MemoryDisk
from tests.documents import T0
from tests.kkt_client.shop import BASKET, WHOSE, Shop, play


@pytest.fixture
def lived() -> Shop:
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            for _ in range(4):
                await register.sell(BASKET)
            shop.operator.down = True
            await register.sell(BASKET, key="k")

    play(scene)
    return shop


async def test_everything_can_be_read(monkeypatch, lived):
    monkeypatch.setattr(reading, "PAGE", 2)
    shop = lived

    async with MemoryReader(InMemoryFiscalMemory(shop.disk), "https://ofd/r") as reader:
        assert reader.registration == WHOSE
        assert [paper.number async for paper in reader.documents()] == [1, 2, 3, 4, 5]
        assert [dossier.number async for dossier in reader.dossiers(first=2, last=3)] == [2, 3]
        (last,) = [paper async for paper in reader.documents(first=5)]
        assert last.autonomous
        assert "https://ofd/r?i=" in getattr(last, "qr", "")
        assert reader.shift.counters["tickets.sell.count"] == 5
        assert (reader.status(T0).unsent, reader.state.last_number) == (1, 5)
        found = [record async for record in reader.records()]
        assert isinstance(found[0], Founded)
        assert len(found) == len(shop.disk.records)
        assert (await reader.verify()).is_whole
    assert shop.disk.holder is None


async def test_there_must_be_something_to_read():
    disk = MemoryDisk()

    with pytest.raises(StorageError, match="is empty"):
        async with MemoryReader(InMemoryFiscalMemory(disk)):
            pass
    assert disk.holder is None


async def test_a_damaged_memory_is_let_go_of(lived):
    shop = lived
    shop.disk.records[3] = replace(shop.disk.records[3], body=b"\x80")

    with pytest.raises(StorageCorrupt):
        async with MemoryReader(InMemoryFiscalMemory(shop.disk)):
            pass
    assert shop.disk.holder is None


@pytest.mark.parametrize("ask", [_NoClock.now, _NoClock.monotonic])
def test_a_reader_has_no_time(ask):
    with pytest.raises(AssertionError, match="no time"):
        ask(_NoClock())
