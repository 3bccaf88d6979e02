"""The arithmetic of the benchmarks: what they tell must be what was measured."""

import json
import sys

from tests.benchmarks import __main__ as command
from tests.benchmarks.figures import HEAD, Absent, Aim, Figure, Rounds, amount
from tests.benchmarks.frames import composed, receipts
from tests.benchmarks.traffic import percentile


def test_a_composed_frame_is_that_of_the_real_codec():
    assert [composed(number, 1_790_000_000_000) for number in (1, 2, 300)] == [
        receipts(300, 1_790_000_000_000)[number - 1] for number in (1, 2, 300)
    ]


def test_a_ratio_is_of_neighbouring_rounds():
    figure = Figure(
        name="f",
        unit="x/s",
        measured=Rounds((10.0, 40.0, 30.0)),
        against="r",
        reference=Rounds((20.0, 50.0, 100.0)),
        aims=(Aim("at least", 0.5, "ratio"), Aim("at most", 29.0, "figure")),
    )
    assert figure.ratios is not None
    assert figure.ratios.values == (0.5, 0.8, 0.3)
    assert figure.ratios.middle == 0.5
    assert [aim["met"] for aim in figure.plain()["aims"]] == [True, False]
    assert figure.lines() == [
        "f",
        "  measured  30 [10 .. 40] x/s",
        "  reference 50 [20 .. 100] x/s   (r)",
        "  ratio     0.5 [0.3 .. 0.8]",
        "  aim       ratio at least 0.5: met",
        "  aim       figure at most 29 x/s: missed",
        "",
    ]


def test_a_figure_is_a_row_of_a_table():
    figure = Figure(
        name="  f",
        unit="x/s",
        measured=Rounds((10.0,)),
        against="r",
        reference=Rounds((40.0,)),
        aims=(Aim("at least", 0.5, "ratio"), Aim("at most", 29.0, "figure")),
    )
    alone = Figure(name="g", unit="ms", measured=Rounds((1.0, 2.0, 3.0)))
    absent = Absent(name="h", why="there is none")
    assert figure.row() == "| f | 10 x/s | 40 x/s, r | 0.25 | ratio at least 0.5: **missed**; figure at most 29: met |"
    assert alone.row() == "| g | 2 [1 .. 3] ms |  |  |  |"
    assert absent.row() == "| h | not measured: there is none | | | |"
    assert {row.count("|") for row in (*HEAD, figure.row(), alone.row(), absent.row())} == {6}


def test_a_figure_that_cannot_be_had_says_why():
    absent = Absent(name="h", why="there is none")
    assert absent.lines() == ["h", "  not measured: there is none", ""]
    assert absent.plain() == {"name": "h", "absent": "there is none"}


def test_a_round_that_is_not_valid_does_not_keep_the_others_from_being_measured(monkeypatch, capsys):
    def broken(_quick: bool) -> list[Figure | Absent]:
        raise RuntimeError("the round is not valid")

    figure = Figure(name="step", unit="us", measured=Rounds((1.2345,)))
    monkeypatch.setattr(command, "BENCHMARKS", {"a": broken, "b": lambda _quick: [figure]})
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--markdown"])
    assert command.main() == 1
    told = capsys.readouterr().out.splitlines()[-3:]
    assert told == [HEAD[1], "| a | not measured: the round is not valid | | | |", figure.row()]
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--json", "b"])
    assert command.main() == 0
    assert json.loads(capsys.readouterr().out)["figures"] == [figure.plain()]


def test_a_figure_of_one_round_has_no_range():
    assert Figure(name="step", unit="us", measured=Rounds((1.2345,))).lines() == [f"{'step':<40}1.23 us"]


def test_amounts_are_told_with_the_digits_that_matter():
    assert [amount(value) for value in (0.01234, 1.5, 123.4, 1234.5, 1234567.0)] == [
        "0.0123",
        "1.5",
        "123",
        "1,234",
        "1,234,567",
    ]


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(value) for value in range(100)]
    assert percentile(values, 0.5) == 50.0
    assert percentile(values, 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0
