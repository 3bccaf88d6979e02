"""What an operator recorded by itself: the judge finds in it what a register did wrong, and it can be played again."""

import asyncio
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from fiscal.domain.messages import Accepted
from fiscal.errors import ConfigurationError
from kkt_client import CashRegister, Line
from mock_ofd.cli import judge, replay
from mock_ofd.cli.exits import Exit
from ofd_server import OfdServer
from tests.documents import document_id, receipt
from tests.ofd_server.gateways.http.test_links import native
from tests.ofd_server.gateways.test_tcp import submit
from tests.ofd_server.site import TOKEN, Site
from tests.ofd_server.twins import ManualClock

BREAD = [Line(name="Хлеб", price=250_00)]


def sale(number):
    return receipt(number, id=document_id(number), issued_at=receipt(1).issued_at + number * 60_000)


def twice(number):
    """The sale before it, once more under a number of its own."""
    return replace(sale(number - 1), id=document_id(number), number=number)


async def judged(file: Path, capsys: pytest.CaptureFixture[str]):
    code = await asyncio.to_thread(judge.main, [str(file), "--json"])
    plain = json.loads(capsys.readouterr().out)
    return code, [finding["rule"] for account in plain["registers"] for finding in account["findings"]]


@pytest.mark.parametrize(("second", "code", "rules"), [(sale, Exit.OK, []), (twice, Exit.FOUND, ["duplicate"])])
async def test_native_traffic_is_judged(tmp_path, capsys, second, code, rules):
    async with Site() as site:
        async with native(site) as till:
            for number, document in enumerate((sale(1), second(2)), 1):
                assert isinstance(await till.ask(submit(document)), Accepted), number
        lines = (await site.get("/control/traffic?form=jsonl&protocol=native")).body
        site.ofd.save_recording(tmp_path / "saved.jsonl")
    (tmp_path / "asked.jsonl").write_bytes(lines)
    for name in ("asked.jsonl", "saved.jsonl"):
        assert await judged(tmp_path / name, capsys) == (code, rules)
        assert TOKEN not in (tmp_path / name).read_text()
        assert TOKEN.encode().hex() not in (tmp_path / name).read_text()


@pytest.mark.parametrize(("apart_ms", "code", "rules"), [(60_000, Exit.OK, []), (0, Exit.FOUND, ["duplicate"])])
async def test_traffic_of_kazakhstan_is_judged(tmp_path, capsys, apart_ms, code, rules):
    clock = ManualClock()
    async with OfdServer(clock=clock) as ofd:
        async with CashRegister.open(tmp_path / "till", ofd.url("kz", "1", "7"), clock=clock) as till:
            await till.sell(BREAD)
            clock.wall += apart_ms
            await till.sell(BREAD)
        ofd.save_recording(tmp_path / "kz.jsonl")
    assert await judged(tmp_path / "kz.jsonl", capsys) == (code, rules)


async def test_it_is_played_again(tmp_path, capsys):
    file = tmp_path / "traffic.jsonl"
    async with Site() as site, native(site) as till:
        await till.ask(submit(sale(1)))
        site.ofd.save_recording(file)
    async with Site() as other:
        to = ["--to", other.ofd.native_address, "--token", TOKEN]
        code = await asyncio.to_thread(replay.main, [str(file), *to])
        assert code == Exit.OK, capsys.readouterr()
        assert "2 requests: 2 answered the same, 0 not" in capsys.readouterr().out
        assert len(await other.ofd.documents()) == 1


async def test_one_recording_is_of_one_protocol(tmp_path):
    async with Site() as site:
        await site.registered()
        with pytest.raises(ConfigurationError, match="known are native, kz"):
            site.ofd.save_recording(tmp_path / "http.jsonl")
        async with native(site, "kkm-2") as till:
            await till.sell(1)
        with pytest.raises(ConfigurationError, match="http, native: say which"):
            site.ofd.save_recording(tmp_path / "both.jsonl")
        refused = await site.get("/control/traffic?form=jsonl")
        assert (refused.status, refused.error["field"]) == (400, "protocol")
        site.ofd.save_recording(tmp_path / "native.jsonl", "native")
    assert not (tmp_path / "both.jsonl").exists()
