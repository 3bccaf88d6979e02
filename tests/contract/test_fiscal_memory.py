"""What every fiscal memory must do, whatever it is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiscal.errors import DiskFull, StorageBusy, StorageError
from kkt_client.core.records import GENESIS, Issued, PeriodEnded, Record, Sealed, seal
from kkt_client.ports import FiscalMemory
from kkt_client.storage.memory import InMemoryFiscalMemory, MemoryDisk
from kkt_client.storage.sqlite import SqliteFiscalMemory

AT = 1_767_250_800_000


class Place:
    """Where a memory lives, and how to open it once more."""

    def __init__(self, make: Callable[[], Any], fill: Callable[[], None]) -> None:
        self.make: Callable[[], FiscalMemory] = make
        self.fill = fill


@pytest.fixture(params=["memory", "sqlite"])
def place(request, tmp_path: Path) -> Place:
    if request.param == "memory":
        disk = MemoryDisk()
        return Place(lambda: InMemoryFiscalMemory(disk), lambda: setattr(disk, "full", True))
    pages: list[int | None] = [None]
    return Place(
        lambda: SqliteFiscalMemory(tmp_path / "register", page_count_max=pages[0]),
        lambda: pages.__setitem__(0, 12),
    )


def issued(number: int, key: str | None = None, size: int = 10) -> Record:
    return Issued(number=number, content=b"c" * size, key=key)


def chain(written: list[Record], after: list[Sealed] | None = None) -> list[Sealed]:
    sealed = list(after or [])
    for record in written:
        sealed.append(seal(sealed[-1].hash if sealed else GENESIS, len(sealed) + 1, record))
    return sealed[len(after or []) :]


async def test_a_new_memory_is_empty(place):
    memory = place.make()

    kept = await memory.open()

    assert (kept.last_seq, dict(kept.beside)) == (0, {})
    assert list(await memory.records(0, 10)) == []
    assert list(await memory.of_documents(1, 9)) == []
    assert await memory.of_key("k") is None
    await memory.close()


async def test_what_was_appended_is_there_after_it_was_opened_again(place):
    memory = place.make()
    await memory.open()
    first = chain([issued(1, "k"), PeriodEnded(period=1, at=AT)])
    second = chain([issued(2)], first)
    await memory.append(first, {"marks": b"1", "snapshot": b"s"})
    await memory.append(second, {"marks": b"2"})
    await memory.close()

    memory = place.make()
    kept = await memory.open()

    assert (kept.last_seq, dict(kept.beside)) == (3, {"marks": b"2", "snapshot": b"s"})
    assert list(await memory.records(0, 10)) == [*first, *second]
    assert list(await memory.records(1, 1)) == first[1:]
    assert list(await memory.records(3, 10)) == []
    await memory.close()


async def test_values_beside_the_chain_can_be_kept_alone(place):
    memory = place.make()
    await memory.open()
    await memory.append([], {"registration": b"r"})
    await memory.close()

    memory = place.make()
    assert dict((await memory.open()).beside) == {"registration": b"r"}
    await memory.close()


async def test_documents_are_found_by_number_and_by_key(place):
    memory = place.make()
    await memory.open()
    written = chain([issued(1, "a"), issued(2, "b"), PeriodEnded(period=1, at=AT), issued(3), issued(2)])
    await memory.append(written, {})

    assert list(await memory.of_documents(2, 2)) == [written[1], written[4]]
    assert list(await memory.of_documents(2, 3)) == [written[1], written[3], written[4]]
    assert list(await memory.of_documents(4, 9)) == []
    assert (await memory.of_key("a"), await memory.of_key("b"), await memory.of_key("c")) == (1, 2, None)
    await memory.close()


async def test_one_at_a_time(place):
    memory = place.make()
    await memory.open()
    other = place.make()

    with pytest.raises(StorageBusy):
        await other.open()

    await memory.append(chain([issued(1)]), {})
    await memory.close()
    assert (await other.open()).last_seq == 1
    await other.close()


async def test_a_full_memory_keeps_all_it_had_and_nothing_of_what_did_not_fit(place):
    memory = place.make()
    await memory.open()
    first = chain([issued(1)])
    await memory.append(first, {"marks": b"1"})
    await memory.close()
    place.fill()
    memory = place.make()
    await memory.open()

    with pytest.raises(DiskFull):
        await memory.append(chain([issued(2, size=200_000)], first), {"marks": b"2"})

    assert list(await memory.records(0, 10)) == first
    await memory.close()
    memory = place.make()
    kept = await memory.open()
    assert (kept.last_seq, kept.beside["marks"]) == (1, b"1")
    await memory.close()


async def test_a_closed_memory_does_nothing_and_can_be_closed_again(place):
    memory = place.make()
    await memory.open()
    await memory.close()
    await memory.close()

    with pytest.raises(StorageError):
        await memory.append(chain([issued(1)]), {})
    with pytest.raises(StorageError):
        await memory.records(0, 1)
