"""The demonstration as its users start it: the real command, real processes, whole days.

Each test runs one command and bounds it; how long a day takes on this machine is nobody's assertion.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from fiscal.errors import StorageBusy
from kkt_client import read_memory
from kkt_client.storage.sqlite import SqliteFiscalMemory
from mock_ofd.demo.conductor import OPERATOR_FOLDER
from mock_ofd.demo.trouble import AT, KILLED, LATE, LOST, register_id
from ofd_server.core.entries import DocumentRecorded
from ofd_server.storage.sqlite import SqliteJournal

LIMIT_S = 180
REGISTERS = 5

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """The command, in another folder than this; the paths of the packages stay what they are."""
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "mock_ofd", "demo", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


async def held(stores: Path) -> list[int]:
    """The registers whose memory some process holds; a process that is gone, however it went, holds nothing."""
    found = []
    for number in range(1, REGISTERS + 1):
        memory = SqliteFiscalMemory(stores / f"register-{number}")
        try:
            await memory.open()
            await memory.close()
        except StorageBusy:
            found.append(number)
    return found


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """One whole day, kept going: what it printed, the folder of its stores, and the health of the operator after it."""
    folder = tmp_path_factory.mktemp("anywhere")
    demo = start(folder, "--json", "--keep", "--data", "stores")
    try:
        assert demo.stdout is not None
        result = json.loads(demo.stdout.readline())
        with urllib.request.urlopen(f"{result['http']}/healthz", timeout=LIMIT_S) as health:
            result["health"] = health.status
        result["held"] = asyncio.run(held(folder / "stores"))
        demo.send_signal(signal.SIGINT)
        rest, story = demo.communicate(timeout=LIMIT_S)
    finally:
        demo.kill()
        demo.wait()
    return {**result, "code": demo.returncode, "rest": rest, "story": story}


def test_the_day_ends_clean(day):
    assert day["verdict"] == "clean", day["story"]
    assert day["code"] == 0
    assert [day[name] for name in ("lost", "doubled", "out_of_order", "different", "damaged", "waiting")] == [0] * 6
    assert day["registers"] == REGISTERS
    assert day["documents"] == sum(register["documents"] for register in day["per_register"])
    assert day["receipts"] > 300
    assert day["errors"] == []


def test_standard_output_is_one_object_and_the_story_goes_elsewhere(day):
    assert day["rest"] == ""
    assert "the link of the shop is cut" in day["story"]
    assert f"watch it in a browser: {day['http']}/" in day["story"]
    assert "Traceback" not in day["story"]


def test_everything_that_was_to_be_seen_was_in_the_stores(day):
    by_id = {register["register"]: register for register in day["per_register"]}
    assert all(register["autonomous_receipts"] > 0 for register in by_id.values())
    assert all(register["periods"] >= 2 for register in by_id.values())
    assert day["z_autonomous"] >= 1
    assert by_id[register_id(AT[LATE][0])]["late"] >= 1
    assert by_id[register_id(AT[LOST][0])]["replayed_online"] >= 1
    assert by_id[register_id(KILLED)]["replayed"] >= 1
    assert day["killed"] == 1
    assert day["asked_again"] > 0


def test_the_operator_goes_on_when_it_is_kept_and_its_registers_do_not(day):
    assert day["health"] == 200
    assert day["held"] == []
    assert day["native"].startswith("native://127.0.0.1:")


def test_a_shop_for_a_person_begins_at_once_and_ends_when_it_is_told(tmp_path):
    demo = start(tmp_path, "--live", "--json", "--data", "stores")
    try:
        assert demo.stdout is not None
        told = json.loads(demo.stdout.readline())
        with urllib.request.urlopen(told["page"], timeout=LIMIT_S) as page:
            assert page.status == 200
        request = urllib.request.Request(f"{told['http']}/api/v1/live/registers/{register_id(1)}/sell", method="POST")
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            assert json.load(answer)["ticks"] == 2
        demo.send_signal(signal.SIGINT)
        rest, story = demo.communicate(timeout=LIMIT_S)
    finally:
        demo.kill()
        demo.wait()
    assert (demo.returncode, rest) == (0, "")
    assert "Traceback" not in story
    assert asyncio.run(held(tmp_path / "stores")) == []


@pytest.mark.requirement("S3-05", "S3-06", "S3-09", "S3-19", "S3-20", "S3-24", "S3-25", "S3-26", "S3-27")
async def test_what_was_issued_without_the_operator_is_with_it_in_its_place(day):
    """Receipts and Z-reports of the offline hours, one of whose registers was killed: read back from both stores."""
    journal = SqliteJournal.open(Path(day["data"]) / OPERATOR_FOLDER)
    try:
        for number in range(1, REGISTERS + 1):
            async with read_memory(Path(day["data"]) / f"register-{number}") as memory:
                assert not memory.state.is_autonomous
                dossiers = [dossier async for dossier in memory.dossiers()]
            alone = [dossier for dossier in dossiers if dossier.autonomous]
            assert alone
            places = []
            for dossier in dossiers:
                stored = await journal.document(register_id(number), dossier.number)
                assert stored is not None
                assert isinstance(stored.entry, DocumentRecorded)
                places.append(stored.seq)
                assert stored.entry.content == dossier.content
                assert stored.entry.autonomous is dossier.autonomous
                assert (stored.entry.sign, stored.entry.autonomous_sign) == (dossier.sign, dossier.autonomous_sign)
                assert dossier.carries_sign is (dossier.sign is not None)
                assert (dossier.carries_sign and dossier.autonomous) is (dossier.autonomous_sign is not None)
            assert places == sorted(places)
    finally:
        await journal.close()


def until_the_shop_is_open(demo: subprocess.Popen[str]) -> None:
    assert demo.stderr is not None
    assert any("the shop opens" in line for line in demo.stderr)


async def test_an_interrupted_day_tells_what_is_known_and_leaves_nobody_behind(tmp_path):
    demo = start(tmp_path, "--json", "--data", "stores")
    try:
        until_the_shop_is_open(demo)
        assert await held(tmp_path / "stores") == list(range(1, REGISTERS + 1))
        demo.send_signal(signal.SIGINT)
        out, story = demo.communicate(timeout=LIMIT_S)
    finally:
        demo.kill()
        demo.wait()
    result = json.loads(out)
    assert (result["verdict"], demo.returncode) == ("interrupted", 130), story
    assert [result[name] for name in ("lost", "doubled", "out_of_order", "different")] == [0, 0, 0, 0]
    assert await held(tmp_path / "stores") == []
    assert "Traceback" not in story


async def test_registers_do_not_outlive_a_demonstration_that_was_killed(tmp_path):
    demo = start(tmp_path, "--data", "stores")
    try:
        until_the_shop_is_open(demo)
        assert await held(tmp_path / "stores") == list(range(1, REGISTERS + 1))
    finally:
        demo.kill()
        demo.communicate(timeout=LIMIT_S)
    async with asyncio.timeout(LIMIT_S):
        while await held(tmp_path / "stores"):  # noqa: ASYNC110 - nobody but the system knows when they are gone
            await asyncio.sleep(0.1)
