"""A client that was forked is to whoever started it what a started one is."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.client import Client, ClientFailed
from mock_ofd.conformance.running import Verdict, play
from mock_ofd.conformance.tongue import TONGUES
from tests.mock_ofd.conformance.nursery import nursery
from tests.mock_ofd.conformance.players import OWN, options, story_of

ODD = """
import json, os, sys

if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "end":
            sys.exit(asked["with"])
        told = {"ok": True, "pid": os.getpid(), "parent": os.getppid(), "session": os.getsid(0), "argv": sys.argv,
                "heard": os.environ.get("OFD_HEARD"), "unheard": os.environ.get("PYTHONPATH"), "files": os.listdir("/dev/fd"),
                "times": os.environ.setdefault("TIMES", "0")}
        os.environ["TIMES"] = "1"
        print(1 // asked.get("divided", 1), file=sys.stderr)
        print(json.dumps(told), flush=True)
"""


@pytest.fixture
def odd(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "odd.py"
    path.write_text(ODD, "utf-8")
    return sys.executable, str(path), "a-word"


@pytest.fixture(params=["forked", "started"])
def way(request: pytest.FixtureRequest, odd: tuple[str, ...]) -> object:
    return nursery(odd[:2]) if request.param == "forked" else nullcontext()


async def started(command: tuple[str, ...], folder: Path, **environment: str) -> Client:
    client = Client(command, environment, folder / "log", 5.0)
    await client.start()
    return client


async def test_what_a_client_finds_around_it(odd, way, tmp_path):
    async with way:
        one, other = [await started(odd, tmp_path, OFD_HEARD=word) for word in ("first", "second")]
        for client, word in ((one, "first"), (other, "second")):
            told = (await client.ask({"do": "about"})).fields
            assert told["argv"] == list(odd[1:])
            assert (told["heard"], told["unheard"]) == (word, os.environ.get("PYTHONPATH"))
            assert told["session"] == told["pid"] != os.getpid()
            assert len(told["files"]) == 4, "its three, and that with which it looks"
            assert told["times"] == "1", "asked for the second time"
        await one.kill()
        assert (await other.ask({"do": "about"})).is_ok
        await other.stop()
    assert (tmp_path / "log").read_text("utf-8").split() == ["1"] * 5


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ({"do": "end", "with": 3}, "the client has ended with code 3"),
        ({"do": "end", "with": None}, "the client has ended with code 0"),
        ({"do": "end", "with": "it says so"}, "the client has ended with code 1"),
        ({"do": "divide", "divided": 0}, "ZeroDivisionError"),
    ],
)
async def test_how_a_client_ends(odd, way, tmp_path, last, told):
    async with way:
        client = await started(odd, tmp_path)
        with pytest.raises(ClientFailed, match=told):
            await client.ask(last)
        await client.kill()


async def test_a_client_that_is_killed_does_nothing_more(odd, way, tmp_path):
    async with way:
        client = await started(odd, tmp_path)
        pid = (await client.ask({"do": "about"})).fields["pid"]
        os.kill(pid, 9)
        with pytest.raises(ClientFailed, match="the client has ended by signal 9"):
            await client.ask({"do": "about"})


async def test_other_commands_are_started(odd, tmp_path):
    async with nursery(OWN):
        client = await started(odd, tmp_path)
        assert (await client.ask({"do": "about"})).fields["parent"] == os.getpid()
        await client.stop()


@pytest.mark.parametrize("protocol", TONGUES)
@pytest.mark.parametrize("name", ["goes-on-after-restart", "killed-after-commit"])
async def test_our_own_register_passes_when_it_is_started(protocol: str, name: str):
    outcome = await play(SCENARIOS[name], TONGUES[protocol](), options(OWN))
    assert outcome.verdict is Verdict.PASSED, story_of(outcome)
