"""A twin of the server around a gateway: it suffers nothing and remembers everything."""

from __future__ import annotations

from fiscal.faults.effects import HostEffect


class TwinHost:
    """Implements :class:`ofd_server.gateways.bending.Host`."""

    def __init__(self) -> None:
        self.suffered: list[tuple[HostEffect, str]] = []
        self.relieved: list[str] = []
        self.crashes = 0

    def suffer(self, effect: HostEffect, register_id: str) -> None:
        self.suffered.append((effect, register_id))

    def relieve(self, register_id: str) -> None:
        self.relieved.append(register_id)

    def crash(self) -> None:
        self.crashes += 1
