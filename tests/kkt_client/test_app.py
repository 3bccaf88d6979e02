"""A register on this machine: a real file, a real socket, the real clocks."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from fiscal.domain.identifiers import check_bin, check_rnm_kz
from fiscal.domain.lifecycle import DocumentState, RegisterMode
from fiscal.errors import ConfigurationError, DiskFull, StorageBusy, StorageCorrupt
from kkt_client import BlockingCashRegister, CashRegister, RegisterSettings, read_memory, verify_memory
from kkt_client.app import SAMPLE_PROFILE, FolderSpace, SystemClock, SystemIds
from kkt_client.core.errors import RegisterClosed
from kkt_client.storage.sqlite import FILE
from tests.kkt_client.shop import BASKET, PROFILE, Operator
from tests.kkt_client.transports.speaking import Listening
from tests.kkt_client.transports.test_http import Site

QUICK = RegisterSettings(retry_in_sale_s=0.0)


@pytest.fixture
def operator() -> Operator:
    return Operator()


async def test_a_register_in_a_folder_sells_over_a_socket(tmp_path, operator):
    async with Listening(operator) as port:
        address = f"native://127.0.0.1:{port}?id=kkt-7&token=secret"
        async with CashRegister.open(tmp_path / "a" / "b", address) as register:
            first = await register.sell(BASKET, key="k")
        async with CashRegister.open(tmp_path / "a" / "b", f"native://127.0.0.1:{port}") as register:
            again = await register.sell(BASKET, key="k")
            second = await register.sell(BASKET)
            whose = register.registration

    assert first == again
    assert (first.state, second.number) == (DocumentState.DELIVERED, 2)
    assert (whose.register, whose.token, whose.profile) == ("kkt-7", "secret", SAMPLE_PROFILE)


async def test_the_same_over_http(tmp_path, operator):
    async with (
        Site(operator) as url,
        CashRegister.open(tmp_path, url, register_id="kkt-7", token="secret", profile=PROFILE) as register,
    ):
        receipt = await register.sell(BASKET)

    assert (receipt.state, receipt.profile, receipt.register_id) == (DocumentState.DELIVERED, PROFILE, "kkt-7")


@pytest.mark.requirement("S3-05", "S3-09")
async def test_what_was_sold_alone_outlives_the_process_and_is_sent_later(tmp_path, operator):
    operator.token = ""
    async with Listening(operator) as port:
        pass
    async with CashRegister.open(tmp_path, f"native://127.0.0.1:{port}", settings=QUICK) as register:
        alone = await register.sell(BASKET)
        operator.token = register.registration.token
    async with (
        Listening(operator) as port,
        CashRegister.open(tmp_path, f"native://127.0.0.1:{port}") as register,
    ):
        await register.sync(10.0)
        after = await register.document(1)

    assert alone.autonomous
    assert after is not None
    assert after.state is DocumentState.DELIVERED_AUTONOMOUS


async def test_a_register_can_be_awaited(tmp_path):
    register = await CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=QUICK)
    assert register.status().mode is RegisterMode.ONLINE
    await register.close()
    with pytest.raises(RegisterClosed):
        await register.sell(BASKET)


async def test_what_is_not_said_is_invented_and_kept(tmp_path):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9") as register:
        first = register.registration
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9?token=other", profile=PROFILE) as register:
        second = register.registration

    assert first.register.startswith("kkt-")
    assert len(first.token) >= 32
    assert (second.register, second.token) == (first.register, first.token), "the token of an address is used once"
    assert second.profile == PROFILE
    assert check_bin(SAMPLE_PROFILE.taxpayer.tax_id) is None
    assert check_rnm_kz(SAMPLE_PROFILE.rnm) is None


@pytest.mark.parametrize("address", ["native://127.0.0.1:9?id=other", "native://127.0.0.1:9"])
async def test_another_registers_folder_is_refused(tmp_path, address):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9?id=mine"):
        pass

    with pytest.raises(ConfigurationError, match="belongs to mine, not to other"):
        await CashRegister.open(tmp_path, address, register_id="other")
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9") as register:
        assert register.registration.register == "mine"


async def test_over_the_kazakhstan_protocol_ids_and_tokens_are_numbers(tmp_path):
    async with CashRegister.open(tmp_path / "a", "kz://127.0.0.1:9") as register:
        whose = register.registration
    assert whose.register.isdigit()
    assert whose.token.isdigit()
    for address in ("kz://127.0.0.1:9?id=till-1", "kz://127.0.0.1:9?token=secret"):
        with pytest.raises(ConfigurationError, match="numbers from 1 to"):
            await CashRegister.open(tmp_path / "b", address)


async def test_a_register_that_goes_over_to_kz_may_be_given_its_token_once_more(tmp_path):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9?id=7&token=secret"):
        pass
    with pytest.raises(ConfigurationError, match="token"):
        await CashRegister.open(tmp_path, "kz://127.0.0.1:9")
    async with CashRegister.open(tmp_path, "kz://127.0.0.1:9?token=55") as register:
        assert register.registration.token == "55"
    async with CashRegister.open(tmp_path, "kz://127.0.0.1:9?token=66") as register:
        assert register.registration.token == "55", "the token of an address is used once"


def test_a_wrong_address_is_found_before_anything_is_made(tmp_path):
    with pytest.raises(ConfigurationError):
        CashRegister.open(tmp_path / "new", "ofd.kz")
    assert not (tmp_path / "new").exists()


async def test_two_registers_cannot_share_a_folder(tmp_path):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9"):
        with pytest.raises(StorageBusy, match=f"process {os.getpid()}"):
            await CashRegister.open(tmp_path, "native://127.0.0.1:9")


async def test_a_full_disk_refuses_the_sale_and_loses_nothing(tmp_path, operator):
    settings = RegisterSettings(retry_in_sale_s=0.0, free_space_min=0)
    sold = 0
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=settings, page_count_max=16) as register:
        for _ in range(100):
            try:
                await register.sell(BASKET)
            except DiskFull:
                break
            sold += 1
    assert 0 < sold < 100
    operator.token = ""
    async with (
        Listening(operator) as port,
        CashRegister.open(tmp_path, f"native://127.0.0.1:{port}") as register,
    ):
        operator.token = register.registration.token
        await register.set_token(operator.token)
        await register.sync(10.0)
        more = await register.sell(BASKET)
        verdict = await register.verify()

    assert more.number == sold + 1
    assert operator.numbers() == list(range(1, sold + 2))
    assert verdict.is_whole


async def test_a_disk_without_room_refuses_before_the_sale(tmp_path):
    settings = RegisterSettings(free_space_min=1 << 60)
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=settings) as register:
        with pytest.raises(DiskFull, match="nothing is sold"):
            await register.sell(BASKET)


@pytest.mark.requirement("S3-09")
def test_a_process_that_is_killed_loses_nothing(tmp_path):
    """The child sells as fast as it can and says each number when it was returned; it is killed in the middle."""
    program = (
        "import asyncio, sys\n"
        "from kkt_client import CashRegister, Line, RegisterSettings\n"
        "async def main():\n"
        "    settings = RegisterSettings(retry_in_sale_s=0.0)\n"
        "    async with CashRegister.open(sys.argv[1], 'native://127.0.0.1:9', settings=settings) as register:\n"
        "        for number in range(10_000):\n"
        "            receipt = await register.sell([Line(name='Хлеб', price=25_000)])\n"
        "            print(receipt.number, receipt.autonomous_sign, flush=True)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(50)]
        child.send_signal(signal.SIGKILL)
        told += [line.split() for line in child.stdout.read().splitlines()]
        child.wait()
    returned = {int(line[0]): int(line[1]) for line in told if len(line) == 2}

    with BlockingCashRegister(tmp_path, "native://127.0.0.1:9", settings=QUICK) as register:
        kept = {paper.number: getattr(paper, "autonomous_sign", None) for paper in register.documents()}
        more = register.sell(BASKET)
        assert register.verify().is_whole

    assert returned.items() <= kept.items()
    assert set(kept) == set(range(1, len(kept) + 1))
    assert len(kept) - len(returned) <= 1
    assert more.number == len(kept) + 1
    assert more.autonomous_sign not in kept.values()


async def test_a_damaged_memory_is_named_to_its_first_record(tmp_path):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=QUICK) as register:
        for _ in range(3):
            await register.sell(BASKET)
    whole = await verify_memory(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    with connection:
        connection.execute("DROP TRIGGER record_is_never_changed")
        connection.execute("UPDATE record SET body = zeroblob(length(body)) WHERE seq = 5")
    connection.close()
    damaged = await verify_memory(tmp_path)

    assert whole.is_whole
    assert damaged.damage is not None
    assert damaged.damage.seq == 5
    with pytest.raises(StorageCorrupt, match="record 5"):
        await CashRegister.open(tmp_path, "native://127.0.0.1:9")


async def test_a_memory_can_be_read_while_it_is_used(tmp_path):
    async with CashRegister.open(tmp_path, "native://127.0.0.1:9", settings=QUICK) as register:
        await register.sell(BASKET)
        async with read_memory(tmp_path, "https://ofd/r") as reader:
            await register.sell(BASKET)
            papers = [paper async for paper in reader.documents()]

    assert [paper.number for paper in papers] == [1]


def test_the_clocks_and_the_ids_of_the_machine():
    clock, ids = SystemClock(), SystemIds()
    now = clock.now()
    first, later = ids.fresh(now), ids.fresh(now + 1)

    assert len(first) == 16
    assert first != ids.fresh(now)
    assert first < later
    assert (first[6] >> 4, first[8] >> 6) == (7, 2)
    assert int.from_bytes(first[:6], "big") == now
    assert clock.monotonic() <= clock.monotonic()


def test_the_room_of_a_folder(tmp_path):
    assert FolderSpace(tmp_path).free() > 0
