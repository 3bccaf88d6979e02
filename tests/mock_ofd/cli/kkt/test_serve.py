"""``mock-ofd kkt serve`` as a process: its one line, its end, and that no way to die loses or doubles a sale."""

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from fiscal.domain.messages import Hello, SubmitDocument
from kkt_client import read_memory
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt import main
from tests import bytecode
from tests.kkt_client.shop import Operator
from tests.kkt_client.transports.speaking import Listening
from tests.mock_ofd.kkt_service.till import BREAD

ROOT = Path(__file__).parents[4]
PATIENCE_S = 60


def _heed_interrupts():
    """A suite that a shell runs in its background has Ctrl-C ignored, and would hand that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(folder, *arguments, **variables):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_KKT_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "shared")])
    command = ("-m", "mock_ofd", "kkt", "--data", str(folder), "serve", "--http", "127.0.0.1:0", *arguments)
    return asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**clean, "PYTHONPATH": path, **bytecode.variables(), "PYTHONIOENCODING": "utf-8", **variables},
        preexec_fn=_heed_interrupts,
    )


class Served:
    """A register that is ready."""

    def __init__(self, process, ready):
        self.process = process
        self.ready = ready
        self.url = f"http://{ready['http']}/api/v1"

    async def ask(self, method, path, body=None, **headers):
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, self.url + path, json=body, headers=headers) as response,
        ):
            return response.status, await response.json()

    async def sell(self, key):
        status, told = await self.ask("POST", "/sell", BREAD, **{"Idempotency-Key": key})
        assert status == 200, told
        return told["paper"]

    async def end(self, how=signal.SIGTERM):
        """Exit code, the rest of standard output, and standard error."""
        self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def serving(folder, *arguments, **variables):
    process = await start(folder, *arguments, **variables)
    try:
        async with asyncio.timeout(PATIENCE_S):
            line = await process.stdout.readline()
        if not line:
            pytest.fail((await process.stderr.read()).decode())
        yield Served(process, json.loads(line))
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def operated(port):
    return "--operator", f"native://127.0.0.1:{port}?id=kkt-7&token=secret"


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_one_line_when_it_is_ready_and_a_clean_end(tmp_path, operator, how):
    async with Listening(operator) as port, serving(tmp_path / "till", *operated(port)) as register:
        assert register.ready["event"] == "ready"
        assert register.ready["register"] == "kkt-7"
        assert (await register.sell("a"))["delivered"]
        code, out, err = await register.end(how)
    assert (code, out) == (Exit.OK, "")
    assert "founded register kkt-7" in err
    assert "secret" not in err
    assert "Traceback" not in err
    assert 'operator_name = "Транстелеком"' in (tmp_path / "till" / "kkt.toml").read_text(encoding="utf-8")


async def test_a_sale_that_has_begun_is_answered_at_the_end(tmp_path, operator):
    profile = tmp_path / "impatient.toml"
    profile.write_text("answer_limit_s = 0.6\nsale_budget_s = 0.8\n", encoding="utf-8")
    impatient = ("--profile", str(profile))
    async with Listening(operator) as port, serving(tmp_path / "till", *operated(port), *impatient) as register:
        await register.sell("a")
        operator.deaf = {SubmitDocument}
        selling = asyncio.create_task(register.sell("b"))
        await asyncio.sleep(0.3)
        code, _, err = await register.end()
        paper = await selling
    assert code == Exit.OK
    assert (paper["number"], paper["autonomous"]) == (2, True)
    assert "Касса перешла в автономный режим" in err


class Deadly(Operator):
    """Kills the register when its next document comes: before it is kept, or behind that and before the answer."""

    def __init__(self):
        super().__init__()
        self.victim = None
        self.keeps = False

    def answer(self, request, now):
        if self.victim is None or not isinstance(request, SubmitDocument):
            return super().answer(request, now)
        answer = super().answer(request, now) if self.keeps else None
        victim, self.victim = self.victim, None
        victim.kill()
        return answer or super().answer(Hello(register="kkt-7", token="secret", software="x"), now)


@pytest.mark.requirement("S3-09")
@pytest.mark.parametrize("keeps", [False, True])
async def test_a_register_that_is_killed_in_the_middle_of_a_sale_neither_loses_nor_doubles_it(tmp_path, keeps):
    operator = Deadly()
    async with Listening(operator) as port:
        async with serving(tmp_path / "till", *operated(port)) as register:
            await register.sell("order-1")
            operator.keeps, operator.victim = keeps, register.process
            with pytest.raises(aiohttp.ClientConnectionError):
                await register.sell("order-2")
            assert await register.process.wait() == -signal.SIGKILL
        async with serving(tmp_path / "till") as register:
            assert register.ready["unfinished"] == [2]
            again = await register.sell("order-2")
            assert (await register.ask("GET", "/unfinished"))[1] == {"items": []}
            third = await register.sell("order-3")
            await register.ask("POST", "/sync", {})
            _, listed = await register.ask("GET", "/documents")
            _, verdict = await register.ask("GET", "/verify")
    assert (again["number"], third["number"]) == (2, 3)
    assert operator.numbers() == [1, 2, 3]
    assert [paper["number"] for paper in listed["items"]] == [3, 2, 1]
    assert all(paper["delivered"] for paper in listed["items"])
    assert verdict["whole"]


async def test_killed_at_any_moment_every_key_is_one_document(tmp_path, operator):
    folder, keys = tmp_path / "till", [f"order-{number}" for number in range(1, 31)]
    answered: dict[str, int] = {}

    async def sell_all(register):
        for key in keys:
            if key not in answered:
                answered[key] = (await register.sell(key))["number"]

    async with Listening(operator) as port:
        for served_ms in (15, 45):
            async with serving(folder, *operated(port)) as register:
                selling = asyncio.create_task(sell_all(register))
                await asyncio.sleep(served_ms / 1_000)
                register.process.kill()
                with pytest.raises((aiohttp.ClientError, ConnectionError)):
                    await selling
        async with serving(folder) as register:
            await sell_all(register)
            numbers = [(await register.sell(key))["number"] for key in keys]
            await register.ask("POST", "/sync", {})
    assert numbers == [answered[key] for key in keys] == list(range(1, 31))
    assert operator.numbers() == numbers


async def test_the_memory_may_be_looked_at_and_not_taken(tmp_path, operator, capsys):
    async with Listening(operator) as port, serving(tmp_path / "till", *operated(port)) as register:
        await register.sell("a")
        async with read_memory(tmp_path / "till") as reader:
            assert reader.state.last_number == 1
        assert await asyncio.to_thread(main, ["--data", str(tmp_path / "till"), "serve", "--http", "127.0.0.1:0"]) == (
            Exit.DATA_BUSY
        )
    assert str(register.process.pid) in capsys.readouterr().err


async def test_a_token_and_a_key_can_be_demanded(tmp_path, operator):
    given = {"MOCK_KKT_API_TOKEN": "a-long-secret"}
    async with (
        Listening(operator) as port,
        serving(tmp_path / "till", *operated(port), "--require-key", "--json", **given) as register,
    ):
        assert (await register.ask("GET", "/status"))[0] == 401
        bearer = {"Authorization": "Bearer a-long-secret"}
        status, told = await register.ask("GET", "/status", **bearer)
        assert (status, told["operator"]) == (200, f"native://127.0.0.1:{port}")
        status, told = await register.ask("POST", "/sell", BREAD, **bearer)
        assert (status, told["error"]["code"]) == (400, "key_required")
        _, _, err = await register.end()
    assert "a-long-secret" not in err


# ------------------------------------------------------------------------------------------------ what cannot begin


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "said"),
    [
        (("--http", "0.0.0.0:0"), {}, Exit.USAGE, "can be reached by other machines: set MOCK_KKT_API_TOKEN"),
        ((), {"MOCK_KKT_API_TOKEN": "short"}, Exit.USAGE, "at least 8 characters"),
        (("--http", "nonsense"), {}, Exit.USAGE, "http: must be HOST:PORT, is 'nonsense'"),
        ((), {"MOCK_KKT_HTTP": "nowhere"}, Exit.USAGE, "http: must be HOST:PORT, is 'nowhere'"),
        (("--http", "192.0.2.1:80"), {"MOCK_KKT_API_TOKEN": "long-enough"}, Exit.ADDRESS, "cannot be listened on"),
        (("--http", "127.0.0.1:0"), {}, Exit.USAGE, "operator: "),
    ],
)
def test_what_keeps_it_from_serving_founds_no_register(tmp_path, monkeypatch, capsys, arguments, variables, code, said):
    for name in ("MOCK_KKT_API_TOKEN", "MOCK_KKT_HTTP", "MOCK_KKT_OPERATOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["--data", str(tmp_path / "till"), "serve", *arguments]) == code
    out, err = capsys.readouterr()
    assert (out, said in err) == ("", True), err
    assert not (tmp_path / "till").exists()
