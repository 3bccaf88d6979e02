"""Why the register did not do what its caller asked for.

The rule: when one of these comes out of a call, no receipt was issued, with two exceptions that say so themselves by
the ``number`` they carry: the document was issued, is kept, and waits (:class:`DocumentRefused`,
:class:`RegisterBlocked` with a number). Nothing ever has to be undone by the caller.
"""

from __future__ import annotations

from fiscal.domain.lifecycle import BlockReason
from fiscal.domain.money import format_minor
from fiscal.errors import FiscalError, StorageError, Undeliverable
from fiscal.time import Instant, iso


class ShiftExpired(FiscalError):
    """The shift is older than 24 hours; only its Z-report may follow."""

    def __init__(self, opened_at: Instant, now: Instant) -> None:
        super().__init__(f"the shift was opened at {iso(opened_at)}, it is {iso(now)}: take the Z-report")
        self.opened_at = opened_at


class ShiftNotOpen(FiscalError):
    """There is no shift to close: nothing was issued since the last Z-report."""


class NotEnoughCash(FiscalError):
    """More cash would leave the drawer than lies in it; both in minor units."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{format_minor(needed)} are needed, {format_minor(available)} lie in the drawer")
        self.needed = needed
        self.available = available


class RegisterBlocked(Undeliverable):
    """The register sells nothing (semantics 2.7, 3.4; S3: 72 hours).

    ``number`` is ``None`` when the call issued nothing. Otherwise the operator answered "blocked" to this very
    document: it is kept, it is sent when the block ends, and ``unfinished()`` lists it.
    """

    def __init__(self, reason: BlockReason, text: str, number: int | None = None) -> None:
        super().__init__(f"{reason}: {text}" if text else str(reason))
        self.reason = reason
        self.text = text
        self.number = number


class DocumentRefused(Undeliverable):
    """The operator refused the document for good; the register is blocked until a person decides (``resolve``)."""

    def __init__(self, number: int, code: str, field: str, text: str) -> None:
        super().__init__(
            f"document {number}: {code}: {field}: {text}" if field else f"document {number}: {code}: {text}"
        )
        self.number = number
        self.code = code
        self.field = field
        self.text = text


class KeyReused(FiscalError):
    """The key belongs to another basket; the document that was issued under it has ``number``."""

    def __init__(self, key: str, number: int) -> None:
        super().__init__(f"the key {key!r} belongs to document {number}, which has another basket")
        self.key = key
        self.number = number


class MemoryStopped(StorageError):
    """The fiscal memory failed, so nothing more is written to it: close the register, mend the disk, open it again."""


class NothingToResolve(FiscalError):
    """No decision of this kind is waited for."""


class RegisterClosed(FiscalError):
    """The register was closed; open it again."""
