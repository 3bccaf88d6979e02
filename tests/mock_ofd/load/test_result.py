"""When a run is proven: everything was delivered, and nothing is known to be wrong."""

import pytest

from fiscal.errors import FiscalError
from mock_ofd.load.result import LoadFailed, RegisterVerdict
from tests.mock_ofd.load.books import faulty, foreign, storm

ODD = RegisterVerdict(register_id="load-1", sent=3, acknowledged=3, lost=0, doubled=0, out_of_order=0, late=0)


def test_a_storm_that_ended_well_is_proven():
    assert storm().is_proven
    assert not faulty().is_proven


@pytest.mark.parametrize(
    "given",
    [
        {"complete": False},
        {"documents_acknowledged": 99_999},
        {"documents_acknowledged": 100_001},
        {"lost": 1},
        {"doubled": 1},
        {"out_of_order": 1},
        {"late": 1},
        {"faulty": (ODD,)},
    ],
)
def test_one_thing_wrong_is_enough(given):
    assert not storm(**given).is_proven


@pytest.mark.parametrize(
    "given",
    [
        {"errors": {"the connection broke": 10_000}},
        {"connects": 10**6, "put_off": 10**6},
        {"documents_sent": 100_003},
        {"queue_peak": None, "server": None, "reference": None, "generator_cpu_s": None},
        {"lost": None, "doubled": None, "out_of_order": None},
    ],
    ids=",".join,
)
def test_what_was_tried_again_or_could_not_be_seen_is_not_wrong(given):
    assert storm(**given).is_proven


@pytest.mark.parametrize(("late", "expected"), [(0, True), (1, False)])
def test_at_an_operator_of_somebody_else_what_can_be_seen_counts(late, expected):
    assert foreign(late=late).is_proven is expected


def test_why_a_run_cannot_go_on_is_told_like_every_error_of_ours():
    assert issubclass(LoadFailed, FiscalError)
    assert str(LoadFailed("the disk is full")) == "the disk is full"
