"""What docs/explanation/promises.md says of a memory that was restored from a backup, of an operator that forgot, and
of the public key, is tried out.
"""

import shutil

import pytest

from fiscal.domain.lifecycle import BlockReason, DocumentState
from fiscal.domain.signs import PUBLIC_KEY, Signer, SigningKey, digest_of
from fiscal.errors import NotDelivered
from fiscal.retry import Backoff
from kkt_client import CashRegister, Decision, Line, RegisterBlocked, RegisterSettings, read_memory
from ofd_server import OfdServer
from ofd_server.core.entries import AnomalyCode

BREAD = [Line(name="Хлеб", price=250_00)]
QUICK = RegisterSettings(retry_in_sale_s=0.0, backoff=Backoff(base_ms=20, cap_ms=50))


def operator(folder=None, native="127.0.0.1:0"):
    return OfdServer(data=folder, http="off", native=native)


def register(folder, address):
    return CashRegister.open(folder, f"native://{address}?id=till&token=t", settings=QUICK)


@pytest.fixture
async def old_backup(tmp_path):
    """A memory of one document; the operator holds three, whose paper is in customers' hands."""
    async with operator(tmp_path / "ledger") as ofd:
        address = ofd.native_address
        async with register(tmp_path / "till", address) as till:
            await till.sell(BREAD)
        shutil.copytree(tmp_path / "till", tmp_path / "backup")
        async with register(tmp_path / "till", address) as till:
            for _ in range(2):
                await till.sell(BREAD)
    shutil.rmtree(tmp_path / "till")
    return tmp_path / "backup", tmp_path / "ledger", address


async def test_a_restored_memory_sells_nothing_until_a_person_decides(old_backup):
    memory, ledger, address = old_backup
    async with operator(ledger, address), register(memory, address) as till:
        with pytest.raises(RegisterBlocked) as blocked:
            await till.sell(BREAD)
        assert (blocked.value.reason, blocked.value.number) == (BlockReason.MEMORY_BEHIND, None)
        await till.resolve(Decision.ADOPT, by="Айгуль", why="restored from a backup")
        receipt = await till.sell(BREAD)
        assert receipt.number == 4
        assert str(receipt.marks) == "✔✔"
        assert till.status().cash == 4 * 250_00


async def test_what_a_restored_memory_sells_while_it_is_offline(old_backup):
    memory, ledger, address = old_backup
    async with register(memory, address) as till:
        papers = [await till.sell(BREAD) for _ in range(3)]
        assert [paper.number for paper in papers] == [2, 3, 4], "numbers are given a second time"
        async with operator(ledger, address) as ofd:
            with pytest.raises((RegisterBlocked, NotDelivered)) as blocked:
                await till.sync(5.0)
            assert isinstance(blocked.value, RegisterBlocked)
            assert blocked.value.reason == BlockReason.MEMORY_BEHIND
            await till.resolve(Decision.ADOPT, by="Айгуль", why="restored from a backup")
            await till.sync(5.0)
            states = [paper.state async for paper in till.documents(first=2)]
            assert states == [
                DocumentState.VOIDED_AUTONOMOUS,
                DocumentState.VOIDED_AUTONOMOUS,
                DocumentState.DELIVERED_AUTONOMOUS,
            ]
            assert not await ofd.journal.is_autonomous_sign_used("till", papers[0].autonomous_sign, 0)
            assert await ofd.journal.is_autonomous_sign_used("till", papers[2].autonomous_sign, 0)


async def test_an_operator_without_data_forgets_and_takes_its_registers_as_they_come(tmp_path):
    async with operator() as ofd:
        address = ofd.native_address
        assert ofd.ready_line()["durable"] is False
        async with register(tmp_path / "till", address) as till:
            await till.sell(BREAD)
    async with operator(native=address) as ofd, register(tmp_path / "till", address) as till:
        assert (await till.sell(BREAD)).number == 2
        assert await ofd.journal.document("till", 1) is None
        (noted,) = await ofd.journal.anomalies("till", None, None, 10)
        assert noted.entry.code == AnomalyCode.CAME_WITH_HISTORY


async def test_a_restored_operator_is_sent_again_what_it_has_lost(old_backup, tmp_path):
    _, _, address = old_backup
    async with operator(tmp_path / "kept", address), register(tmp_path / "till", address) as till:
        await till.sell(BREAD)
    shutil.copytree(tmp_path / "kept", tmp_path / "restored")
    async with operator(tmp_path / "kept", address), register(tmp_path / "till", address) as till:
        signs = [(await till.sell(BREAD)).sign for _ in range(2)]
    async with operator(tmp_path / "restored", address) as ofd:
        async with register(tmp_path / "till", address) as till:
            with pytest.raises(RegisterBlocked) as blocked:
                await till.sell(BREAD)
            assert blocked.value.reason == BlockReason.OPERATOR_BEHIND
            await till.resolve(Decision.RESEND, by="Айгуль", why="the ledger is a backup")
            assert (await till.sell(BREAD)).number == 4
        held = [(await ofd.journal.document("till", number)).entry.sign for number in (2, 3)]
        assert held == signs
    async with read_memory(tmp_path / "till") as reader:
        assert (await reader.verify()).is_whole


async def test_everybody_can_sign_with_the_public_key(tmp_path):
    async with operator() as ofd, register(tmp_path / "till", ofd.native_address) as till:
        receipt = await till.sell(BREAD)
        content = (await ofd.journal.document("till", 1)).entry.content
    forger = Signer(SigningKey("mine", PUBLIC_KEY))
    assert forger.sign("till", 1, digest_of(content)) == receipt.sign
