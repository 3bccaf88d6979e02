"""The operator and the cash registers together: the command line, the demonstration, the simulation.

``from mock_ofd import OfdServer, CashRegister`` is all that most users need; each is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ofd_server.app import OfdServer
    from ofd_server.config import ServerSettings

__all__ = ["OfdServer", "ServerSettings"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        import ofd_server  # noqa: PLC0415 - see the docstring

        return getattr(ofd_server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
