"""The only way into the memory: decided on the newest state, durable, then true."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from fiscal.domain.lifecycle import AutonomousReason, IllegalTransition
from fiscal.errors import ConfigurationError, DiskFull, StorageCorrupt
from kkt_client.core import records, snapshot
from kkt_client.core.errors import MemoryStopped
from kkt_client.core.events import AnomalyNoted, Event
from kkt_client.core.records import seal
from kkt_client.keeping import NOTHING, Intent, Keeper, prove, walk
from kkt_client.ports import MARKS, REGISTRATION, SNAPSHOT
from kkt_client.storage.memory import Crashed, InMemoryFiscalMemory, MemoryDisk
from tests.documents import T0
from tests.kkt_client.core.till import Till
from tests.kkt_client.shop import WHOSE


class Still:
    """A clock that stands."""

    def now(self) -> int:
        return T0

    def monotonic(self) -> float:
        return 0.0


def note(text: str = "t") -> records.Anomaly:
    return records.Anomaly(code=records.AnomalyCode.SECOND_SIGN, at=T0, text=text)


def keeper_of(disk: MemoryDisk, told: list[Event] | None = None, **options: Any) -> Keeper:
    return Keeper(InMemoryFiscalMemory(disk, **options), Still(), (told if told is not None else []).append)


async def founded(disk: MemoryDisk, **options: Any) -> Keeper:
    keeper = keeper_of(disk, **options)
    if await keeper.open() is None:
        await keeper.found(WHOSE)
    return keeper


async def test_a_memory_is_founded_once_and_knows_whose_it_is():
    disk = MemoryDisk()
    keeper = await founded(disk)
    await keeper.close()

    again = keeper_of(disk)

    assert await again.open() == WHOSE
    assert again.state.register_id == "kkt-1"
    await again.close()


async def test_records_are_durable_before_the_state_moves_and_before_anybody_is_told():
    disk = MemoryDisk()
    order: list[str] = []
    keeper = await founded(disk)
    append, apply = keeper.memory.append, keeper.state.apply

    async def appended(*given: Any) -> None:
        await append(*given)
        order.append("durable")

    def applied(*given: Any) -> list[Event]:
        order.append("moved")
        return apply(*given)

    watched: Any = keeper
    watched.memory.append, watched.state.apply = appended, applied
    keeper._tell = lambda event: order.append("told")
    waiting = asyncio.ensure_future(keeper.moved.wait())
    await asyncio.sleep(0)

    await keeper.commit(lambda state: Intent([note()]))

    assert order == ["durable", "moved", "told"]
    assert await waiting


async def test_decisions_are_made_one_after_the_other_on_the_newest_state():
    disk = MemoryDisk()

    async def slowly() -> None:
        await asyncio.sleep(0.001)

    keeper = await founded(disk, sync=slowly)
    seen: list[int] = []

    def period(state: Any) -> Intent:
        seen.append(state.last_period)
        began = records.PeriodBegan(period=state.last_period + 1, at=T0, reason=AutonomousReason.UNPAID)
        return Intent([began, records.PeriodEnded(period=began.period, at=T0)])

    await asyncio.gather(*(keeper.commit(period) for _ in range(4)))

    assert seen == [0, 1, 2, 3]


async def test_nothing_decided_is_nothing_written():
    disk = MemoryDisk()
    keeper = await founded(disk)

    assert await keeper.commit(lambda state: NOTHING) == ()
    with pytest.raises(RuntimeError):
        await keeper.commit(lambda state: (_ for _ in ()).throw(RuntimeError("no")))
    assert len(disk.records) == 1


async def test_a_full_disk_is_no_end():
    disk = MemoryDisk()
    keeper = await founded(disk)
    disk.full = True
    with pytest.raises(DiskFull):
        await keeper.commit(lambda state: Intent([note()]))
    disk.full = False

    await keeper.commit(lambda state: Intent([note()]))

    assert len(disk.records) == 2


async def test_any_other_failure_is_one():
    disk = MemoryDisk()
    keeper = await founded(disk, crash_after=3)

    with pytest.raises(Crashed):
        await keeper.commit(lambda state: Intent([note()]))
    with pytest.raises(MemoryStopped, match="nothing more is written after: crashed at step 4"):
        await keeper.commit(lambda state: Intent([note()]))
    assert len(disk.records) == 2, "it was durable, but nobody was told"
    await keeper.close()


async def test_a_commit_that_was_cancelled_may_have_happened():
    disk = MemoryDisk()
    gate = asyncio.Event()

    async def slowly() -> None:
        if disk.records:
            await gate.wait()

    keeper = await founded(disk, sync=slowly)
    commit = asyncio.ensure_future(keeper.commit(lambda state: Intent([note()])))
    await asyncio.sleep(0.001)
    commit.cancel()

    with pytest.raises(asyncio.CancelledError):
        await commit
    with pytest.raises(MemoryStopped, match="CancelledError"):
        await keeper.commit(lambda state: Intent([note()]))


async def test_a_record_that_cannot_follow_is_damage():
    disk = MemoryDisk()
    keeper = await founded(disk)
    await keeper.close()
    last = disk.records[-1]
    disk.records.append(seal(last.hash, 2, records.PeriodEnded(period=1, at=T0)))

    with pytest.raises(StorageCorrupt, match="record 2 cannot follow"):
        await keeper_of(disk).open()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda disk: disk.beside.pop(REGISTRATION), "does not say whose"),
        (lambda disk: disk.beside.pop(MARKS), "marks beside the chain"),
        (lambda disk: disk.beside.update({MARKS: b"\x80"}), "seq: is missing"),
        (lambda disk: disk.beside.update({REGISTRATION: b"\x80"}), "registration is damaged"),
        (lambda disk: disk.records.pop(), "record 2 was written last, record 1 is the last one here"),
        (lambda disk: disk.records.__setitem__(1, replace(disk.records[1], body=b"\x80")), "the hash does not belong"),
    ],
)
async def test_a_damaged_memory_is_not_opened(spoil, why):
    disk = MemoryDisk()
    keeper = await founded(disk)
    await keeper.commit(lambda state: Intent([note()]))
    await keeper.close()
    spoil(disk)

    with pytest.raises(StorageCorrupt, match=why):
        await keeper_of(disk).open()


async def test_a_failing_memory_is_not_called_damaged():
    disk = MemoryDisk()
    await (await founded(disk)).close()
    keeper = keeper_of(disk)
    records_of = keeper.memory.records

    async def fails(after: int, limit: int) -> Any:
        await records_of(after, limit)
        raise DiskFull("no")

    keeper.memory.records = fails  # type: ignore[method-assign]  # a disk that fails
    with pytest.raises(DiskFull):
        await keeper.open()


# ------------------------------------------------------------------------------------------------------ snapshots


async def lived(disk: MemoryDisk, anomalies: int) -> Keeper:
    keeper = await founded(disk)
    for _ in range(anomalies):
        await keeper.commit(lambda state: Intent([note()]))
    return keeper


async def test_a_snapshot_rides_with_a_commit_and_saves_the_reading():
    disk = MemoryDisk()
    keeper = await lived(disk, snapshot.EVERY + 5)
    state = vars(keeper.state)
    await keeper.close()
    assert SNAPSHOT in disk.beside

    again = keeper_of(disk)
    read: list[int] = []
    records_of = again.memory.records

    async def counted(after: int, limit: int) -> Any:
        found = await records_of(after, limit)
        read.extend(sealed.seq for sealed in found)
        return found

    again.memory.records = counted  # type: ignore[method-assign]  # to count
    await again.open()

    assert vars(again.state) == state
    assert len(read) < 10


@pytest.mark.parametrize(
    "spoil",
    [
        lambda disk: disk.beside.update({SNAPSHOT: b"nonsense"}),
        lambda disk: disk.beside.update({SNAPSHOT: snapshot.take(Till().state, 256, b"x" * 32)}),
        lambda disk: disk.beside.update({SNAPSHOT: snapshot.take(Till().state, 9_999, b"x" * 32)}),
    ],
    ids=["damaged", "of another chain", "of the future"],
)
async def test_a_snapshot_that_the_chain_does_not_prove_is_not_believed(spoil):
    disk = MemoryDisk()
    keeper = await lived(disk, snapshot.EVERY + 5)
    state = vars(keeper.state)
    await keeper.close()
    spoil(disk)

    again = keeper_of(disk)
    await again.open()

    assert vars(again.state) == state


async def test_no_snapshot_is_taken_while_something_waits():
    disk = MemoryDisk()
    keeper = await founded(disk)
    began = records.PeriodBegan(period=1, at=T0, reason=AutonomousReason.UNPAID)
    await keeper.commit(lambda state: Intent([began]))
    for _ in range(snapshot.EVERY + 5):
        await keeper.commit(lambda state: Intent([note()]))

    assert SNAPSHOT not in disk.beside


# ----------------------------------------------------------------------------------------------------------- marks


async def test_what_is_owed_to_a_caller_is_kept_with_the_document_and_forgotten_with_the_next_commit():
    disk = MemoryDisk()
    keeper = await founded(disk)
    issued = Till()
    issued.issue()
    await keeper.commit(lambda state: Intent([issued.written[1]]), owed=True)
    assert dict(keeper.unfinished) == {1: None}

    keeper.finished(1)
    crashed = MemoryDisk()
    crashed.records, crashed.beside = list(disk.records), dict(disk.beside)
    await keeper.close()

    before, after = keeper_of(crashed), keeper_of(disk)
    await before.open()
    await after.open()
    assert dict(before.unfinished) == {1: None}, "returned just before a crash: listed again"
    assert dict(after.unfinished) == {}


async def test_closing_writes_only_what_is_new():
    disk = MemoryDisk()
    keeper = await founded(disk)
    keeper.attempts = (1, 5)
    await keeper.close()
    again = keeper_of(disk)
    await again.open()
    steps = []
    append = again.memory.append

    async def counted(*given: Any) -> None:
        steps.append(given)
        await append(*given)

    watched: Any = again.memory
    watched.append = counted

    assert again.attempts == (1, 5)
    await again.close()
    assert steps == []


async def test_a_closing_that_fails_still_lets_go():
    disk = MemoryDisk()
    keeper = await founded(disk)
    keeper.attempts = (1, 5)
    disk.full = True
    await keeper.close()

    assert disk.holder is None


async def test_a_registration_is_kept_and_belongs_to_one_register():
    disk = MemoryDisk()
    keeper = await founded(disk)
    await keeper.register(WHOSE)
    other = replace(WHOSE, token="new")
    await keeper.register(other)
    with pytest.raises(ConfigurationError, match="belongs to kkt-1, not to kkt-2"):
        await keeper.register(replace(WHOSE, register="kkt-2"))
    await keeper.close()

    assert await keeper_of(disk).open() == other


# ---------------------------------------------------------------------------------------------------------- reading


async def test_events_come_out_and_opening_again_tells_nothing():
    disk = MemoryDisk()
    told: list[Event] = []
    keeper = keeper_of(disk, told)
    await keeper.open()
    await keeper.found(WHOSE)
    await keeper.commit(lambda state: Intent([note()]))
    await keeper.close()
    again: list[Event] = []
    await keeper_of(disk, again).open()

    assert [type(event) for event in told] == [AnomalyNoted]
    assert again == []


async def test_damage_is_found_when_a_document_is_read():
    disk = MemoryDisk()
    keeper = await founded(disk)
    till = Till()
    till.issue()
    await keeper.commit(lambda state: Intent([till.written[1]]))
    disk.records[1] = replace(disk.records[1], body=b"\x80")

    with pytest.raises(StorageCorrupt, match="number: is missing"):
        await keeper.of_document(1)
    verdict = await keeper.verify()
    assert verdict.damage is not None
    assert verdict.damage.seq == 2


async def test_a_memory_can_be_proved_without_being_opened_by_a_register():
    disk = MemoryDisk()
    keeper = await lived(disk, 3)
    await keeper.close()

    assert (await prove(InMemoryFiscalMemory(disk))).is_whole
    disk.records.pop()
    cut = await prove(InMemoryFiscalMemory(disk))
    assert cut.damage is not None
    assert (cut.damage.seq, cut.damage.why) == (4, "is missing; 4 records were written")
    del disk.beside[MARKS]
    without = await prove(InMemoryFiscalMemory(disk))
    assert without.damage is not None
    assert disk.holder is None


async def test_a_walk_stops_where_it_was_told_to():
    disk = MemoryDisk()
    keeper = await lived(disk, 3)

    verdict = await walk(keeper.memory, 2, disk.records[1].hash)

    assert (verdict.records, verdict.is_whole) == (2, True)


async def test_a_record_that_cannot_follow_stops_the_memory():
    disk = MemoryDisk()
    keeper = await founded(disk)

    with pytest.raises(IllegalTransition):
        await keeper.commit(lambda state: Intent([records.PeriodEnded(period=1, at=T0)]))
    with pytest.raises(MemoryStopped, match="after a record that cannot follow"):
        await keeper.commit(lambda state: Intent([note()]))
