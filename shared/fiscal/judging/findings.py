"""What the judge may find, and what its judgement is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fiscal.judging.events import Event

NO_DOCUMENT: Final = "there is no document"


class Rule(StrEnum):
    """What was broken. docs/reference/judge.md says how each is proved."""

    GAP = "gap"
    """A number between two others belongs to no document."""
    DUPLICATE = "duplicate"
    """A document, a number or a sale stands there twice."""
    OVERTAKE = "overtake"
    """A document went past an earlier one."""
    LATE_ANSWER = "late_answer"
    """An answer came after the limit, and the document was treated as online all the same."""
    UNUSED_ANSWER = "unused_answer"
    """The operator accepted a document, and the register made nothing of it."""
    REUSED_SIGN = "reused_sign"
    """An autonomous sign stands on two documents."""
    SECOND_SIGN = "second_sign"
    """A document got a second autonomous sign."""
    MISSING_DURATION = "missing_duration"
    """Autonomous documents were delivered, and nobody told the operator how long the register was alone."""
    NEW_CONTENT = "new_content"
    """An id that was used came with other content."""
    LOST = "lost"
    """The register was told that a document was accepted, and the ledger does not hold it."""
    OTHER_SIGN = "other_sign"
    """The register holds another sign for a document than the operator."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: ``number`` of the document it is about (0: of the register), ``proof`` the lines that
    show it, as few as do.
    """

    rule: Rule
    register: str
    number: int
    text: str
    proof: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One register: what was counted, and what is wrong. ``waiting`` are documents that were issued and neither accepted
    nor given up; ``noted`` is what the operator noticed beside, by its word.
    """

    register: str
    documents: int
    autonomous: int
    waiting: int
    findings: tuple[Finding, ...]
    noted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All registers, in the order in which they were first heard of.

    ``missing`` says of what should have been judged, one text each, why it was not: a journal or a register that holds
    nothing. Whoever reads journals knows; the judge itself does not.
    """

    accounts: tuple[Account, ...]
    missing: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, register by register."""
        return tuple(finding for account in self.accounts for finding in account.findings)

    @property
    def is_right(self) -> bool:
        """Whether nothing was found."""
        return not any(account.findings for account in self.accounts)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Why nothing being found proves nothing: what is missing, or that there is no document at all."""
        if self.missing or self.documents or not self.is_right:
            return self.missing
        return (NO_DOCUMENT,)

    @property
    def word(self) -> str:
        """``wrong``; ``nothing`` when nothing was found where there was nothing to look at; ``right``."""
        if not self.is_right:
            return "wrong"
        return "nothing" if self.lacks else "right"

    @property
    def documents(self) -> int:
        return sum(account.documents for account in self.accounts)

    def counts(self) -> dict[Rule, int]:
        """How often each rule was broken, in the order of the rules."""
        found = Counter(finding.rule for finding in self.findings)
        return {rule: found[rule] for rule in Rule if found[rule]}
