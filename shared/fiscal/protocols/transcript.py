"""A frame in words: what somebody who stands between a register and an operator can say of it, and hide of it.

The rule: every protocol has one :class:`Transcript`, and whatever records, shows, plays again or compares traffic knows
nothing else of the protocol. What is told are plain values that JSON can hold, under the names of the protocol itself;
secrets are not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from fiscal.wire.reading import Header

HIDDEN: Final = "***"
"""What stands in the place of a secret."""


class Told(NamedTuple):
    """A frame: ``what`` it is in a word, ``number`` of the request that it is or answers, ``register`` when it names one."""

    what: str
    number: int
    register: str | None
    fields: Mapping[str, Any]


class Transcript(Protocol):
    """How frames of a protocol are told. Stateless; parsing raises :class:`RemoteProtocolError` and nothing else."""

    @property
    def name(self) -> str:
        """The word for the protocol."""
        ...

    @property
    def header_size(self) -> int:
        """Bytes of every frame's header."""
        ...

    @property
    def times(self) -> frozenset[str]:
        """Names of fields of answers that say when: another operator, or the same later, says otherwise."""
        ...

    @property
    def signs(self) -> frozenset[str]:
        """Names of fields of answers that follow from the operator's keys."""
        ...

    def parse_header(self, data: bytes) -> Header:
        """The header in exactly ``header_size`` bytes; :class:`RemoteProtocolError` when no frame can begin so."""
        ...

    def tell(self, header: Any, body: bytes, *, is_answer: bool) -> Told:
        """The frame in words; :class:`RemoteProtocolError` when its body is none."""
        ...

    def conceal(self, header: Any, body: bytes, *, is_answer: bool) -> bytes:
        """The whole frame with something else in the place of its secrets, and otherwise the same message."""
        ...

    def conceal_rest(self, data: bytes) -> bytes:
        """The same for bytes that are no frame, as well as it can be done; of the same length."""
        ...

    def holder(self, header: Any, body: bytes) -> str | None:
        """Whose token this request carries, ``None`` for one that carries none."""
        ...

    def with_token(self, header: Any, body: bytes, token: str) -> bytes:
        """The whole frame of a request with another token; :class:`InvalidValue` when that can be none."""
        ...

    def next_token(self, header: Any) -> str | None:
        """The token that an answer tells the register to come with next time; ``None``: there is no such thing."""
        ...
