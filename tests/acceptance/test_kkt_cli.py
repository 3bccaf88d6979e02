"""``mock-ofd kkt`` as people and scripts use it: one process for each call, against an operator on a real socket.

The first test runs the operator as a process, too; the others have it in this process, where it can be told to block,
to be unpaid, to refuse or to lose an answer at the right moment.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fiscal.faults.effects import LoseAnswer, Point, Refuse
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Selection
from fiscal.faults.run import FaultRun
from kkt_client import read_memory
from mock_ofd.cli.exits import Exit
from ofd_server import OfdServer
from ofd_server.core.administration import lift, reset_token, set_standing
from ofd_server.core.entries import Standing

PATIENCE_S = 60
"""How long one call may take on a machine that does much else; nothing is judged by it."""

IMPATIENT = """
answer_limit_s = 0.4
sale_budget_s = 0.8
retry_in_sale_s = 0
"""
BREAD = ("--item", "Хлеб;250.00")


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.005)


def _heed_interrupts():
    """A suite that a shell runs in its background has Ctrl-C ignored, and would hand that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments, stdin=asyncio.subprocess.DEVNULL):
    return asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mock_ofd",
        *map(str, arguments),
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        preexec_fn=_heed_interrupts,
    )


@dataclass(frozen=True)
class Said:
    """What a call left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        (line,) = self.out.splitlines()
        return json.loads(line)


async def finish(process, text=None) -> Said:
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate(None if text is None else text.encode())
    said = Said(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in said.err
    return said


class Till:
    """A register at the shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, *arguments, **options):
        return start("kkt", "--data", self.folder, *arguments, **options)

    async def __call__(self, *arguments, code=Exit.OK, text=None) -> Said:
        stdin = asyncio.subprocess.DEVNULL if text is None else asyncio.subprocess.PIPE
        said = await finish(await self.begin(*arguments, stdin=stdin), text)
        assert said.code == code, said.err
        return said

    async def json(self, *arguments, **options):
        return (await self("--json", *arguments, **options)).json

    async def marks(self):
        """The marks of every document, as its memory has them."""
        async with read_memory(self.folder) as memory:
            return {paper.number: str(paper.marks) async for paper in memory.documents()}

    async def state(self):
        async with read_memory(self.folder) as memory:
            return memory.state


@pytest.fixture
def till(tmp_path):
    return Till(tmp_path / "till")


@dataclass
class Operator:
    """An operator in this process, and the address by which a register first comes to it."""

    server: OfdServer
    faults: FaultRun

    @property
    def address(self):
        return f"native://{self.server.native_address}?id=till-1&token=s3cret"

    async def decide(self, order):
        await self.server.service.administer("till-1", order)

    async def has_committed(self, number):
        async def has():
            state = await self.server.service.state_of("till-1")
            return state is not None and state.tape.last_number >= number

        await until(has)


@pytest.fixture
async def operator():
    faults = FaultRun(NO_FAULTS)
    async with OfdServer(
        http="off", native="127.0.0.1:0", operator_name="Транстелеком", operator_phone="1702", faults=faults
    ) as server:
        yield Operator(server, faults)


@pytest.fixture
async def selling(till, operator, tmp_path):
    """The register has sold once, and will not wait long for an answer."""
    (tmp_path / "shop.toml").write_text(IMPATIENT, encoding="utf-8")
    await till("--operator", operator.address, "--profile", tmp_path / "shop.toml", "sell", *BREAD)
    return till


def plan(effect, point=Point.AFTER_COMMIT):
    """The next document meets with this, and no other."""
    return FaultPlan((Fault(name="one", at=point, effects=(effect,), when=Selection(command="document", times=1)),))


# ------------------------------------------------------------------------------------------------------- the main story


@asynccontextmanager
async def serving(folder, native="127.0.0.1:0"):
    """``mock-ofd serve`` with its ledger in this folder; its native address."""
    process = await start("serve", "--data", folder, "--http", "off", "--native", native)
    try:
        ready = json.loads(await process.stdout.readline())
        yield ready["native"]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.requirement("S3-05", "S3-15", "S3-19", "S3-20", "S3-28", "S3-29", "S3-30")
async def test_a_shop_goes_through_an_outage(till, tmp_path):
    async with serving(tmp_path / "operator") as native:
        first = await till("--operator", f"native://{native}?id=till-1&token=s3cret", "sell", *BREAD, "--cash", "500")
        assert first.out.endswith("✔✔ передан оператору\n")
        assert "Фискальный признак" in first.out

    # Nobody is there. Only the folder is said from here on.
    alone = await till("sell", *BREAD)
    assert "*** АВТОНОМНЫЙ ***" in alone.out
    assert "!!! Нет доступа к серверу ОФД (нет соединения). Касса перешла в автономный режим." in alone.err
    z = await till.json("z")
    assert (z["paper"]["kind"], z["mode"], z["events"]) == ("close_shift", "autonomous", [])
    again = await till.json("sell", *BREAD, "--key", "order-17")
    listed = (await till("list", "--oldest-first")).out.splitlines()
    assert [row.split()[-1] for row in listed] == ["Отметки", "✔✔", "✔☁̸", "✔☁̸", "✔☁̸"]
    assert (await till("sync", "--timeout", "0.2", code=Exit.UNREACHABLE)).out == "передано: 0, осталось: 3\n"

    async with serving(tmp_path / "operator", native):
        sent = await till.json("sync")
        assert (sent["sent"], sent["unsent"], sent["mode"]) == (3, 0, "online")
        assert [event["event"] for event in sent["events"]] == ["came_back"]
        assert await till.marks() == {1: "✔✔", 2: "✔✔☁̸", 3: "✔✔☁̸", 4: "✔✔☁̸"}
        delivered = (await till.json("sell", *BREAD, "--key", "order-17"))["paper"]
        assert delivered["number"] == again["paper"]["number"]
        assert delivered["autonomous_sign"] == again["paper"]["autonomous_sign"]
        assert delivered["sign"] is not None
        back = (await till.json("return", "--sign", delivered["sign"]))["paper"]
        assert (back["total"], back["marks"]) == (25_000, "✔✔")
    assert (await till.json("verify"))["whole"]


async def test_a_call_sends_what_an_earlier_one_could_not(till, tmp_path):
    async with serving(tmp_path / "operator") as native:
        await till("--operator", f"native://{native}", "deposit", "100")
    await till("sell", *BREAD)
    async with serving(tmp_path / "operator", native):
        joined = await till("sell", *BREAD)
        assert "АВТОНОМНЫЙ" in joined.out  # its queue was not empty yet
        assert "Автономный режим окончен" in joined.err
        assert set((await till.marks()).values()) == {"✔✔", "✔✔☁̸"}
        assert (await till.json("sell", *BREAD))["paper"]["marks"] == "✔✔"


# --------------------------------------------------------------------------------------- an operator that says no


@pytest.mark.requirement("S3-02", "S3-03", "S3-15")
async def test_an_unpaid_operator_is_named_with_its_telephone(selling, operator):
    await operator.decide(set_standing(Standing.UNPAID))

    said = await selling("sell", *BREAD)
    assert "!!! Нет доступа к серверу ОФД" in said.err
    assert "Оплата услуг: ОФД Транстелеком, телефон 1702." in said.err
    later = await selling("sell", *BREAD, "--drain", "0")
    assert "!!!" not in later.err
    assert "телефон 1702" in later.err

    await operator.decide(lift(Standing.UNPAID))
    assert (await selling.json("sync"))["unsent"] == 0


async def test_a_blocked_register_sells_nothing(selling, operator):
    await operator.decide(set_standing(Standing.BLOCKED, "долг"))

    said = await selling("sell", *BREAD, code=Exit.BLOCKED)
    assert said.out == ""
    assert "by_operator" in said.err
    assert "заблокирована оператором: долг" in (await selling("status")).out

    await operator.decide(lift(Standing.BLOCKED))
    await selling("sell", *BREAD)
    assert not (await selling.state()).blocks


async def test_a_refused_document_waits_for_a_decision_that_is_kept(selling, operator):
    operator.faults.switch_to(plan(Refuse("too_old", "слишком старый"), Point.BEFORE_COMMIT))

    said = await selling("--json", "sell", *BREAD, code=Exit.REFUSED)
    error = json.loads(said.err.splitlines()[-1])["error"]
    assert (error["code"], error["number"]) == ("too_old", 2)
    await selling("sell", *BREAD, code=Exit.BLOCKED)
    await selling("resolve", "void", "--number", "1", "--by", "Данияр", "--why", "—", code=Exit.NOTHING_TO_RESOLVE)

    resolved = await selling.json("resolve", "void", "--number", "2", "--by", "Данияр", "--why", "пробит дважды")
    assert (resolved["decision"], resolved["unsent"], resolved["blocks"]) == ("void", 0, [])
    shown = await selling("show", "2")
    assert "АННУЛИРОВАНИЕ" in shown.out
    assert "пробит дважды" in shown.out
    assert (await selling.json("sell", *BREAD))["paper"]["number"] == 3


async def test_a_new_token_is_told_to_the_register(selling, operator):
    await operator.decide(reset_token("n3w-s3cret"))

    await selling("sell", *BREAD, code=Exit.BLOCKED)
    await selling("token", "set", text="n3w-s3cret\n")
    sold = await selling.json("sell", *BREAD)
    assert sold["paper"]["marks"] == "✔✔"


# ------------------------------------------------------------------------------------- processes that do not live long


async def test_a_key_gives_the_receipt_of_a_process_that_was_killed(selling, operator):
    operator.faults.switch_to(plan(LoseAnswer()))
    slow = await selling.begin("sell", *BREAD, "--key", "order-17", "--drain", "0")
    await operator.has_committed(2)
    slow.kill()
    await slow.communicate()
    operator.faults.switch_to(NO_FAULTS)

    again = (await selling.json("sell", *BREAD, "--key", "order-17"))["paper"]

    assert again["number"] == 2
    assert (await selling.json("sync"))["unsent"] == 0
    assert (await selling.marks())[2].startswith("✔✔")
    assert (await selling.state()).last_number == 2


async def test_an_interrupted_sale_is_finished_and_listed(selling, operator):
    operator.faults.switch_to(plan(LoseAnswer()))
    slow = await selling.begin("sell", *BREAD, "--drain", "0")
    await operator.has_committed(2)
    slow.send_signal(signal.SIGINT)

    said = await finish(slow)

    assert said.code == Exit.INTERRUPTED
    assert "mock-ofd kkt unfinished" in said.err
    listed = await selling.json("unfinished")
    assert [document["number"] for document in listed["documents"]] == [2]


async def test_a_register_that_is_always_on_holds_its_memory(till, operator):
    await till("--operator", operator.address, "deposit", "100")
    watching = await till.begin("events")

    async def has_the_memory():
        return (till.folder / "fiscal-memory.pid").read_text(encoding="ascii") == str(watching.pid)

    await until(has_the_memory)

    other = await till("sell", *BREAD, code=Exit.DATA_BUSY)

    assert f"process {watching.pid} holds this fiscal memory" in other.err
    watching.send_signal(signal.SIGTERM)
    assert (await finish(watching)).code == Exit.OK


async def test_events_tell_of_a_queue_that_is_sent(selling, operator):
    await selling("sell", *BREAD, "--low-power")
    watching = await selling.begin("--json", "events")
    told = []
    async with asyncio.timeout(PATIENCE_S):
        while "came_back" not in told:
            told.append(json.loads(await watching.stdout.readline())["event"])
    watching.send_signal(signal.SIGINT)
    assert (await finish(watching)).code == Exit.OK
    assert told == ["document_moved", "came_back"]


async def test_nobody_reads_the_receipt(selling):
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mock_ofd", "kkt", "--data", str(selling.folder), "sell", *BREAD),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    _, err = await process.communicate()
    assert process.returncode == Exit.UNWRITTEN
    assert "done, but its output could not be written" in err.decode()
    assert "Traceback" not in err.decode()
    assert (await selling.marks())[2] == "✔✔"


async def test_a_basket_from_standard_input_over_http(till):
    basket = {"items": [{"name": "Яблоки", "price": "799.90", "quantity": "1.375"}], "payments": {"mobile": "1099.86"}}
    async with OfdServer(http="127.0.0.1:0", native="off") as server:
        address = f"http://{server.http_address}?id=till-1&token=s3cret"
        said = await till("--operator", address, "--json", "sell", "--basket", "-", text=json.dumps(basket))
    assert (said.json["paper"]["total"], said.json["paper"]["marks"]) == (109_986, "✔✔")
