"""What a register's own journal proves about it.

The rule: a document is known by its id, or by its number where the journal names no ids. It *waits* from its issue, or
from an attempt that ended without an answer, to its next attempt; sending a later document meanwhile is overtaking.
Several attempts may be under way at once, in the order of their documents, and their answers may come in any order; but
who is passed by the answer to a later one, and then has to be sent again or never gets an answer, was overtaken too. A
journal that leaves a word out (``sent``, ``used``) is not judged by what that word would show.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from heapq import heappop, heappush

from fiscal.judging.alone import Alone
from fiscal.judging.events import Event, What, name_of
from fiscal.judging.findings import Finding, Rule
from fiscal.judging.operator_side import same_sale
from fiscal.judging.order import Order


class Stage(Enum):
    """Where a document stands, as far as the journal has told."""

    WAITING = auto()
    UNDER_WAY = auto()
    ANSWERED = auto()
    REFUSED = auto()
    VOIDED = auto()


class Paper:
    """One document with what the journal said of it last."""

    __slots__ = ("alone", "answered", "issued", "place", "sent", "stage", "used", "waits_since")

    def __init__(self, issued: Event, place: int) -> None:
        self.issued = issued
        self.place = place
        self.stage = Stage.WAITING
        self.waits_since = issued
        self.sent: Event | None = None
        self.answered: Event | None = None
        self.alone: Event | None = None
        self.used = False


class ClientSide:
    """One register as its own journal has it."""

    __slots__ = (
        "_alone",
        "_answer_limit_ms",
        "_by_number",
        "_found",
        "_last",
        "_open",
        "_order",
        "_passed",
        "_sales",
        "_says_used",
        "_waiting",
        "continued",
        "papers",
    )

    def __init__(self, answer_limit_ms: int) -> None:
        self.papers: dict[str, Paper] = {}
        """Every document by its id, or by its number, in the order of the journal."""
        self.continued = 0
        """Up to this number the register took over what the operator holds."""
        self._answer_limit_ms = answer_limit_ms
        self._by_number: dict[int, Paper] = {}
        self._open: dict[int, Paper] = {}
        self._waiting: list[int] = []  # a heap of places; what became of them since shows in _open
        self._passed: dict[int, tuple[Paper, Event]] = {}
        self._sales: dict[int | str, Event] = {}
        self._order = Order()
        self._alone = Alone()
        self._says_used = False
        self._last: Event | None = None
        self._found: list[Finding] = []

    # -------------------------------------------------------------------------------------------------- hearing

    def take(self, event: Event) -> None:
        """The next line."""
        self._last = event
        if event.what is What.PERIOD_REPORTED:
            self._alone.report(event)
        elif event.what is What.CONTINUED:
            self.continued = event.number
            self._order.goes_on_behind(event.number, event)
        elif event.what is What.ISSUED:
            self._issue(event)
        else:
            self._follow(self._paper_of(event), event)

    def _paper_of(self, event: Event) -> Paper:
        known = self.papers.get(event.id) if event.id else self._by_number.get(event.number)
        if known is None and event.id and event.number:
            known = self._by_number.get(event.number)  # issued by its number alone
            known = None if known is None or known.issued.id not in ("", event.id) else known
        return known or self._issue(event)

    def _issue(self, event: Event) -> Paper:
        before = self.papers.get(event.id) if event.id else self._by_number.get(event.number)
        if before is not None and not (before.stage is Stage.VOIDED and not event.id):
            self._is_same(before, event)
            return before
        same_number = self._by_number.get(event.number) if event.number else None
        paper = Paper(event, len(self.papers))
        self.papers[event.id or f"#{event.number}/{len(self.papers)}"] = self._open[paper.place] = paper
        heappush(self._waiting, paper.place)
        if event.number:
            self._by_number[event.number] = paper
        if same_number is not None:
            if same_number.stage is not Stage.VOIDED:
                text = f"number {event.number} was given to two documents"
                self._find(Rule.DUPLICATE, event, text, same_number.issued)
        elif event.number:
            overtaken = self._order.take(event)
            if overtaken is not None:
                self._found.append(overtaken)
        if event.same_sale is not None:
            sale = self._sales.setdefault(event.same_sale, event)
            if sale is not event and (same_number is None or same_number.stage is not Stage.VOIDED):
                self._found.append(same_sale(sale, event))
        return paper

    def _is_same(self, paper: Paper, event: Event) -> None:
        """A document that is told of again has the content that it was issued with."""
        if event.digest and paper.issued.digest and event.digest != paper.issued.digest:
            self._find(Rule.NEW_CONTENT, event, f"{name_of(event)} has other content than before", paper.issued)
        elif event.what is What.ISSUED:
            self._find(Rule.DUPLICATE, event, f"{name_of(event)} was issued twice", paper.issued)

    def _follow(self, paper: Paper, event: Event) -> None:
        if event is not paper.issued:
            self._is_same(paper, event)
        match event.what:
            case What.SENT:
                self._send(paper, event)
            case What.UNANSWERED:
                if paper.stage is Stage.UNDER_WAY:
                    self._wait(paper, event)
            case What.ANSWERED:
                self._judge_overtaking(paper, event)
                self._answer(paper, event)
            case What.REFUSED if paper.stage is Stage.ANSWERED:
                pass  # a copy was refused: the document stands
            case What.REFUSED | What.VOIDED:
                paper.stage = Stage.REFUSED if event.what is What.REFUSED else Stage.VOIDED
                self._open.pop(paper.place, None)
                self._passed.pop(paper.place, None)
            case What.RETRIED:
                self._reopen(paper)
                self._wait(paper, event)
            case What.AUTONOMOUS:
                wrong = self._alone.mark(event, paper.alone)
                if wrong is not None:
                    self._found.append(wrong)
                paper.alone = paper.alone or event
            case _:
                assert event.what is What.USED, event.what
                paper.used = self._says_used = True

    def _send(self, paper: Paper, event: Event) -> None:
        if paper.stage is Stage.ANSWERED:
            return  # an operator that has lost it is told again
        passed = self._passed.pop(paper.place, None)
        if passed is not None:
            self._found.append(_passed_by(*passed))
        self._judge_overtaking(paper, event)
        self._reopen(paper)
        paper.stage, paper.sent = Stage.UNDER_WAY, event

    def _wait(self, paper: Paper, event: Event) -> None:
        paper.stage, paper.waits_since = Stage.WAITING, event
        heappush(self._waiting, paper.place)

    def _reopen(self, paper: Paper) -> None:
        """What was closed is sent again, in its place."""
        if paper.stage in (Stage.REFUSED, Stage.VOIDED) and paper.place not in self._open:
            self._open[paper.place] = paper
            self._open = dict(sorted(self._open.items()))

    # -------------------------------------------------------------------------------------------------- judging

    def _find(self, rule: Rule, event: Event, text: str, *before: Event) -> None:
        self._found.append(Finding(rule, event.register, event.number, text, (*before, event)))

    def _judge_overtaking(self, paper: Paper, event: Event) -> None:
        """Whether something that was issued earlier waits; each document is told of once."""
        waiting = self._waiting_before(paper)
        if event.what is What.ANSWERED:
            for other in self._under_way_before(paper):
                self._passed[other.place] = (other, event)
                del self._open[other.place]
        for other in waiting:
            del self._open[other.place]
        if waiting:
            first = waiting[0]
            more = f", and {len(waiting) - 1} more behind it" if len(waiting) > 1 else ""
            verb = "was sent" if event.what is What.SENT else "was answered"
            text = f"{name_of(event)} {verb} while {name_of(first.issued)}{more} waited"
            proof = (first.waits_since, event)
            self._found.append(Finding(Rule.OVERTAKE, event.register, first.issued.number, text, proof))

    def _waiting_before(self, paper: Paper) -> list[Paper]:
        """Documents that wait and were issued earlier, in their order. Those behind it are not looked at: a queue is long."""
        before: list[Paper] = []
        behind: list[int] = []
        while self._waiting and self._waiting[0] <= paper.place:
            place = heappop(self._waiting)
            other = self._open.get(place)
            if other is None or other is paper or other.stage is not Stage.WAITING or other in before[-1:]:
                continue
            if other.issued.number > paper.issued.number > 0:
                behind.append(place)  # told of first, and behind it all the same
            else:
                before.append(other)
        for place in behind:
            heappush(self._waiting, place)
        return before

    def _under_way_before(self, paper: Paper) -> list[Paper]:
        """The same of documents that were sent and have no answer."""
        before = []
        for place, other in self._open.items():
            if place >= paper.place:
                break
            if other.stage is Stage.UNDER_WAY and not other.issued.number > paper.issued.number > 0:
                before.append(other)
        return before

    def _answer(self, paper: Paper, event: Event) -> None:
        self._open.pop(paper.place, None)
        self._passed.pop(paper.place, None)
        if paper.stage is Stage.ANSWERED:
            return
        paper.stage, paper.answered = Stage.ANSWERED, event
        sent = paper.sent
        if paper.alone is not None:
            self._alone.delivered(paper.alone)
        elif sent is not None and sent.at is not None and event.at is not None:
            took = event.at - sent.at
            if took > self._answer_limit_ms:
                text = f"the answer to {name_of(event)} was taken after {took} ms, and it was not made autonomous"
                self._find(Rule.LATE_ANSWER, event, text, sent)

    # ---------------------------------------------------------------------------------------------------- the end

    @property
    def kept(self) -> int:
        """How many documents and findings are held."""
        return len(self.papers) + len(self._found)

    @property
    def has_answers(self) -> bool:
        """Whether the operator accepted anything, as far as this side knows."""
        return any(paper.stage is Stage.ANSWERED for paper in self.papers.values())

    @property
    def autonomous(self) -> int:
        """How many documents are autonomous."""
        return self._alone.count

    @property
    def waiting(self) -> int:
        """How many documents are neither accepted nor given up."""
        ended = (Stage.ANSWERED, Stage.VOIDED)
        return sum(paper.stage not in ended for paper in self.papers.values())

    def findings(self) -> list[Finding]:
        """What is wrong, once everything was taken."""
        passed = [_passed_by(*each) for each in self._passed.values()]
        return [*self._found, *passed, *self._order.gaps(), *self._unused(), *self._alone.missing()]

    def _unused(self) -> Iterator[Finding]:
        """Answers of which nothing became; the very last line may have been cut off before its use."""
        if not self._says_used:
            return
        for paper in self.papers.values():
            answered = paper.answered
            if answered is not None and not paper.used and answered is not self._last:
                text = f"the answer to {name_of(answered)} was never used"
                yield Finding(Rule.UNUSED_ANSWER, answered.register, answered.number, text, (answered,))


def _passed_by(paper: Paper, event: Event) -> Finding:
    """A document that was under way when a later one was answered, and that came to nothing itself."""
    issued = paper.issued
    text = f"{name_of(event)} was answered, and {name_of(issued)}, sent before it, was not"
    return Finding(Rule.OVERTAKE, issued.register, issued.number, text, (paper.sent or issued, event))
