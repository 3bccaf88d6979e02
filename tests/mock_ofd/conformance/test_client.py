"""What a driver says wrong is told as what it is, and never taken for an answer."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from mock_ofd.conformance.client import COMPLAINTS_MAX, Client, ClientFailed, Said

ABOUT = '{"ok": true, "client": "a test", "offers": ["sync"]}'


def driver(tmp_path: Path, *lines: str, then: str = "") -> Client:
    """A driver that answers the first requests with these lines."""
    program = tmp_path / "driver.py"
    said = "".join(f"input()\nprint({line!r}, flush=True)\n" for line in lines)
    program.write_text(said + then, encoding="utf-8")
    return Client([sys.executable, str(program)], {}, tmp_path / "log", 1.0)


async def test_a_driver_is_asked_about_itself_when_it_starts(tmp_path: Path) -> None:
    client = driver(tmp_path, ABOUT, then="input()")
    await client.start()
    assert (client.name, sorted(client.offers)) == ("a test", ["sync"])
    await client.kill()


async def test_an_answer_is_read_with_its_fields(tmp_path: Path) -> None:
    line = '{"ok": true, "autonomous": true, "sign": 12, "autonomous_sign": 7, "more": 1}'
    client = driver(tmp_path, ABOUT, line)
    await client.start()
    said = await client.ask({"do": "sell"})
    assert (said.is_ok, said.is_autonomous, said.sign, said.autonomous_sign) == (True, True, "12", 7)
    await client.stop()


async def test_an_error_is_no_failure_of_the_driver(tmp_path: Path) -> None:
    client = driver(tmp_path, ABOUT, '{"ok": false, "error": "blocked", "text": "by the operator"}')
    await client.start()
    said = await client.ask({"do": "sell"})
    assert (said.is_ok, said.error, said.text) == (False, "blocked", "by the operator")
    await client.stop()


@pytest.mark.parametrize(
    ("what", "line", "complaint"),
    [
        ("sell", "sold!", "no JSON"),
        ("sell", "[" * 30_000, "no JSON"),
        ("sell", "[1]", 'without "ok"'),
        ("sell", '{"autonomous": false}', 'without "ok"'),
        ("sell", '{"ok": "yes"}', 'without "ok"'),
        ("sell", '{"ok": true}', '"autonomous" must be true or false, is None'),
        ("receipt", '{"ok": true, "autonomous": 1}', '"autonomous" must be true or false, is 1'),
        ("sell", '{"ok": true, "autonomous": true, "autonomous_sign": "x"}', "must be a whole number"),
        ("status", '{"ok": true, "autonomous": true, "blocked": false, "unsent": true}', "must be a whole number"),
        ("status", '{"ok": true, "autonomous": true, "unsent": 1}', '"blocked" must be true or false'),
        ("sell", "x" * 70_000, "more than 65536 bytes"),
    ],
)
async def test_what_is_no_answer_is_refused(tmp_path: Path, what: str, line: str, complaint: str) -> None:
    client = driver(tmp_path, ABOUT, line, then="input()")
    await client.start()
    with pytest.raises(ClientFailed, match=complaint):
        await client.ask({"do": what})
    await client.kill()


async def test_a_driver_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    client = driver(tmp_path, ABOUT, then="input()\nraise SystemExit('the printer is on fire')")
    await client.start()
    with pytest.raises(ClientFailed, match=r"ended with code 1(?s:.*)the printer is on fire"):
        await client.ask({"do": "sell"})
    await client.stop()


async def test_of_endless_last_words_the_last_are_told(tmp_path: Path) -> None:
    text = "'ночь' * 100_000 + 'the printer is on fire'"
    client = driver(tmp_path, ABOUT, then=f"import sys\ninput()\nsys.stderr.buffer.write(({text}).encode())")
    await client.start()
    with pytest.raises(ClientFailed) as caught:
        await client.ask({"do": "sell"})
    said = str(caught.value).partition("ends with:\n")[2]
    assert (len(said), said[-26:]) == (COMPLAINTS_MAX, "ночьthe printer is on fire")
    await client.stop()


async def test_a_driver_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    client = driver(tmp_path, ABOUT, then="import time\ntime.sleep(60)")
    await client.start()
    with pytest.raises(ClientFailed, match=r"status was not answered within 0\.2 s"):
        await client.ask({"do": "status"}, 0.2)
    await client.kill()


@pytest.mark.parametrize(
    ("about", "complaint"),
    [('{"ok": false, "error": "no"}', "about was answered with no"), ('{"ok": true, "offers": 1}', "must be a list")],
)
async def test_a_driver_that_does_not_tell_about_itself_is_not_driven(
    tmp_path: Path, about: str, complaint: str
) -> None:
    client = driver(tmp_path, about)
    with pytest.raises(ClientFailed, match=complaint):
        await client.start()
    await client.kill()


async def test_a_command_that_is_not_there_cannot_be_started(tmp_path: Path) -> None:
    client = Client(["/no/such/driver"], {}, tmp_path / "log", 1.0)
    with pytest.raises(ClientFailed, match="cannot be started"):
        await client.start()
    with pytest.raises(ClientFailed, match="does not run"):
        await client.say({"do": "z"})
    await client.kill()
    await client.stop()


async def test_whatever_a_driver_has_started_dies_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(1); pathlib.Path({str(mark)!r}).touch()"
    client = driver(
        tmp_path, ABOUT, then=f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])\ninput()"
    )
    await client.start()
    await asyncio.sleep(0.3)
    await client.kill()
    await asyncio.sleep(1.5)
    assert not mark.exists()


def test_what_an_answer_does_not_say_is_absent() -> None:
    said = Said({}, 0.1)
    assert (said.sign, said.autonomous_sign, said.unsent, said.is_blocked) == (None, None, 0, False)
