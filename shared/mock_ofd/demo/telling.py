"""Tells what the reconciliation has found: the table, what each figure means, and what there was to be seen.

The rule: every sentence is made of figures that were read back from the stores; what was planned and did not happen is
not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fiscal.domain.money import format_minor
from mock_ofd.demo.board import duration
from mock_ofd.demo.books import Figure
from mock_ofd.demo.conductor import Outcome
from mock_ofd.demo.reconcile import Account, Reconciliation

WIDTH: Final = 112
"""Columns of the table where there is no terminal that says how many it has."""
FINDINGS_MAX: Final = 20
"""Findings that are spelled out; more of them tell nothing new."""

_FACTS: Final = (
    ("documents", "documents", "receipts, returns, cash moves, Z-reports: each known by its id"),
    ("autonomous", "autonomous", "issued without the operator, sent to it later"),
    ("z_reports", "Z-reports", "their figures are counted anew from the ledger's documents"),
    ("z_autonomous", "Z-reports alone", "of them taken while the operator was out of reach"),
    ("periods", "offline periods", "reported to the operator before what was issued in them"),
    ("late", "late answers", "the ledger had the document, the register did not wait for it"),
    ("replayed", "sent again", "the ledger had it, and gave its first answer once more"),
    ("waiting", "waiting", "still in the queue of the register"),
)
_WRONG: Final = (
    (Figure.LOST, "lost", "on one side only, or a number missing on both"),
    (Figure.DOUBLED, "doubled", "twice, or with the number, key or sign of another one"),
    (Figure.OUT_OF_ORDER, "out of order", "not in its place in the memory or in the ledger"),
    (Figure.DIFFERENT, "different", "content, sign, mark, period, Z-report or counters"),
)


def tell(outcome: Outcome, stream: TextIO) -> None:
    """Print everything."""
    console = Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False)
    reconciliation = outcome.reconciliation
    console.print(_table(reconciliation))
    for text in seen(outcome):
        console.print(Text(f"* {text}"))
    problems = list(_problems(outcome))
    for text in problems[:FINDINGS_MAX]:
        console.print(Text(f"! {text}", "bold red"))
    if len(problems) > FINDINGS_MAX:
        console.print(Text(f"! and {len(problems) - FINDINGS_MAX} more", "bold red"))
    console.print(Text(_last_line(outcome), "bold green" if outcome.verdict == "clean" else "bold red"))


def _table(reconciliation: Reconciliation) -> Table:
    """One row for each figure, one column for each register, and what the figure means."""
    table = Table(title="The registers' fiscal memories against the operator's ledger", title_justify="left")
    table.add_column("")
    for account in reconciliation.accounts:
        table.add_column(account.register_id.rpartition("-")[2], justify="right")
    table.add_column("all", justify="right", style="bold")
    table.add_column("what it counts")
    figures = reconciliation.figures
    for name, heading, meaning in _FACTS:
        cells = [str(getattr(account.facts, name)) for account in reconciliation.accounts]
        table.add_row(heading, *cells, str(figures.get(name, 0)), meaning)
    table.add_section()
    for figure, heading, meaning in _WRONG:
        counts = [_wrong(account.count(figure)) for account in reconciliation.accounts]
        table.add_row(heading, *counts, _wrong(reconciliation.count(figure)), meaning)
    return table


def _wrong(count: int) -> Text:
    return Text(str(count), "bold red" if count else "green")


def seen(outcome: Outcome) -> Iterator[str]:
    """What there was to be seen, in sentences: only what the stores prove."""
    accounts = outcome.reconciliation.accounts
    alone = [account.facts for account in accounts if account.facts.autonomous_receipts]
    if alone:
        count = sum(facts.autonomous_receipts for facts in alone)
        offline = duration(max(facts.offline_ms for facts in alone))
        yield (
            f"{count} receipts of {len(alone)} registers were handed out without the operator, who was out of reach for "
            f"up to {offline} hours of the shop's day; now each has the operator's sign beside its own"
        )
    yield from _each(
        "took a Z-report without the operator; its figures are the operator's, too", accounts, "z_autonomous"
    )
    yield from _each(
        "did not wait longer than 5 s for an answer: the receipt was with the operator already", accounts, "late"
    )
    yield from _each(
        "asked again within the same sale, or after its crash, and got the sign that had been given first",
        accounts,
        "replayed_online",
    )
    for number, times in sorted(outcome.killed.items()):
        often = "" if times == 1 else f" {times} times"
        text = f"register {number} was killed{often} in the middle of a sale"
        again = (
            f"; its next process asked again for {outcome.asked_again} papers under their keys, and got the same ones"
        )
        yield text + (again if outcome.asked_again else "")
    figures = outcome.reconciliation.figures
    if figures.get("receipts"):
        yield f"{figures['receipts']} receipts over {format_minor(figures['total'])} tenge were compared to the last tiyn"


def _each(what: str, accounts: tuple[Account, ...], name: str) -> Iterator[str]:
    found = [(account.register_id, getattr(account.facts, name)) for account in accounts]
    named = [register_id if count == 1 else f"{register_id} ({count})" for register_id, count in found if count]
    if named:
        yield f"{', '.join(named)} {what}"


def _problems(outcome: Outcome) -> Iterator[str]:
    for number, error in sorted(outcome.errors.items()):
        yield f"register {number}: {error}"
    for account in outcome.reconciliation.accounts:
        if account.damage is not None:
            yield f"{account.register_id}: the fiscal memory is damaged: {account.damage}"
        for finding in account.findings:
            yield f"{account.register_id}: {finding.figure.value}: {finding.text}"


def _last_line(outcome: Outcome) -> str:
    wrong = ", ".join(f"{heading} {outcome.reconciliation.count(figure)}" for figure, heading, _ in _WRONG)
    figures = outcome.reconciliation.figures
    counts = f"{figures.get('documents', 0)} documents of {len(outcome.reconciliation.accounts)} registers"
    waiting = f", waiting {figures['waiting']}" if figures.get("waiting") else ""
    return f"{outcome.verdict}: {counts}, {wrong}{waiting}, in {outcome.seconds:.1f} s"
