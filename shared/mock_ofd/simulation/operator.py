"""The operator of a simulated world: the product's service and gateway, on a store that outlives the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from fiscal.domain.signs import DEFAULT_KEY_ID, PUBLIC_KEY, Signer, SigningKey
from fiscal.faults.run import FaultRun
from fiscal.protocols.native.codec import NATIVE
from mock_ofd.simulation.clocks import SimulatedClock
from mock_ofd.simulation.kz import KZ_PORT
from mock_ofd.simulation.stores import Doom, JournalTrouble, SimulatedJournal
from ofd_server.core.kz_desk import Desk
from ofd_server.core.rules import Rules
from ofd_server.gateways.faulty import FaultyConversation
from ofd_server.gateways.kz import KzGateway
from ofd_server.gateways.kz_bent import FaultyKzConversation
from ofd_server.gateways.tcp import TcpGateway
from ofd_server.service import Service
from ofd_server.storage.memory import MemoryJournal
from ofd_server.suffering import Suffering

HOST: Final = "operator"
PORT: Final = 7790


class NoMetrics:
    """Counts nothing. Implements :class:`ofd_server.ports.Metrics`."""

    def _nothing(self, *_figures: object) -> None:
        return None

    answered = committed = late = autonomous = sessions = _nothing


async def run_operator(
    clock: SimulatedClock,
    disk: MemoryJournal,
    random: Random,
    doom: Doom,
    trouble: JournalTrouble,
    faults: FaultRun,
    protocol: str,
    crash: Callable[[], None],
) -> None:
    """A life of the operator's process; it ends when the process is killed, as ``crash`` does it at a plan's wish."""
    journal = SimulatedJournal(disk, random, doom, trouble)
    service = Service(
        journal,
        clock,
        Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY)),
        Rules(),
        NoMetrics(),
    )
    host = Suffering(service, crash)
    if protocol == "kz":
        desk = Desk(rules=Rules(), signer=service.signer)
        await KzGateway(service, desk, clock, conversation=partial(FaultyKzConversation, faults, host)).start(
            HOST, KZ_PORT
        )
    else:
        gateway = TcpGateway(service, NATIVE, clock, conversation=partial(FaultyConversation, faults, host))
        await gateway.start(HOST, PORT)
    while True:
        await asyncio.sleep(30)
        await service.flush()
