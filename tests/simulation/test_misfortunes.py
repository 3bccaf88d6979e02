"""Every misfortune that has a name, in a simulated world: it happens, and every promise is kept."""

from __future__ import annotations

import pytest

from fiscal.faults.misfortunes import MISFORTUNES
from mock_ofd.simulation.running import _quiet, run_world
from mock_ofd.simulation.world import World

SEED = 3
BORNE = [one.name for one in MISFORTUNES.values() if not one.needs_person]
"""Those that a register gets over by itself; the others end with a person, whom no world has."""


@pytest.mark.parametrize("protocol", ["native", "kz"])
@pytest.mark.parametrize("name", BORNE)
def test_a_register_in_order_gets_over_it(name: str, protocol: str) -> None:
    world = World(SEED, tills=8, wishes=4, protocol=protocol, misfortune=name)
    applied: list[str] = []
    world.faults.watch(lambda one: applied.append(one.fault.name))
    with _quiet():
        outcome = world.run()
    assert outcome.is_clean, outcome.report()
    assert outcome.documents > 40
    assert applied, "it has to happen"


def test_a_failure_tells_how_to_see_it_again() -> None:
    outcome, _ = run_world(SEED, misfortune="refused", protocol="kz")
    assert not outcome.is_clean, "nobody is there to decide"
    assert outcome.report().endswith(f"--seed {SEED} --protocol kz --misfortune refused --story")
