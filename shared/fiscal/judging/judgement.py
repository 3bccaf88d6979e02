"""The judge: takes events of any number of registers, and gives a verdict.

The rule: entry by entry. Of every document a few words are kept, because an id, a sign or a sale may come back at any
time; of everything else only what is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fiscal.judging.client_side import ClientSide
from fiscal.judging.comparison import compare
from fiscal.judging.events import OPERATORS, Event
from fiscal.judging.findings import Account, Finding, Rule, Verdict
from fiscal.judging.operator_side import OperatorSide
from fiscal.time import SECOND

ANSWER_LIMIT_MS: Final = 5 * SECOND
"""What comes later is too late; exactly so long is in time (semantics 3.2)."""


class _Register:
    """Both sides of one register, as far as there are journals of them."""

    __slots__ = ("client", "operator")

    def __init__(self) -> None:
        self.client: ClientSide | None = None
        self.operator: OperatorSide | None = None


class Judge:
    """:meth:`take` every event, each side's in its order, then ask for the :meth:`verdict`."""

    def __init__(self, answer_limit_ms: int = ANSWER_LIMIT_MS) -> None:
        self._answer_limit_ms = answer_limit_ms
        self._registers: dict[str, _Register] = {}
        self.kept = 0
        """Registers, documents and findings that are held until the verdict."""

    def take(self, event: Event) -> None:
        """The next line of a journal."""
        register = self._registers.get(event.register)
        if register is None:
            register = self._registers[event.register] = _Register()
            self.kept += 1
        if event.what in OPERATORS:
            operator = register.operator
            if operator is None:
                operator = register.operator = OperatorSide()
            before = operator.kept
            operator.take(event)
            self.kept += operator.kept - before
            return
        client = register.client
        if client is None:
            client = register.client = ClientSide(self._answer_limit_ms)
        before = client.kept
        client.take(event)
        self.kept += client.kept - before

    def verdict(self) -> Verdict:
        """What came of it; more may be taken afterwards."""
        return Verdict(tuple(self.accounts()))

    def in_no_ledger(self) -> list[str]:
        """Registers that were told of accepted documents, and of which no ledger knows: they were compared with nothing."""
        return [
            name
            for name, register in self._registers.items()
            if register.operator is None and register.client is not None and register.client.has_answers
        ]

    def accounts(self) -> Iterator[Account]:
        """The same register by register, for whoever has something else to do in between."""
        for name, register in list(self._registers.items()):
            yield _account(name, register)


def _account(name: str, register: _Register) -> Account:
    client, operator = register.client, register.operator
    found: list[Finding] = []
    documents = autonomous = waiting = 0
    noted: dict[str, int] = {}
    if operator is not None:
        found += operator.findings()
        documents, autonomous, noted = len(operator.documents), operator.autonomous, operator.noted
    if client is not None:
        found += client.findings()
        documents = max(documents, len(client.papers))
        autonomous = max(autonomous, client.autonomous)
        waiting = client.waiting
    if operator is not None and client is not None:
        found += compare(client, operator)
    return Account(name, documents, autonomous, waiting, tuple(_in_order(found)), dict(noted))


def _in_order(found: list[Finding]) -> list[Finding]:
    """By rule, then by number; the same told by both sides stands there once."""
    rules = list(Rule)
    kept: dict[tuple[Rule, int, str], Finding] = {}
    for finding in found:
        kept.setdefault((finding.rule, finding.number, finding.text), finding)
    return sorted(kept.values(), key=lambda finding: (rules.index(finding.rule), finding.number))
