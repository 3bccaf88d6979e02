"""Registers that return together: none, full jitter, and paced by the operator, over seeds and shapes of a storm."""

from typing import Any

import pytest

from tests.simulation.storm import Storm, World, main

# A tenth of ten thousand registers against a tenth of 20,000 documents a second, in commits of a tenth: the same storm.
SMALL: dict[str, Any] = {
    "registers": 1_000,
    "documents": 60,
    "batch": 51,
    "hello_s": 1e-3,
    "document_s": 5e-4,
    "refusal_s": 8e-5,
    "commit_s": 2e-3,
    "row_s": 1e-4,
    "way_s": 5e-3,
}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_paced_return_has_the_lower_peak_and_the_earlier_sign(seed):
    storm = Storm(**SMALL | {"documents": 100, "seed": seed})
    full, paced = World(storm, "full").run(), World(storm, "paced").run()
    assert paced.peak < full.peak
    assert paced.wait_s < full.wait_s / 5
    total = storm.registers * storm.documents
    assert total / paced.drained_s > 0.95 * storm.capacity, "whoever has to wait waits for work, not for a clock"
    assert paced.slowest_s < storm.answer_limit_s / 5
    assert max(paced.first) < 10, "nobody starves"


@pytest.mark.parametrize(
    "shape",
    [
        {"way_s": 0.1},
        {"hello_s": 3e-3},
        {"document_s": 2e-4, "row_s": 5e-4},
        {"commit_s": 0.2, "documents": 20, "registers": 400},
        {"document_s": 1.2e-3, "refusal_s": 6e-4, "row_s": 1e-5},
    ],
    ids=["a long way", "dear hellos", "a slow writer", "a slow disk", "dear refusals and fast commits"],
)
def test_no_shape_of_a_storm_makes_pacing_worse_than_no_policy(shape):
    storm = Storm(**SMALL | shape)
    none, paced = World(storm, "none").run(), World(storm, "paced").run()
    assert paced.peak < none.peak
    assert paced.slowest_s < storm.answer_limit_s / 2
    assert paced.drained_s < 1.5 * none.drained_s
    assert max(paced.first) < paced.drained_s


def test_a_few_registers_are_not_paced_at_all():
    paced = World(Storm(**SMALL | {"registers": 20}), "paced").run()
    assert paced.put_off == 0


def test_the_same_seed_is_the_same_storm():
    storm = Storm(**SMALL | {"documents": 10})
    assert World(storm, "paced").run() == World(storm, "paced").run()


def test_it_prints_the_policies_side_by_side(capsys):
    main(["registers=50", "documents=4", "seed=7"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["none", "full", "paced"]
