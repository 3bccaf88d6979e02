"""Small storms over real sockets: what is told is what happened, also when the operator dies or lies."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fiscal.errors import StorageError
from mock_ofd.load import engine, verdict
from mock_ofd.load.engine import run
from mock_ofd.load.result import LoadFailed, Phase, Progress, Result
from mock_ofd.load.scenario import Scenario
from tests.mock_ofd.load.false_operator import VICTIM, FalseOperator
from tests.ports import free_port

REGISTERS = 50
DOCUMENTS = 12
WITHIN_S = 90


def scenario(**given) -> Scenario:
    usual = {"registers": REGISTERS, "documents": DOCUMENTS, "reference": False, "processes": 1, "end_after_s": 60.0}
    return Scenario(**{**usual, **given})


async def ran(wanted: Scenario, heard: list[Progress] | None = None, stop: asyncio.Event | None = None) -> Result:
    told = heard if heard is not None else []
    async with asyncio.timeout(WITHIN_S):
        return await run(wanted, tell=told.append, stop=stop or asyncio.Event())


# ----------------------------------------------------------------------------------------------- an operator of its own


async def test_a_storm_is_drained_and_proven_document_by_document():
    heard: list[Progress] = []

    found = await ran(scenario(processes=2, reference=True), heard)

    assert found.is_proven
    assert (found.registers, found.documents_planned) == (REGISTERS, REGISTERS * DOCUMENTS)
    assert found.documents_sent == found.documents_acknowledged == REGISTERS * DOCUMENTS
    assert (found.lost, found.doubled, found.out_of_order, found.late) == (0, 0, 0, 0)
    assert found.latency_ms.count == found.delay_ms.count == REGISTERS * DOCUMENTS
    assert found.wait_ms.count == REGISTERS
    assert found.drain_s > 0
    assert found.documents_per_s > 0
    assert found.errors == {}
    assert found.faulty == ()
    assert found.reference is not None
    assert 0 < found.reference.ratio < 1
    assert sum(tick.acknowledged for tick in found.ticks) == REGISTERS * DOCUMENTS
    assert found.ticks[-1].backlog == 0
    assert sum(tick.connects for tick in found.ticks) == found.connects == REGISTERS


async def test_what_is_told_meanwhile_goes_from_phase_to_phase():
    heard: list[Progress] = []

    await ran(scenario(reference=True), heard)

    phases = [progress.phase for progress in heard]
    assert list(dict.fromkeys(phases)) == [Phase.PREPARING, Phase.REFERENCE, Phase.STORM, Phase.JUDGING]
    assert all((progress.tick is None) or progress.phase is Phase.STORM for progress in heard)
    assert max(progress.done for progress in heard if progress.phase is Phase.PREPARING) == REGISTERS * DOCUMENTS


@pytest.mark.parametrize("protocol", ["http", "kz"])
async def test_registers_that_speak_another_protocol_are_drained_as_well(protocol):
    found = await ran(scenario(protocol=protocol, registers=20))
    assert found.is_proven, found.errors


@pytest.mark.parametrize("policy", ["none", "equal", "full", "decorrelated"])
async def test_every_policy_drains(policy):
    found = await ran(scenario(policy=policy, registers=20, documents=3, backoff_cap_ms=2_000))
    assert found.is_proven, found.errors


async def test_documents_follow_from_the_rate_and_the_day_where_nobody_counted_them():
    found = await ran(scenario(registers=10, documents=None, sales_per_hour=20.0, outage_s=3_600.0, day="flat"))
    assert found.is_proven
    assert 10 * 20 * 0.9 <= found.documents_planned <= 10 * 21


async def test_with_the_link_up_documents_are_sold_when_they_are_due():
    found = await ran(scenario(documents=None, registers=20, steady_s=3.0, sales_per_hour=7_200.0))
    assert found.is_proven, found.errors
    assert found.documents_planned >= 20 * 5
    assert found.drain_s > 2  # nobody sold ahead of his time
    assert found.connects == 20


async def test_a_run_that_is_stopped_says_what_it_has_proven(tmp_path):
    stop = asyncio.Event()

    def tell(progress: Progress) -> None:
        if progress.tick is not None and progress.tick.acknowledged:
            stop.set()

    async with asyncio.timeout(WITHIN_S):
        found = await run(scenario(returns="window:30", data=str(tmp_path)), tell=tell, stop=stop)

    assert not found.complete
    assert not found.is_proven
    assert 0 < found.documents_acknowledged < found.documents_planned
    assert (found.lost, found.doubled, found.out_of_order) == (0, 0, 0)
    assert found.ticks
    assert (tmp_path / "ledger.sqlite3").exists() or list(tmp_path.iterdir())


async def test_what_was_proven_by_a_run_that_is_stopped_is_every_document_until_then(monkeypatch):
    monkeypatch.setattr(verdict, "TELL_EVERY", 1)
    stop = asyncio.Event()

    def tell(progress: Progress) -> None:
        if progress.tick is not None and progress.tick.acknowledged:
            stop.set()

    async with asyncio.timeout(WITHIN_S):
        found = await run(scenario(returns="window:30"), tell=tell, stop=stop)
    assert found.lost == 0
    assert not found.complete


async def test_who_stops_the_judging_gets_no_verdict(monkeypatch):
    monkeypatch.setattr(verdict, "TELL_EVERY", 1)
    stop = asyncio.Event()

    def tell(progress: Progress) -> None:
        if progress.phase is Phase.JUDGING:
            stop.set()

    async with asyncio.timeout(WITHIN_S):
        found = await run(scenario(registers=10), tell=tell, stop=stop)
    assert (found.lost, found.complete, found.is_proven) == (None, False, False)
    assert found.documents_acknowledged == found.documents_planned


async def test_a_run_that_is_stopped_while_it_prepares_ends_too():
    stop = asyncio.Event()
    stop.set()
    found = await ran(scenario(documents=2_000), stop=stop)
    assert not found.complete
    assert found.documents_acknowledged == 0


async def test_a_run_that_takes_too_long_ends_and_says_so():
    async with FalseOperator("") as operator:
        host = operator.address
    found = await ran(scenario(target=host, end_after_s=1.0))  # nobody listens there any more
    assert not found.is_proven
    assert not found.complete
    assert found.documents_acknowledged == 0
    assert any("refused" in words.lower() for words in found.errors)


async def test_an_operator_that_does_not_start_is_told_in_its_own_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadFailed, match=r"the operator did not start: .*file"):
        await ran(scenario(data=str(tmp_path / "file")))


# ------------------------------------------------------------------------------------------------- somebody else's


async def test_without_the_ledger_nothing_is_said_of_it():
    async with FalseOperator("") as operator:
        found = await ran(scenario(target=operator.address))
    assert (found.lost, found.doubled, found.out_of_order) == (None, None, None)
    assert found.server is None
    assert found.queue_peak is None
    assert found.complete
    assert found.is_proven


async def test_a_ledger_that_is_not_there_is_an_error_of_storage(tmp_path):
    async with FalseOperator("") as operator:
        with pytest.raises(StorageError):
            await ran(scenario(target=operator.address, data=str(tmp_path)))


@pytest.mark.parametrize(
    ("mistake", "lost", "doubled", "out_of_order", "late", "words"),
    [
        ("", 0, 0, 0, 0, ""),
        ("loses", 1, 0, 0, 0, f"document {VICTIM} was accepted.*is not in the ledger"),
        ("signs otherwise", 1, 0, 0, 0, f"document {VICTIM} was accepted.*is in the ledger with another sign"),
        ("doubles", 0, 1, 0, 0, f"document {VICTIM} is in the ledger twice"),
        ("swaps", 0, 0, 1, 0, f"document {VICTIM} stands behind {VICTIM + 1} in the ledger"),
        ("answers late", 0, 0, 0, 1, "1 answers came after the limit"),
    ],
)
async def test_the_verdict_finds_what_the_operator_did_wrong(
    monkeypatch, tmp_path, mistake, lost, doubled, out_of_order, late, words
):
    async with FalseOperator(mistake) as operator:
        monkeypatch.setattr(engine, "ledger_of", lambda *_: iter(operator.ledger))
        # The document that the mistake is made with has to be one that gets a sign: see the seed.
        found = await ran(
            scenario(target=operator.address, data=str(tmp_path), answer_limit_s=0.8, backoff_base_ms=50, seed=5)
        )

    assert (found.lost, found.doubled, found.out_of_order, found.late) == (lost, doubled, out_of_order, late)
    assert found.complete
    assert found.documents_acknowledged == REGISTERS * DOCUMENTS
    assert len(found.faulty) == (1 if mistake else 0)
    if mistake:
        (faulty,) = found.faulty
        assert (faulty.lost, faulty.doubled, faulty.out_of_order, faulty.late) == (lost, doubled, out_of_order, late)
        assert re.search(words, faulty.first)
    assert found.is_proven is not bool(mistake)


def serve(port: int, data: Path) -> subprocess.Popen[str]:
    options = ["--native", f"127.0.0.1:{port}", "--http", "off", "--kz", "off", "--data", str(data)]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "mock_ofd", "serve", "--log-level", "error", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    return process


async def test_an_operator_that_is_killed_in_the_storm_loses_nothing(tmp_path):
    port = free_port()
    loop = asyncio.get_running_loop()
    operators = [await loop.run_in_executor(None, serve, port, tmp_path)]
    killed = asyncio.Event()

    def tell(progress: Progress) -> None:
        if progress.tick is not None and progress.done and not killed.is_set():
            operators[0].send_signal(signal.SIGKILL)
            killed.set()

    async def start_again() -> None:
        await killed.wait()
        await loop.run_in_executor(None, operators[0].wait)
        operators.append(await loop.run_in_executor(None, serve, port, tmp_path))

    starting = asyncio.create_task(start_again())
    try:
        wanted = scenario(
            returns="window:4", target=f"127.0.0.1:{port}", data=str(tmp_path), backoff_base_ms=100, backoff_cap_ms=500
        )
        async with asyncio.timeout(WITHIN_S):
            found = await run(wanted, tell=tell, stop=asyncio.Event())
        await starting
    finally:
        starting.cancel()
        for process in operators:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    assert len(operators) == 2
    assert found.documents_acknowledged == found.documents_planned == REGISTERS * DOCUMENTS
    assert (found.lost, found.doubled, found.out_of_order) == (0, 0, 0)
    assert found.errors, "who came while nobody was there has tried again"
    assert found.errors
