"""The memory without a disk crashes where it is told to."""

import asyncio

import pytest

from fiscal.errors import DiskFull
from kkt_client.core.records import GENESIS, Issued, seal
from kkt_client.storage.memory import Crashed, InMemoryFiscalMemory, MemoryDisk

FIRST = seal(GENESIS, 1, Issued(number=1, content=b"", key="k"))


@pytest.mark.parametrize(("steps", "survives"), [(0, False), (1, True)])
async def test_a_crash_before_and_behind_the_point_where_data_is_durable(steps, survives):
    disk = MemoryDisk()
    memory = InMemoryFiscalMemory(disk, crash_after=steps)
    await memory.open()

    with pytest.raises(Crashed, match=f"step {steps + 1}"):
        await memory.append([FIRST], {"marks": b"m"})

    assert memory.crashed
    assert disk.records == [FIRST] * survives
    assert disk.beside == ({"marks": b"m"} if survives else {})
    with pytest.raises(Crashed, match="dead"):
        await memory.of_key("k")
    assert (await InMemoryFiscalMemory(disk).open()).last_seq == int(survives)


async def test_a_crash_while_the_disk_writes_loses_what_was_being_written():
    gate = asyncio.Event()
    disk = MemoryDisk()

    async def sync() -> None:
        await gate.wait()

    memory = InMemoryFiscalMemory(disk, sync=sync)
    await memory.open()
    writing = asyncio.ensure_future(memory.append([FIRST], {}))
    await asyncio.sleep(0)
    memory.crash()
    gate.set()

    with pytest.raises(Crashed):
        await writing
    assert disk.records == []


async def test_room():
    disk = MemoryDisk()
    memory = InMemoryFiscalMemory(disk)
    await memory.open()
    assert disk.free() > 0

    disk.full = True

    assert disk.free() == 0
    with pytest.raises(DiskFull):
        await memory.append([FIRST], {})


async def test_a_handle_that_is_dead_does_not_let_go_of_its_successors_disk():
    disk = MemoryDisk()
    first = InMemoryFiscalMemory(disk)
    await first.open()
    first.crash()
    second = InMemoryFiscalMemory(disk)
    await second.open()

    await first.close()

    assert disk.holder is second
