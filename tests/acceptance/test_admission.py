"""More registers than a slow disk can serve, over real sockets: paced, each document is answered in time, and in order."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from mock_ofd.load.engine import run
from mock_ofd.load.result import Result
from mock_ofd.load.scenario import Scenario
from ofd_server import OfdServer, admission, committing
from ofd_server.ports import Journal

REGISTERS = 60
DOCUMENTS = 6
BATCH = 8
COMMIT_S = 0.1
"""A disk that takes so long for 8 documents does 80 in a second: 60 registers with a document each are most of one."""
WITHIN_S = 120


class SlowJournal:
    """Every commit takes so much longer."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def commit(self, batch: Sequence[Any], notes: Sequence[Any] = (), times: Sequence[Any] = ()) -> Any:
        await asyncio.sleep(COMMIT_S)
        return await self._journal.commit(batch, notes, times)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)


async def storm(folder: Path, policy: str, policy_of_server: str) -> tuple[Result, dict[str, Any]]:
    """What became of it, and what the operator counted."""
    data = folder / "ledger"
    async with OfdServer(data=data, http="off", kz="off", admission=policy_of_server) as server:
        server.service.commit_through(lambda journal: cast(Journal, SlowJournal(journal)))
        assert server.native_address is not None
        scenario = Scenario(
            registers=REGISTERS,
            documents=DOCUMENTS,
            policy=policy,  # type: ignore[arg-type]  # a word is what a command line gives
            target=server.native_address,
            data=str(data),
            reference=False,
            processes=1,
            end_after_s=60.0,
        )
        async with asyncio.timeout(WITHIN_S):
            found = await run(scenario, tell=lambda progress: None, stop=asyncio.Event())
        told = server.service.admission
        assert told is not None
        return found, {"peak": max(peak for _, peak in told.peaks.seconds), "put_off": told.put_off, "rate": told.rate}


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "BATCH_MAX", BATCH)
    monkeypatch.setattr(admission, "BATCH_MAX", BATCH)


@pytest.mark.usefixtures("small_batches")
async def test_more_registers_than_a_slow_disk_can_serve(tmp_path: Path):
    found, told = await storm(tmp_path, "paced", "paced")

    assert found.documents_acknowledged == REGISTERS * DOCUMENTS
    assert (found.lost, found.doubled, found.out_of_order, found.late) == (0, 0, 0, 0)
    assert found.is_proven
    assert found.wait_ms.count == REGISTERS, "each had its first sign"
    assert found.put_off == told["put_off"] > 0
    assert told["peak"] <= 2 * 2 * BATCH + BATCH, "twice the room, and a period that is reported beside the documents"
    assert 20 < told["rate"] < 200


@pytest.mark.usefixtures("small_batches")
async def test_the_same_without_pacing_stands_in_one_long_line(tmp_path: Path):
    found, told = await storm(tmp_path, "none", "none")

    assert found.documents_acknowledged == REGISTERS * DOCUMENTS
    assert told["put_off"] == 0
    assert told["peak"] > REGISTERS / 2
