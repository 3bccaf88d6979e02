"""The judge in simulated worlds: a right register is right whatever happens to it, a wrong one is found.

What the judge reads here are the stores of real registers and a real operator, after cuts, crashes, lost and late answers
and clocks that were set back; nobody has told it what was planted.
"""

from typing import Any

import pytest

from fiscal.judging.judgement import Judge
from kkt_client.core.records import unseal
from mock_ofd.judge import memory
from mock_ofd.simulation.defects import Defect, planted
from mock_ofd.simulation.running import _quiet
from mock_ofd.simulation.world import World
from ofd_server.testimony import events_of


def verdict(seed, defect=None, protocol="native"):
    with planted(defect), _quiet():
        world = World(seed, protocol=protocol)
        world.run()
    judge = Judge()
    for place, disk in enumerate(world.disks):
        for event in memory.events_of(f"disk {place}", ((sealed.seq, unseal(sealed)) for sealed in disk.records)):
            judge.take(event)
    for stored in world.ledger.everything():
        for event in events_of("ledger", stored):
            judge.take(event)
    return judge.verdict()


@pytest.mark.parametrize("protocol", ["native", "kz"])
def test_right_registers_are_right_in_every_world(protocol):
    found: dict[Any, Any] = {}
    documents = 0
    for seed in range(6):
        judged = verdict(seed, protocol=protocol)
        documents += judged.documents
        found |= {(seed, finding.register, finding.text): finding for finding in judged.findings}
    assert documents > 250
    assert found == {}


def test_an_answer_before_the_commit_is_found():
    """What the operator told a register, and lost with a crash."""
    found = [finding for seed in range(6) for finding in verdict(seed, Defect.ANSWER_BEFORE_COMMIT).findings]
    assert "lost" in {finding.rule for finding in found}
