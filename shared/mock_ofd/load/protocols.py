"""How the registers of a load speak: their names, their token, and a wire for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fiscal.session.limits import SessionLimits
from fiscal.time import SECOND
from kkt_client.fleet.http_wire import HttpWire
from kkt_client.fleet.kz_wire import KzWire
from kkt_client.fleet.register import Habits
from kkt_client.fleet.state import FleetState
from kkt_client.fleet.wires import NativeWire, Wire
from mock_ofd.load.scenario import Scenario
from mock_ofd.load.scenario import Wire as Protocol

Address = tuple[str, int]

TOKEN: Final = "load"  # noqa: S105 - no secret
"""What an open operator takes from whoever comes first."""
KZ_TOKEN: Final = "20261121"  # noqa: S105 - likewise
"""The same over the Kazakhstan protocol, where it is a number; the operator gives another one with each answer."""
DEVICES: Final = 1_000_000
"""Ids of devices are numbers of 32 bits: so many for a run, and a few thousand runs before they come again."""
RUNS: Final = 4_000

Make = Callable[[FleetState, Habits, Address], Wire]


class Speech:
    """What all registers of a run have in common; ``run`` keeps the names of two runs apart."""

    def __init__(self, scenario: Scenario, run: str, make: Make) -> None:
        self.make = make
        self._run = run
        self._is_kz = scenario.protocol is Protocol.KZ
        self.token = KZ_TOKEN if self._is_kz else TOKEN
        """With which each of them comes."""

    def register_id(self, place: int) -> str:
        """The name of the register at this place."""
        if self._is_kz:
            return str(int(self._run, 16) // SECOND % RUNS * DEVICES + place + 1)
        return f"load-{self._run}-{place}"


def speech_of(scenario: Scenario, run: str) -> Speech:
    """How the registers of this scenario speak."""
    limit_s = scenario.answer_limit_s
    limits = SessionLimits(answer_limit_s=limit_s)

    def native(_state: FleetState, _habits: Habits, _address: Address) -> Wire:
        return NativeWire(limits)

    def http(_state: FleetState, _habits: Habits, address: Address) -> Wire:
        return HttpWire(f"{address[0]}:{address[1]}", limit_s)

    def kz(state: FleetState, habits: Habits, _address: Address) -> Wire:
        return KzWire(state, KZ_TOKEN, habits.instant, limit_s)

    makes: Mapping[Protocol, Make] = {Protocol.NATIVE: native, Protocol.HTTP: http, Protocol.KZ: kz}
    return Speech(scenario, run, makes[scenario.protocol])


__all__ = ["Speech", "speech_of"]
