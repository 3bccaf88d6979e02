"""What the judge hears: one event after the other, each from its place in a file.

The rule: an event says what somebody did, nothing of what it means. Both sides speak of the same documents in their own
words (:data:`OPERATORS` are those of the operator), and every event can be shown as the line of a proof.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from fiscal.time import Instant, iso


class What(StrEnum):
    """What happened. The words down to ``continued`` are those of a client's journal."""

    ISSUED = "issued"
    """The register gave a document its number; from here on its content is frozen."""
    SENT = "sent"
    """An attempt to deliver it began: the last byte of the request was handed over."""
    UNANSWERED = "unanswered"
    """The attempt ended without an answer: too late, or the connection was lost."""
    ANSWERED = "answered"
    """The operator accepted it."""
    REFUSED = "refused"
    """The operator refused it for good."""
    USED = "used"
    """The answer was made use of: kept, printed, handed to the customer."""
    AUTONOMOUS = "autonomous"
    """It was handed out without the operator, receipts under a sign of the register's own."""
    VOIDED = "voided"
    """A person gave it up; another document may take its number."""
    RETRIED = "retried"
    """A person has it sent again after a refusal."""
    PERIOD_REPORTED = "period_reported"
    """The operator took note of how long the register worked without it."""
    CONTINUED = "continued"
    """The register goes on behind a number that it took over from the operator."""

    REGISTERED = "registered"
    RECORDED = "recorded"
    """The operator committed a document."""
    MARKED = "marked"
    """A document that was committed as online turned out to be autonomous."""
    PERIOD_RECORDED = "period_recorded"
    RESENT = "resent"
    """A document came once more, the same."""
    LATE = "late"
    """The operator itself measured that its answer left after the limit."""
    CONFLICT = "conflict"
    """A document came once more under its id, with other content; nothing changed."""
    SECOND_SIGN = "second_sign"
    """A document that has an autonomous sign came with another one; nothing changed."""
    NOTED = "noted"
    """The operator noticed something else; ``text`` is its word for it."""


OPERATORS: Final = frozenset(
    (
        What.REGISTERED,
        What.RECORDED,
        What.MARKED,
        What.PERIOD_RECORDED,
        What.RESENT,
        What.LATE,
        What.CONFLICT,
        What.SECOND_SIGN,
        What.NOTED,
    )
)
"""What an operator's ledger says; everything else is the client's."""


class Event(NamedTuple):
    """One line of a journal. ``id`` and ``digest`` may be any text that means the same document, the same content.

    ``source`` and ``line`` say where it stands, ``at`` when it happened by the clock of its side. ``same_sale`` is equal
    for two documents that are one sale: the caller's key, or everything in the content but id and number.
    """

    what: What
    register: str
    source: str
    line: int
    at: Instant | None = None
    number: int = 0
    id: str = ""
    digest: str = ""
    sign: str = ""
    autonomous: bool = False
    autonomous_sign: int | None = None
    period: int | None = None
    same_sale: int | str | None = None
    issued_at: Instant | None = None
    answered_at: Instant | None = None
    begin: Instant | None = None
    end: Instant | None = None
    protocol: str = ""
    text: str = ""

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.source}:{self.line}"

    def told(self) -> str:
        """The event as the line of a proof: when, what, and of whom; without its place."""
        words = [] if self.at is None else [iso(self.at)]
        words.append(self.what.value)
        if self.what in (What.PERIOD_REPORTED, What.PERIOD_RECORDED):
            words.append(f"period {self.period}")
        elif self.number or self.id:
            words.append(f"document {self.number or self.id}")
            if self.number and self.id:
                words.append(f"id {self.id}")
        for name, value in (
            ("content", self.digest[:12]),
            ("sign", self.sign),
            ("autonomous sign", self.autonomous_sign),
            ("of period", self.period if self.number or self.id else None),
            ("answered at", None if self.answered_at is None else iso(self.answered_at)),
        ):
            if value not in (None, ""):
                words.append(f"{name} {value}")
        return " ".join(words) + (f": {self.text}" if self.text else "")


def name_of(event: Event) -> str:
    """What a sentence calls the document of an event."""
    return f"document {event.number or event.id}"
