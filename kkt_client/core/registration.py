"""Who this register is, as it is kept beside its memory: id, token, particulars, and the protocol it speaks.

The rule: what is given when the memory is founded is kept; later only the particulars and, with nothing unsent, the
protocol may change (semantics 1.5), and the token by ``set_token`` (semantics 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from fiscal.domain.limits import Count, Name, RegisterId, Token
from fiscal.domain.register import RegisterProfile
from fiscal.errors import RemoteProtocolError, StorageCorrupt
from fiscal.protocols.values import from_map, pack, unpack

TRANSLATING: Final = frozenset(("kz",))
"""Protocols whose messages are the document in other words, from which the operator makes one of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the register tells the operator of itself, and must not lose.

    ``translated_through`` is the last document that went over a protocol of :data:`TRANSLATING`: up to it the operator
    holds the same documents in another form, so their digests tell nothing.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}

    register: RegisterId
    token: Token
    profile: RegisterProfile
    protocol: Name
    translated_through: Count = 0

    def __repr__(self) -> str:
        return f"Registration(register={self.register!r}, protocol={self.protocol!r})"


def carried_over(kept: Registration, wanted: Registration, last_number: int) -> Registration:
    """The registration that is wanted, with what the one that was kept knows; ``last_number`` is that of the memory."""
    leaves = kept.protocol in TRANSLATING and wanted.protocol != kept.protocol
    return replace(wanted, translated_through=last_number if leaves else kept.translated_through)


def write(registration: Registration) -> bytes:
    """The registration as bytes."""
    return pack(registration)


def read(data: bytes) -> Registration:
    """What :func:`write` wrote; :class:`StorageCorrupt` when it is something else."""
    try:
        return from_map(Registration, unpack(data, "registration"))
    except RemoteProtocolError as error:
        raise StorageCorrupt(f"the registration is damaged: {error.field}: {error.text}") from None
