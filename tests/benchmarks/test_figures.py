"""The arithmetic of the benchmarks: what they tell must be what was measured."""

from tests.benchmarks.figures import Aim, Figure, Rounds, amount
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
