"""What people get to see: the lines, the table, and what is told at the end."""

import io
from collections import deque
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from fiscal.time import HOUR, MINUTE
from mock_ofd.demo.board import Board, Row, Story, duration, shop_time
from mock_ofd.demo.books import Figure
from mock_ofd.demo.conductor import Outcome
from mock_ofd.demo.reconcile import Reconciliation, reconcile
from mock_ofd.demo.show import LiveDisplay, PlainDisplay, display_for, picture, summary
from mock_ofd.demo.telling import seen, tell
from mock_ofd.demo.trouble import CUTS, OPENS_AT
from mock_ofd.demo.wire import Progress
from ofd_server.core.entries import DocumentRecorded
from tests.mock_ofd.demo.books import books

PROGRESS = Progress(
    mode="autonomous",
    saved=4,
    delivered=30,
    clouds=5,
    queue=4,
    oldest_ms=HOUR + 5 * MINUTE,
    done=31,
    steps=86,
    asked_again=0,
    waits_ms=3_200,
)


def board():
    rows = {
        1: Row("open", PROGRESS, "Касса перешла в автономный режим."),
        2: Row("open", replace(PROGRESS, mode="online", queue=0, oldest_ms=None, waits_ms=0)),
        3: Row("killed", PROGRESS),
        4: Row(),
        5: Row("open", replace(PROGRESS, mode="blocked"), "Касса заблокирована", True),
    }
    return Board(rows, OPENS_AT + 6 * HOUR, CUTS[0], "http://127.0.0.1:1", [Story(1.25, "08:00", "the shop opens")])


def rendered(renderable, width=120):
    stream = io.StringIO()
    Console(file=stream, width=width).print(renderable)
    return stream.getvalue()


# ------------------------------------------------------------------------------------------------------- the board


def test_the_link_in_words():
    assert board().link == "the link is cut, 14:05 to 16:35"
    assert replace(board(), cut=None).link == "the link is up"


def test_sums_are_those_of_all_registers():
    assert board().sums() == (16, 120, 20, 12)
    assert Board({1: Row()}, 0).sums() == (0, 0, 0, 0)


def test_times_of_the_shop():
    assert shop_time(OPENS_AT) == "08:00"
    assert duration(26 * HOUR + 5 * MINUTE) == "26:05"


# -------------------------------------------------------------------------------------------------------- the lines


def test_lines_tell_each_story_once_and_now_and_then_how_everything_stands():
    stream = io.StringIO()
    shown = board()
    with PlainDisplay(stream) as display:
        display.show(shown)
        display.show(shown)
        shown.story.append(Story(2.0, "08:43", "something else"))
        display.show(shown)
        display._summed_at = 0.0
        display.show(shown)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["[  1.2 s] 08:00  the shop opens", "[  2.0 s] 08:43  something else"]
    assert lines[2].endswith(summary(shown))
    assert "✔ 16  ✔✔ 120" in lines[2]
    assert "autonomous registers 3" in lines[2]


# -------------------------------------------------------------------------------------------------------- the table


def test_the_table_shows_every_register():
    text = rendered(picture(board()))
    assert "14:00" in text
    assert "the link is cut, 14:05 to 16:35" in text
    for part in ("autonomous", "online", "killed", "starting", "blocked", "31/86", "1:05", "3.2 s", "автономный"):
        assert part in text, part
    assert "the shop opens" in text


def test_the_table_fits_a_narrow_terminal():
    text = rendered(picture(board()), 80)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    assert "Касса пере" in text


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_the_table_and_everything_else_the_lines():
    assert isinstance(display_for(Terminal()), LiveDisplay)
    assert isinstance(display_for(io.StringIO()), PlainDisplay)


def test_the_live_table_ends_with_the_last_picture():
    stream = Terminal()
    shown = board()
    with LiveDisplay(stream) as display:
        for minute in range(5):
            shown.now += minute * MINUTE
            display.show(shown)
    assert shop_time(shown.now) in stream.getvalue()


def test_a_live_table_that_never_showed_anything_ends_all_the_same():
    with LiveDisplay(Terminal()):
        pass


# ----------------------------------------------------------------------------------------------------- at the end


def outcome(*judged, **changed):
    whole: dict[str, Any] = {
        "reconciliation": Reconciliation(tuple(reconcile(one) for one in judged)),
        "seconds": 23.44,
        "is_interrupted": False,
        "errors": {},
        "killed": {},
        "asked_again": 0,
    }
    return Outcome(**whole | changed)


def lost_two():
    whole = books()
    return replace(
        whole,
        ledger=[
            entry for entry in whole.ledger if not isinstance(entry, DocumentRecorded) or entry.number not in (2, 7)
        ],
    )


def told(one):
    stream = io.StringIO()
    tell(one, stream)
    return stream.getvalue()


def test_a_clean_day_is_told_with_what_was_found():
    text = told(outcome(books(), killed={3: 1}, asked_again=8))
    assert "till-1 took a Z-report without the operator" in text
    assert "till-1 did not wait longer than 5 s" in text
    assert "register 3 was killed in the middle of a sale; its next process asked again for 8 papers" in text
    assert text.splitlines()[-1] == (
        "clean: 9 documents of 1 registers, lost 0, doubled 0, out of order 0, different 0, in 23.4 s"
    )
    assert "!" not in text


def test_what_did_not_happen_is_not_told():
    assert list(seen(outcome())) == []
    texts = " ".join(seen(outcome(books(resent=frozenset()), killed={2: 2})))
    assert "asked again" not in texts
    assert "register 2 was killed 2 times in the middle of a sale" in texts


def test_what_is_wrong_is_told_document_by_document():
    text = told(
        outcome(lost_two(), books(damage="record 7 (Issued): the hash does not belong"), errors={4: "DiskFull: full"})
    )
    assert "! register 4: DiskFull: full" in text
    assert "! till-1: lost: document 2 was accepted, and is not in the ledger" in text
    assert "! till-1: the fiscal memory is damaged: record 7 (Issued): the hash does not belong" in text
    assert text.splitlines()[-1].startswith("broken: 18 documents of 2 registers, lost 2, doubled 0")


def test_no_more_findings_are_told_than_anybody_reads():
    text = told(outcome(*(lost_two() for _ in range(12))))
    assert text.count("! till-1") == 20
    assert "! and 4 more" in text


@pytest.mark.parametrize(
    ("judged", "changed", "verdict"),
    [
        ((books(),), {}, "clean"),
        ((books(),), {"errors": {1: "DiskFull"}}, "broken"),
        ((books(),), {"is_interrupted": True}, "interrupted"),
        ((lost_two(),), {"is_interrupted": True}, "broken"),
        ((lost_two(),), {}, "broken"),
        ((), {}, "broken"),
        ((), {"is_interrupted": True}, "interrupted"),
    ],
)
def test_the_verdict(judged, changed, verdict):
    one = outcome(*judged, **changed)
    assert one.verdict == verdict
    assert one.as_plain()["verdict"] == verdict


def test_machines_are_told_the_same():
    plain = outcome(lost_two(), killed={3: 1}, asked_again=8, errors={4: "DiskFull: full"}).as_plain()
    assert (plain["registers"], plain["documents"], plain[Figure.LOST.value]) == (1, 9, 2)
    assert (plain["killed"], plain["asked_again"], plain["seconds"]) == (1, 8, 23.4)
    assert plain["errors"] == ["register 4: DiskFull: full"]


def test_what_waits_is_told():
    waiting = replace(books(), chain=deque(books().chain, maxlen=len(books().chain)))
    one = replace(waiting, chain=list(waiting.chain)[:-1], slips=())
    assert ", waiting 1," in told(outcome(one))
