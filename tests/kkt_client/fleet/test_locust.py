"""Registers as users of Locust, in processes of their own: Locust changes the process that imports it."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
USERS = 4
BACKLOG = 300
"""Documents with which each register comes back: so many that the run is over before they are delivered."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"}


OPERATORS: dict[str, tuple[int, dict[str, str]]] = {
    "is honest": (3, {}),
    "sends away": (3, {}),
    "loses": (3, {"check": "lost: "}),
    "doubles": (3, {"check": "doubled: "}),
    "alters": (3, {"check": "altered: "}),
    "is silent": (3, {"check": "not delivered: ", "receipt": "NotDelivered('no_answer')"}),
    "refuses": (3, {"check": "stuck: refused_document", "receipt": "refused: bad_totals: total"}),
    "knows nobody": (0, {"start": "refused: unknown_register: register"}),
    "blocks": (0, {"check": "blocked", "hello": "blocked"}),
}
"""What an operator does; how many receipts the register tries to sell there, and what Locust counts as failures."""


@pytest.fixture(scope="module")
def counted() -> Any:
    command = [sys.executable, "-m", "tests.kkt_client.fleet.liar", *OPERATORS]
    result = subprocess.run(
        command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=False, timeout=2 * PATIENCE_S
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_an_operator_does_is_a_failure_of_locust(counted, operator):
    sold, expected = OPERATORS[operator]
    requests, failures = counted[operator]["requests"], counted[operator]["failures"]
    assert requests.get("receipt", 0) >= sold
    assert requests.get("receipt: come later", 0) == (operator == "sends away")
    assert requests.get("check", 0) == ("start" not in expected)
    assert failures.keys() == expected.keys()
    assert all(text in failures[name] for name, text in expected.items())


def test_without_locust_one_line_says_what_is_missing():
    code = "import sys; sys.modules['locust'] = None; import kkt_client.fleet.locust"
    result = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert result.stderr.splitlines()[-1] == (
        "fiscal.errors.ConfigurationError: kkt_client.fleet.locust needs locust, which is not installed: "
        "pip install 'mock-ofd[locust]'"
    )


# ---------------------------------------------------------------------------------------------- many processes


@asynccontextmanager
async def started(*command: str, **more: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=ENVIRONMENT, **more)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def serving(data: Path) -> AsyncIterator[dict[str, str]]:
    """``mock-ofd serve``."""
    addresses = ["--native", "127.0.0.1:0", "--http", "127.0.0.1:0", "--kz", "off"]
    command = ["-m", "mock_ofd", "serve", "--data", str(data), "--log-level", "error", *addresses]
    async with started(*command, stdout=asyncio.subprocess.PIPE) as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            yield json.loads(await process.stdout.readline())


async def registers_at(http: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{http}/api/v1/registers?limit=200") as reply:
        return {each["id"]: each for each in (await reply.json())["items"]}


async def test_a_master_and_two_workers(tmp_path):
    """Every register belongs to one worker, and what Locust counted is what the ledger holds, although the run was over
    while most of it was still on its way."""
    (tmp_path / "locustfile.py").write_text("from kkt_client.fleet.locust import Till\n", "utf-8")
    port, figures = free_port(), tmp_path / "figures"
    locust = ("-m", "locust", "-f", str(tmp_path / "locustfile.py"))
    quiet: dict[str, Any] = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.PIPE}
    worker = (*locust, "--worker", "--master-port", str(port))
    async with serving(tmp_path / "data") as at:
        master = (
            *(*locust, "--headless", "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)),
            *("--expect-workers", "2", "--users", str(USERS), "--spawn-rate", str(USERS), "--csv", str(figures)),
            *("--host", f"native://{at['native']}", "--backlog", str(BACKLOG), "--register-prefix", "chain"),
        )
        async with (
            started(*master, **quiet) as first,
            started(*worker, **quiet) as second,
            started(*worker, **quiet) as third,
        ):
            async with asyncio.timeout(PATIENCE_S):
                while not await _have_sold(at["http"]):  # noqa: ASYNC110 - another process sells
                    await asyncio.sleep(0.2)
                first.send_signal(signal.SIGTERM)
                told = [await process.communicate() for process in (first, second, third)]
        said = [err.decode() for _, err in told]
        assert [process.returncode for process in (first, second, third)] == [0, 0, 0], said
        assert [text for text in said if "Traceback" in text] == []
        held = await registers_at(at["http"])
    with (tmp_path / "figures_stats.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file) if row["Type"] == "native"}
    assert sorted(held) == [f"chain-{place}-{user}" for place in (0, 1) for user in range(USERS // 2)]
    assert [each["stuck"] for each in held.values()] == [[]] * USERS
    assert min(each["last_number"] for each in held.values()) >= BACKLOG
    assert rows.keys() >= {"hello", "offline period", "receipt", "check"}
    assert {int(row["Failure Count"]) for row in rows.values()} == {0}
    assert int(rows["receipt"]["Request Count"]) == sum(each["last_number"] for each in held.values())
    assert int(rows["check"]["Request Count"]) == USERS


async def _have_sold(http: str) -> bool:
    held = await registers_at(http)
    return len(held) == USERS and all(each["last_number"] for each in held.values())
