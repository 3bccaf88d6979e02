"""The conductor in this process, with its real registers, on days of a second or two."""

import asyncio
import json
import time

import pytest

from mock_ofd.demo import conductor as module
from mock_ofd.demo.books import Figure
from mock_ofd.demo.conductor import Conductor
from mock_ofd.demo.shop import PROFILES
from mock_ofd.demo.trouble import AT, HELD, KILLED, register_id
from tests.mock_ofd.demo.shop_floor import LINES, sale

LIMIT_S = 120


def lines_for(*numbers, lines=LINES):
    """The lines of one register, for each of these."""
    made = []
    for number in numbers:
        for line in lines:
            step = json.loads(line) | {"register": number}
            if "key" in step:
                step["key"] = f"{number}{step['key'][1:]}"
            if "of" in step:
                step["of"] = f"{number}{step['of'][1:]}"
            made.append(json.dumps(step))
    return made


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(module, "DAY_S", 2.0)
    monkeypatch.setattr(module, "DAY_MIN_S", 1.0)


async def run(one, interrupted=None):
    try:
        async with asyncio.timeout(LIMIT_S):
            return await one.run(interrupted or asyncio.Event())
    finally:
        await one.close()


def stories(one):
    return "\n".join(story.text for story in one.board.story)


async def test_a_short_day_ends_by_itself_and_clean(tmp_path, hurry):
    boards = []
    one = Conductor(tmp_path, lines_for(1, 2), changed=lambda board: boards.append(board.link))
    outcome = await run(one)
    assert outcome.verdict == "clean", stories(one)
    assert outcome.reconciliation.figures["documents"] == 20
    assert [outcome.reconciliation.count(figure) for figure in Figure] == [0, 0, 0, 0]
    assert [row.life for row in one.board.rows.values()] == ["done"] * 5
    assert outcome.seconds > 2.0
    assert "the link of the shop is cut until 16:35" in stories(one)
    assert stories(one).count("the link of the shop is back") >= 1
    assert {"the link is up", "the link is cut, 14:05 to 16:35", "the link is cut, 19:05 to 21:40"} == set(boards)


async def test_the_register_whose_answer_is_held_back_is_killed_and_comes_back(tmp_path, hurry):
    one = Conductor(tmp_path, lines_for(KILLED))
    outcome = await run(one)
    assert outcome.verdict == "clean", stories(one)
    assert outcome.killed == {KILLED: 1}
    assert outcome.asked_again == AT[HELD][1] - 1
    assert outcome.reconciliation.figures["replayed"] == 1
    assert "its process was killed in the middle of a sale" in stories(one)


async def test_what_one_register_cannot_do_is_told_and_the_others_go_on(tmp_path, hurry):
    wrong = [line.replace('"sum": 100000', '"sum": 99999999') for line in lines_for(2)]
    one = Conductor(tmp_path, [*lines_for(1), *wrong])
    outcome = await run(one)
    assert outcome.verdict == "broken"
    assert outcome.errors[2].startswith("NotEnoughCash: ")
    assert outcome.reconciliation.is_right, outcome.reconciliation.as_plain()
    assert one.board.rows[1].life == "done"
    assert one.board.rows[2].life == "failed"
    assert "register 2 failed: NotEnoughCash" in stories(one)
    assert "not every register came to its end" in stories(one)


async def test_a_day_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "END_BY_S", 3.0)
    monkeypatch.setattr(module, "DAY_S", 600.0)
    monkeypatch.setattr(module, "DAY_END_BY_S", 600.0)
    began = time.monotonic()
    one = Conductor(tmp_path, lines_for(1))
    outcome = await run(one)
    assert "not every register came to its end" in stories(one)
    assert outcome.seconds <= time.monotonic() - began


async def test_a_day_that_is_interrupted_before_it_began_has_nothing_to_tell(tmp_path):
    interrupted = asyncio.Event()
    interrupted.set()
    outcome = await run(Conductor(tmp_path, lines_for(1)), interrupted)
    assert outcome.verdict == "interrupted"
    assert outcome.reconciliation.accounts == ()


async def test_whatever_keeps_the_operator_from_starting_ends_the_demonstration(tmp_path):
    (tmp_path / module.OPERATOR_FOLDER).write_text("in the way")
    with pytest.raises(Exception, match=module.OPERATOR_FOLDER):
        await run(Conductor(tmp_path, lines_for(1)))


async def test_a_process_that_cannot_be_started_ends_the_demonstration(tmp_path, monkeypatch):
    monkeypatch.setattr("mock_ofd.demo.crew.sys.executable", str(tmp_path / "no python"))
    with pytest.raises(FileNotFoundError):
        await run(Conductor(tmp_path, lines_for(1)))


async def test_an_operator_that_is_kept_lives_in_the_present(tmp_path, hurry):
    one = Conductor(tmp_path, lines_for(1, lines=[sale("1-001", 1)]))
    try:
        outcome = await one.run(asyncio.Event())
        assert outcome.verdict == "clean"
        addresses = one.keep()
        assert addresses["native"].startswith("native://127.0.0.1:")
        operator = one._operator
        assert operator is not None
        assert abs(operator.clock.now() - time.time_ns() // 1_000_000) < 60_000
        assert operator.faults is not None
        assert operator.faults.plan.faults == ()
    finally:
        await one.close()


async def test_registers_go_on_in_this_process_with_the_memories_of_the_day(tmp_path, hurry):
    one = Conductor(tmp_path, lines_for(1, lines=[sale("1-001", 1)]))
    try:
        await one.run(asyncio.Event())
        one.keep()
        await one.go_live()
        assert one._live is not None
        live = one._live.find(register_id(1))
        assert live is not None
        assert [document["number"] for document in await live.documents()] == [1]
        await live.close_shift()  # the day's own script would have, and by the clock of the present it is long over
        sold = await live.sell()
        assert (sold.number, sold.marks.ticks) == (3, 2)
    finally:
        await one.close()


async def test_a_machine_that_was_slow_to_start_gets_a_shorter_day(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "DAY_S", 60.0)
    monkeypatch.setattr(module, "DAY_MIN_S", 1.5)
    monkeypatch.setattr(module, "DAY_END_BY_S", 0.0)
    one = Conductor(tmp_path, lines_for(1))
    outcome = await run(one)
    assert outcome.verdict == "clean"
    assert one._clock.pace is not None
    assert one._clock.pace.day_s == 1.5


def test_every_register_of_the_shop_has_its_own_lines(tmp_path):
    async def made():
        return Conductor(tmp_path, lines_for(1, 3))

    one = asyncio.run(made())
    assert [len(one._lines[number]) for number in PROFILES] == [len(LINES), 0, len(LINES), 0, 0]
