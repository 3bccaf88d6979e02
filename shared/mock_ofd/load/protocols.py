"""How the registers of a load speak: their names, their token, and a wire for each."""

from __future__ import annotations

from collections.abc import Callable

from fiscal.session.limits import SessionLimits
from kkt_client.fleet.register import Habits
from kkt_client.fleet.wires import NativeWire, Wire
from mock_ofd.load.scenario import Scenario

TOKEN = "load"  # noqa: S105 - what an open operator takes from whoever comes first


class Speech:
    """What all registers of a run have in common; ``run`` keeps the names of two runs apart."""

    def __init__(self, run: str, wire: Callable[[Habits], Wire]) -> None:
        self.token = TOKEN
        self.wire = wire
        self._run = run

    def register_id(self, place: int) -> str:
        """The name of the register at this place."""
        return f"load-{self._run}-{place}"


def speech_of(scenario: Scenario, run: str) -> Speech:
    """How the registers of this scenario speak."""
    limits = SessionLimits(answer_limit_s=scenario.answer_limit_s)
    return Speech(run, lambda _habits: NativeWire(limits))


__all__ = ["Speech", "speech_of"]
