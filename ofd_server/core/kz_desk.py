"""What every exchange over the Kazakhstan protocol is judged by: the operator's rules, its keys, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from fiscal.domain.signs import Signer
from fiscal.protocols.kz.codes import Command, UserRole
from fiscal.protocols.kz.nomenclature import SMALL, Catalogue
from ofd_server.core.rules import Rules

BLOCKS: Final[Mapping[int, str]] = {
    Command.TICKET: "ticket",
    Command.CLOSE_SHIFT: "close_shift",
    Command.REPORT: "report",
    Command.NOMENCLATURE: "nomenclature",
    Command.MONEY_PLACEMENT: "money_placement",
    Command.AUTH: "auth",
}
"""The block that a command has to bring; without it a message does not count as one."""


class Checksum(Enum):
    """What is done with the checksum of a register's Z-report, whose algorithm no official text tells."""

    IGNORE = "ignore"
    CHECK = "check"
    REFUSE = "refuse"


class Login(NamedTuple):
    """A cashier that AUTH knows, under a name; ``roles`` as the wire has them."""

    password: str
    code: int
    name: str
    roles: tuple[UserRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """``full`` refuses what is otherwise noted as a warning; ``zone`` is that of registers that nobody gave one.

    ``cashiers`` are those that AUTH knows, by their login.
    """

    rules: Rules
    signer: Signer
    full: bool = False
    checksum: Checksum = Checksum.IGNORE
    zone: str = "Asia/Almaty"
    catalogue: Catalogue = SMALL
    cashiers: Mapping[str, Login] = field(default_factory=dict)
