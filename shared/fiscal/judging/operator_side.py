"""What a ledger proves about the register that it was written for.

The rule: the ledger is read in the order of its commits. What the operator refused is not in it, so most of what a
register does wrong shows as what the operator noticed; that the ledger itself has no gap, no double and no overtaking is
proved anew and not believed.
"""

from __future__ import annotations

from fiscal.judging.alone import Alone
from fiscal.judging.events import Event, What, name_of
from fiscal.judging.findings import Finding, Rule
from fiscal.judging.order import Order


class OperatorSide:
    """One register as the operator's ledger has it."""

    __slots__ = (
        "_alone",
        "_by_number",
        "_found",
        "_late",
        "_marks",
        "_order",
        "_resent",
        "_sales",
        "documents",
        "noted",
    )

    def __init__(self) -> None:
        self.documents: dict[str, Event] = {}
        """Every document by its id, in the order of the ledger."""
        self.noted: dict[str, int] = {}
        self._by_number: dict[int, Event] = {}
        self._sales: dict[int | str, Event] = {}
        self._marks: dict[int, Event] = {}
        self._resent: set[int] = set()
        self._late: dict[int, Event] = {}
        self._order = Order()
        self._alone = Alone()
        self._found: list[Finding] = []

    def take(self, event: Event) -> None:
        """The next entry."""
        match event.what:
            case What.RECORDED:
                self._record(event)
            case What.MARKED:
                recorded = self._by_number.get(event.number)
                self._marks[event.number] = event
                self._mark(event, recorded if recorded is not None and recorded.autonomous else None)
            case What.PERIOD_RECORDED:
                self._alone.report(event)
            case What.REGISTERED:
                self._order.goes_on_behind(event.number, event)
            case What.RESENT:
                self._resent.add(event.number)
            case What.LATE:
                self._late[event.number] = event
            case What.CONFLICT:
                self._came_again(Rule.NEW_CONTENT, event, "came again under its id, with other content")
            case What.SECOND_SIGN:
                self._came_again(Rule.SECOND_SIGN, event, "came again with another autonomous sign")
            case _:
                self.noted[event.text] = self.noted.get(event.text, 0) + 1

    def _record(self, event: Event) -> None:
        before = self.documents.get(event.id) or self._by_number.get(event.number)
        if before is not None:
            self._found.append(_twice(before, event))
            return
        self.documents[event.id] = self._by_number[event.number] = event
        overtaken = self._order.take(event)
        if overtaken is not None:
            self._found.append(overtaken)
        if event.same_sale is not None:
            sale = self._sales.setdefault(event.same_sale, event)
            if sale is not event:
                self._found.append(same_sale(sale, event))
        if event.autonomous:
            self._mark(event, None)

    def _mark(self, event: Event, before: Event | None) -> None:
        wrong = self._alone.mark(event, before)
        if wrong is not None:
            self._found.append(wrong)
        self._alone.delivered(event)

    def _came_again(self, rule: Rule, event: Event, how: str) -> None:
        recorded = self._by_number.get(event.number)
        proof = (event,) if recorded is None else (recorded, event)
        self._found.append(Finding(rule, event.register, event.number, f"{name_of(event)} {how}", proof))

    @property
    def kept(self) -> int:
        """How many documents and findings are held."""
        return len(self.documents) + len(self._found)

    @property
    def autonomous(self) -> int:
        """How many documents are autonomous."""
        return self._alone.count

    def findings(self) -> list[Finding]:
        """What is wrong, once everything was taken."""
        return [*self._found, *self._order.gaps(), *self._late_ones(), *self._alone.missing()]

    def _late_ones(self) -> list[Finding]:
        """Answers that left after the limit, to documents that nobody made autonomous afterwards or sent again."""
        found = []
        for number, event in self._late.items():
            recorded = self._by_number.get(number)
            if recorded is None or recorded.autonomous or number in self._marks or number in self._resent:
                continue
            text = f"the answer to {name_of(event)} left after the limit, and it was never made autonomous"
            found.append(Finding(Rule.LATE_ANSWER, event.register, number, text, (recorded, event)))
        return found


def _twice(before: Event, event: Event) -> Finding:
    if before.id != event.id:
        text = f"number {event.number} belongs to two documents"
        return Finding(Rule.DUPLICATE, event.register, event.number, text, (before, event))
    if before.digest != event.digest:
        text = f"{name_of(event)} stands there twice, with two contents"
        return Finding(Rule.NEW_CONTENT, event.register, event.number, text, (before, event))
    text = f"{name_of(event)} stands there twice"
    return Finding(Rule.DUPLICATE, event.register, event.number, text, (before, event))


def same_sale(before: Event, event: Event) -> Finding:
    """Two documents that are one sale."""
    text = f"{name_of(before)} and {name_of(event)} are the same sale"
    return Finding(Rule.DUPLICATE, event.register, event.number, text, (before, event))
