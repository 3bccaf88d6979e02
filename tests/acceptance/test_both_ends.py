"""A register and the operator, each as it is, over every way that leads from one to the other.

The same morning over each protocol: a sale, the operator is gone, a sale and a Z-report alone, the operator is back.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import DocumentState, RegisterMode
from fiscal.retry import Backoff
from kkt_client import CashRegister, FiscalReceipt, RegisterSettings
from ofd_server import OfdServer
from ofd_server.core.entries import DocumentRecorded
from ofd_server.ports import DocumentFilter
from tests.kkt_client.shop import BASKET, PROFILE

PROTOCOLS = ("native", "http", "kz")
QUICK = RegisterSettings(
    sale_budget_s=0.5, retry_in_sale_s=0.0, backoff=Backoff(base_ms=20, cap_ms=50), kz_reconnect_s=0.05
)


@asynccontextmanager
async def operator(data: Path, protocol: str, port: int = 0) -> AsyncIterator[tuple[OfdServer, int]]:
    """An operator with its ledger in ``data`` that listens to one protocol only."""
    listening: dict[str, Any] = {name: f"127.0.0.1:{port}" if name == protocol else "off" for name in PROTOCOLS}
    async with OfdServer(data=data, **listening) as server:
        address = getattr(server, f"{protocol}_address")
        yield server, int(address.rpartition(":")[2])


def address_of(protocol: str, port: int) -> str:
    return f"{protocol}://127.0.0.1:{port}?id=100500&token=123456789"


async def held(server: OfdServer) -> list[DocumentRecorded]:
    """What the ledger holds of the register, by number."""
    found = [stored.entry for stored in await server.journal.documents(DocumentFilter(register_id="100500"))]
    return sorted((entry for entry in found if isinstance(entry, DocumentRecorded)), key=lambda entry: entry.number)


@pytest.mark.requirement("S3-05", "S3-24", "S3-25")
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_morning_with_a_broken_link(tmp_path: Path, protocol: str):
    async with operator(tmp_path / "ledger", protocol) as (_, port):
        register = CashRegister.open(tmp_path / "register", address_of(protocol, port), profile=PROFILE, settings=QUICK)
        till = await register
        first = await till.sell(BASKET)
        assert (first.state, till.status().mode) == (DocumentState.DELIVERED, RegisterMode.ONLINE)

    alone = await till.sell(BASKET)
    report = await till.close_shift()
    assert (alone.state, report.state) == (DocumentState.SAVED_AUTONOMOUS, DocumentState.SAVED_AUTONOMOUS)
    assert alone.autonomous_sign is not None
    assert till.status().mode is RegisterMode.AUTONOMOUS

    async with operator(tmp_path / "ledger", protocol, port) as (server, _):
        await till.sync(30)
        assert till.status().mode is RegisterMode.ONLINE
        papers = [paper async for paper in till.documents()]
        await till.close()
        entries = await held(server)

    assert [entry.kind for entry in entries] == [DocumentKind.RECEIPT, DocumentKind.RECEIPT, DocumentKind.CLOSE_SHIFT]
    assert [entry.autonomous_sign for entry in entries] == [None, alone.autonomous_sign, None]
    assert [entry.autonomous for entry in entries] == [False, True, True]
    signs = {paper.number: paper.sign for paper in papers if isinstance(paper, FiscalReceipt)}
    assert signs == {entry.number: entry.sign for entry in entries if entry.sign is not None}
    assert all(not entry.anomalies for entry in entries), "the figures of both sides agree"
