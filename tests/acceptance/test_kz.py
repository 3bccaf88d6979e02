"""The register and the operator over the Kazakhstan protocol, each as it is, on real sockets, with a line in between.

The line passes frames on, and at the right moment loses one, or the process behind it is killed: every document is one
ticket on both sides in the end.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import DocumentState, RegisterMode
from fiscal.errors import ConfigurationError
from fiscal.judging.events import What
from fiscal.judging.judgement import Judge
from kkt_client import Basket, BlockingCashRegister, CashRegister, FiscalReceipt
from kkt_client.core.receipts import FiscalPaper
from mock_ofd.cli.exits import Exit
from mock_ofd.judge.sources import read_any
from ofd_server import OfdServer
from ofd_server.core.administration import lift, reset_token, set_standing
from ofd_server.core.entries import DocumentRecorded, Standing
from ofd_server.ports import DocumentFilter
from tests.acceptance.test_both_ends import QUICK
from tests.acceptance.test_kkt_cli import BREAD, Till, start
from tests.kkt_client.shop import BASKET, PROFILE
from tests.kkt_client.shop import BREAD as LOAF

SIZE = struct.Struct("<4xI")
HEADER = 18
PATIENT = replace(QUICK, sale_budget_s=5.0)


class Wire:
    """Passes frames between registers and an operator; ``request`` and ``answer`` may keep one back."""

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self.requests = 0
        self.answers = 0
        self.request: Callable[[], Awaitable[bool]] | None = None
        """Asked once before the next document is passed on; whether to."""
        self.answer: Callable[[], Awaitable[bool]] | None = None
        """The same of an answer."""
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        try:
            yield "{}:{}".format(*server.sockets[0].getsockname())
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        host, _, port = self.operator.rpartition(":")
        far = None
        try:
            up, far = await asyncio.open_connection(host, int(port))
            while await self._one(reader, far, "request") and await self._one(up, writer, "answer"):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()

    async def _one(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str) -> bool:
        head = await source.readexactly(HEADER)
        (size,) = SIZE.unpack_from(head)
        frame = head + await source.readexactly(size - HEADER)
        decide = getattr(self, way)
        setattr(self, way, None)
        setattr(self, f"{way}s", getattr(self, f"{way}s") + 1)
        if decide is not None and not await decide():
            return False
        target.write(frame)
        await target.drain()
        return True


async def lose() -> bool:
    return False


async def held(server: OfdServer) -> list[DocumentRecorded]:
    """What the ledger holds of the register, by number."""
    found = [stored.entry for stored in await server.journal.documents(DocumentFilter(register_id="100500"))]
    return sorted((entry for entry in found if isinstance(entry, DocumentRecorded)), key=lambda entry: entry.number)


def server_in(data: Path | None = None, **options: str) -> OfdServer:
    listening = {"http": "off", "native": "off", "kz": "127.0.0.1:0"} | options
    return OfdServer(data=data, **listening) if data is not None else OfdServer(**listening)  # type: ignore[arg-type]


def address_of(place: str | None, version: int = 203) -> str:
    return f"kz://{place}?id=100500&token=123456789&version={version}"


def given_back(sold: FiscalReceipt) -> Basket:
    return Basket(lines=(LOAF,), parent=sold.as_parent())


ORDERS: dict[str, Callable[[CashRegister, FiscalReceipt], Awaitable[FiscalPaper]]] = {
    "sale": lambda till, _sold: till.sell(BASKET),
    "return": lambda till, sold: till.sell_return(given_back(sold)),
    "purchase": lambda till, _sold: till.buy(BASKET),
    "return of a purchase": lambda till, sold: till.buy_return(given_back(sold)),
    "deposit": lambda till, _sold: till.deposit(500),
    "withdrawal": lambda till, _sold: till.withdraw(500),
    "end of the shift": lambda till, _sold: till.close_shift(),
}


@pytest.mark.parametrize("way", ["request", "answer"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("version", [202, 203])
async def test_one_lost_frame_is_one_document(tmp_path, order, way, version):
    async with server_in() as server:
        wire = Wire(str(server.kz_address))
        async with wire.open() as place:
            opening = CashRegister.open(tmp_path, address_of(place, version), profile=PROFILE, settings=PATIENT)
            async with opening as till:
                sold = await till.sell(BASKET)
                setattr(wire, way, lose)
                paper = await ORDERS[order](till, sold)
                assert paper.state is DocumentState.DELIVERED
                assert wire.requests == 3, "one of them twice"
        entries = await held(server)
    assert [entry.number for entry in entries] == [1, 2]
    assert not any(entry.anomalies for entry in entries), "the figures of both sides agree"
    if isinstance(paper, FiscalReceipt) and paper.sign is not None:
        assert paper.sign == entries[1].sign
        assert f"?i={paper.sign}&f={PROFILE.rnm}" in paper.qr


async def test_a_receipt_that_turned_autonomous_behind_its_commit_is_marked_at_the_operator(tmp_path):
    async with server_in() as server:
        wire = Wire(str(server.kz_address))
        async with wire.open() as place:
            opening = CashRegister.open(tmp_path, address_of(place), profile=PROFILE, settings=QUICK)
            async with opening as till:
                await till.sell(BASKET)
                late = asyncio.Event()

                async def hold() -> bool:
                    await late.wait()
                    return False

                wire.answer = hold
                paper = await till.sell(BASKET)
                assert paper.autonomous
                late.set()
                await till.sync(30)
                report = await till.close_shift()
                papers = [one async for one in till.documents()]
        entries = await held(server)
        state = await server.service.state_of("100500")
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert report.state is DocumentState.DELIVERED
    assert state is not None
    assert state.tape.last_autonomous_sign == paper.autonomous_sign
    assert [one.sign for one in papers[:2] if isinstance(one, FiscalReceipt)] == [entry.sign for entry in entries[:2]]
    assert not any(entry.anomalies for entry in entries), "the Z-report of both sides is the same"


async def test_recorded_traffic_of_lost_frames_is_found_right(tmp_path):
    traffic = tmp_path / "traffic.jsonl"
    async with server_in(tmp_path / "ledger") as server:
        to = str(server.kz_address)
        recorder = await start("record", "--listen", "127.0.0.1:0", "--to", to, "--protocol", "kz", "--out", traffic)
        try:
            assert recorder.stdout is not None
            wire = Wire(json.loads(await recorder.stdout.readline())["listen"])
            async with wire.open() as place:
                opening = CashRegister.open(tmp_path / "till", address_of(place), profile=PROFILE, settings=PATIENT)
                async with opening as till:
                    for way in ("request", "answer"):
                        setattr(wire, way, lose)
                        await till.sell(Basket(lines=(replace(LOAF, name=f"a lost {way}"),)))
                        await till.deposit(500 + len(way))
                    await till.close_shift()
        finally:
            recorder.terminate()
            await recorder.communicate()
    judge = Judge()
    sent = 0
    for event in (*read_any(traffic), *read_any(tmp_path / "ledger")):
        judge.take(event)
        sent += event.what is What.SENT
    verdict = judge.verdict()
    assert verdict.is_right, verdict.findings
    assert [account.documents for account in verdict.accounts] == [5]
    assert sent == 5 + 1, "the lost answer was asked for again; the lost request did not come so far"


# ---------------------------------------------------------------------------------------------- processes that die


@pytest.mark.parametrize("way", ["request", "answer"])
async def test_a_register_that_is_killed_while_it_waits_sends_the_same_again(tmp_path, way):
    shop = Till(tmp_path / "till")
    async with server_in() as server:
        wire = Wire(str(server.kz_address))
        async with wire.open() as place:
            await shop("--operator", address_of(place), "sell", *BREAD)
            killed = asyncio.Event()

            async def wait() -> bool:
                killed.set()
                await asyncio.sleep(3600)
                return False

            setattr(wire, way, wait)
            process = await shop.begin("sell", *BREAD, "--key", "order-17")
            await killed.wait()
            process.kill()
            await process.communicate()
            sold = await shop.json("sell", *BREAD, "--key", "order-17")
            await shop("sync")
        entries = await held(server)
    assert [entry.number for entry in entries] == [1, 2]
    assert sold["paper"]["number"] == 2
    assert set((await shop.marks()).values()) == {"✔✔"}


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """``mock-ofd serve`` as a process: its address, and how to kill it."""
    process = await start("serve", "--data", folder, "--http", "off", "--native", "off", "--kz", "127.0.0.1:0")

    async def kill() -> None:
        if process.returncode is None:
            process.kill()
            await process.communicate()

    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())["kz"], kill
    finally:
        await kill()


@pytest.mark.parametrize("way", ["request", "answer"])
async def test_an_operator_that_is_killed_counts_once(tmp_path, way):
    wire = Wire("")
    async with (
        wire.open() as place,
        CashRegister.open(tmp_path / "till", address_of(place), profile=PROFILE, settings=QUICK) as till,
    ):
        async with serving(tmp_path / "ledger") as (address, kill):
            wire.operator = address
            await till.sell(BASKET)

            async def die() -> bool:
                await kill()
                return False

            setattr(wire, way, die)
            paper = await till.sell(BASKET)
            assert paper.autonomous
            await till.deposit(500)
        async with serving(tmp_path / "ledger") as (address, _):
            wire.operator = address
            await till.sync(30)
            assert till.status().mode is RegisterMode.ONLINE
            papers = [one async for one in till.documents()]
    async with server_in(tmp_path / "ledger") as server:
        entries = await held(server)
    assert [entry.kind for entry in entries] == [DocumentKind.RECEIPT, DocumentKind.RECEIPT, DocumentKind.DEPOSIT]
    assert [one.sign for one in papers[:2] if isinstance(one, FiscalReceipt)] == [entry.sign for entry in entries[:2]]


# ----------------------------------------------------------------------------------------------- at the shell


async def test_a_register_at_the_shell(tmp_path):
    shop = Till(tmp_path)
    async with server_in() as server:
        address = f"kz://{server.kz_address}?id=100500&token=123456789&version=202"
        sold = await shop.json("--operator", address, "sell", *BREAD)
        again = await shop.json("sell", *BREAD)
        sold, again = sold["paper"], again["paper"]
        assert sold["state"] == again["state"] == "delivered"
        assert [one["sign"] for one in (sold, again)] == [entry.sign for entry in await held(server)]
        assert f"?i={again['sign']}&" in again["qr"]
        assert "version=202" in (tmp_path / "kkt.toml").read_text()
        assert "123456789" not in (tmp_path / "kkt.toml").read_text()
        status = await shop.json("status")
        assert (status["register"], status["accepted_number"]) == ("100500", 2)
        listed = await shop.json("list")
        assert [one["sign"] for one in listed["documents"]] == [again["sign"], sold["sign"]]
        shown = await shop("show", "1")
        assert sold["sign"] in shown.out

        await server.service.administer("100500", reset_token("555"))
        blocked = await shop("sell", *BREAD, code=Exit.BLOCKED)
        assert "2 INVALID_TOKEN" in blocked.err
        await shop("token", "set", text="secret\n", code=Exit.USAGE)
        await shop("token", "set", text="555\n")
        await shop("sell", *BREAD)

        await server.service.administer("100500", set_standing(Standing.BLOCKED, "Долг, тел. 1702"))
        blocked = await shop("sell", *BREAD, code=Exit.BLOCKED)
        assert "Долг, тел. 1702" in blocked.err
        await server.service.administer("100500", lift(Standing.BLOCKED))
        await shop("sync")
        await shop("z")
        entries = await held(server)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert set((await shop.marks()).values()) == {"✔✔"}


def test_the_blocking_register_speaks_it_too(tmp_path):
    ready: asyncio.Queue[str] = asyncio.Queue()

    async def scene() -> None:
        async with server_in() as server:
            ready.put_nowait(str(server.kz_address))
            address = address_of(await ready.get())

            def sell() -> str | None:
                with BlockingCashRegister(tmp_path, address, profile=PROFILE) as till:
                    return till.sell(BASKET).sign

            sign = await asyncio.to_thread(sell)
            assert [entry.sign for entry in await held(server)] == [sign]

    asyncio.run(scene())


# ------------------------------------------------------------------------------------------------ change of protocol


async def test_a_register_that_goes_over_and_back_keeps_one_ledger(tmp_path):
    async with server_in(native="127.0.0.1:0") as server:
        native = f"native://{server.native_address}"
        kz = f"kz://{server.kz_address}"
        async with CashRegister.open(
            tmp_path, f"{native}?id=100500&token=123456789", profile=PROFILE, settings=QUICK
        ) as till:
            await till.sell(BASKET)
        async with CashRegister.open(tmp_path, kz, settings=QUICK) as till:
            await till.sell(BASKET)
            report = await till.close_shift()
        async with CashRegister.open(tmp_path, native, settings=QUICK) as till:
            await till.sell(BASKET)
            assert not till.status().blocks
        async with CashRegister.open(tmp_path, kz, settings=QUICK) as till:
            last = await till.sell(BASKET)
        entries = await held(server)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert report.state is last.state is DocumentState.DELIVERED
    assert not any(entry.anomalies for entry in entries), "whole seconds are no clock that goes backwards"


async def test_with_something_unsent_it_does_not_go_over(tmp_path):
    async with CashRegister.open(
        tmp_path, "kz://127.0.0.1:9?id=100500&token=123456789", profile=PROFILE, settings=QUICK
    ) as till:
        await till.sell(BASKET)
    with pytest.raises(ConfigurationError, match="1 documents wait to be sent over kz"):
        await CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=QUICK)
