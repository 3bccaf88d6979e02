"""The operator of a run: started, asked what it cost, ended; and what is said of one that does not start."""

import asyncio
import os
import sys

import pytest

from mock_ofd.load import operator
from mock_ofd.load.operator import Operator
from mock_ofd.load.result import LoadFailed
from mock_ofd.load.scenario import Scenario

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="what a process used is read from /proc")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@needs_proc
@pytest.mark.parametrize("protocol", ["native", "kz", "http"])
async def test_it_listens_costs_something_and_is_gone(tmp_path, protocol):
    found = Operator(Scenario(protocol=protocol, registers=5), tmp_path / "ledger", tmp_path / "log")
    await found.start()
    try:
        assert (tmp_path / "ledger" / "ledger.sqlite").is_file()
        _, writer = await asyncio.open_connection(found.host, found.port)
        writer.close()
        assert found.http
        assert (found.http == f"{found.host}:{found.port}") is (protocol == "http")
        since_it_began = found.cost()
        found.mark()
        since_now = found.cost()
        assert since_it_began is not None
        assert since_now is not None
        assert 0 <= since_now.cpu_s < since_it_began.cpu_s
        assert since_now.rss_max_mb > 10
    finally:
        await found.stop()
    assert not is_there(found.pid)
    assert found.cost() is None
    await found.stop()


async def test_one_that_does_not_start_says_why(tmp_path):
    (tmp_path / "ledger").write_text("no folder")
    found = Operator(Scenario(registers=5), tmp_path / "ledger", tmp_path / "log")
    with pytest.raises(LoadFailed, match=r"the operator did not start: .*ledger.* cannot be used as a data folder"):
        await found.start()
    assert not is_there(found.pid)


async def test_one_that_says_nothing_in_time_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(operator, "READY_S", 0.0)
    found = Operator(Scenario(registers=5), tmp_path / "ledger", tmp_path / "log")
    with pytest.raises(LoadFailed, match="did not start: it said nothing"):
        await found.start()
    assert not is_there(found.pid)


async def test_one_that_does_not_want_to_end_is_killed(tmp_path, monkeypatch):
    found = Operator(Scenario(registers=5), tmp_path / "ledger", tmp_path / "log")
    await found.start()
    monkeypatch.setattr(operator, "STOP_S", 0.0)
    await found.stop()
    assert not is_there(found.pid)


async def test_the_address_of_a_database_is_in_no_command_line(tmp_path):
    """Nobody answers there; whoever lists processes, or reads what is told, sees no password."""
    scenario = Scenario(registers=5, storage="postgresql://kassa:geheim@127.0.0.1:1/ledger")
    found = Operator(scenario, tmp_path / "ledger", tmp_path / "log")
    assert "geheim" not in " ".join(found._options())
    with pytest.raises(LoadFailed, match="cannot be reached") as failed:
        await found.start()
    assert "geheim" not in str(failed.value)
