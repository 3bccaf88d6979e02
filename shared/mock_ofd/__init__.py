"""The operator and the cash registers together: the command line, the demonstration, the simulation.

``from mock_ofd import OfdServer, CashRegister`` is all that most users need; each is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kkt_client import Basket, BlockingCashRegister, CashRegister, Line, RegisterSettings
    from mock_ofd.harness.beside import OfdServerBeside
    from ofd_server.app import OfdServer
    from ofd_server.clock import MovableClock
    from ofd_server.config import ServerSettings
    from ofd_server.harness.harness import NotAsExpected
    from ofd_server.threaded import OfdServerThread

_HOMES = {
    "Basket": "kkt_client",
    "BlockingCashRegister": "kkt_client",
    "CashRegister": "kkt_client",
    "Line": "kkt_client",
    "MovableClock": "ofd_server.clock",
    "NotAsExpected": "ofd_server.harness.harness",
    "OfdServer": "ofd_server",
    "OfdServerBeside": "mock_ofd.harness.beside",
    "OfdServerThread": "ofd_server.threaded",
    "RegisterSettings": "kkt_client",
    "ServerSettings": "ofd_server",
}

__all__ = [
    "Basket",
    "BlockingCashRegister",
    "CashRegister",
    "Line",
    "MovableClock",
    "NotAsExpected",
    "OfdServer",
    "OfdServerBeside",
    "OfdServerThread",
    "RegisterSettings",
    "ServerSettings",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
