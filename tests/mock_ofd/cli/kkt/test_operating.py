"""What only a terminal shows; everything else of these commands is in test_cli_kkt.py and in the acceptance tests."""

import asyncio
import io
import sys

import pytest

from fiscal.errors import InvalidValue
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt import main
from mock_ofd.cli.kkt.operating import read_token
from ofd_server import OfdServer


class Terminal(io.StringIO):
    def isatty(self):
        return True


async def test_a_person_sees_how_far_the_queue_is(tmp_path, monkeypatch):
    out, err = io.StringIO(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    till = ["--data", str(tmp_path / "till")]
    async with OfdServer(http="off", native="127.0.0.1:0") as operator:
        address = ["--operator", f"native://{operator.native_address}"]
        for _ in range(3):
            sale = [*till, *address, "sell", "--item", "Хлеб;1", "--low-power"]
            assert await asyncio.to_thread(main, sale) == Exit.OK
        err.truncate(0)
        assert await asyncio.to_thread(main, [*till, "sync"]) == Exit.OK
    assert out.getvalue().endswith("передано: 3, осталось: 0\n")
    assert "передача" in err.getvalue()
    assert "Автономный режим окончен" in err.getvalue()


def test_not_more_of_standard_input_is_read_than_a_token_may_have(monkeypatch):
    stdin = io.StringIO("x" * 1_000_000)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(InvalidValue, match="token: must have 1"):
        read_token()
    assert stdin.tell() == 258
