"""Admission: what waits ahead of the commit, and who is asked to come later.

The rule: the decision is :class:`ofd_server.core.admission.Pacer`'s; this file knows what a request is, and asks it. A
day without a storm pays one comparison for everything that came in a turn of the loop. Registers that speak a protocol
without a word for a time (Kazakhstan's 254 means "not before a minute is over") are put off only when they could not be
answered within the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fiscal.domain.messages import Answer, Hello, SubmitDocument, TryLater
from fiscal.time import Instant, Moment
from ofd_server.committing import BATCH_MAX, LATER
from ofd_server.config import AdmissionPolicy
from ofd_server.core.admission import Measure, Pacer, Peaks
from ofd_server.core.exchange import Exchange
from ofd_server.lane import Lane, Waiting

MS: Final = 1_000


class Admission:
    """The queue ahead of the commit, and the pace of those who want into it; without a pacer it only looks."""

    def __init__(self, pacer: Pacer | None, now: Callable[[], Instant]) -> None:
        self.pacer = pacer
        self.peaks = Peaks()
        self.ahead: Callable[[], int] = lambda: 0
        """Documents that were decided and are not durable yet; the service sets it."""
        self.put_off = 0
        """Requests that were asked to come later, in all."""
        self._now = now

    def committed(self, documents: int, begun: Moment, ended: Moment, ahead: int) -> None:
        """A commit has ended; so many documents, its own included, were ahead of it then."""
        self.peaks.note(self._now() // MS, ahead)
        if self.pacer is not None:
            self.pacer.committed(documents, begun, ended, ahead)

    def forget(self) -> None:
        """Know nothing any more: of no register, and of no second."""
        self.peaks, self.put_off = Peaks(), 0
        if self.pacer is not None:
            self.pacer = Pacer(self.pacer.measure)

    def sift(
        self, arrived: list[Waiting], ahead: int, lanes: Mapping[str, Lane], answer: Callable[[Waiting, Answer], None]
    ) -> list[Waiting]:
        """What is taken of everything that came in a turn; the others are told when to come."""
        pacer = self.pacer
        if pacer is None or (not pacer.is_storm and ahead + len(arrived) < pacer.low):
            return arrived
        taken = []
        for asked in arrived:
            delay_ms = self._judge(pacer, asked, ahead, lanes)
            if delay_ms is None:
                taken.append(asked)
                ahead += 1
            else:
                self.put_off += 1
                answer(asked, TryLater(delay_ms=delay_ms))
        return taken

    def keeps_out(self, asked: Waiting) -> TryLater | None:
        """What a register hears instead of a welcome, when too many are coming in; ``None`` for all that may go on."""
        pacer = self.pacer
        if pacer is None or not pacer.is_storm or not isinstance(asked.request, Hello):
            return None
        delay_ms = pacer.greet(asked.request.register, asked.moment, self.ahead())
        if delay_ms is None:
            return None
        self.put_off += 1
        return TryLater(delay_ms=delay_ms)

    def farewell(self, moment: Moment) -> TryLater:
        """What the operator says that is going to stop: each register hears another time to come back."""
        return LATER if self.pacer is None else TryLater(delay_ms=self.pacer.farewell(moment, LATER.delay_ms))

    def _judge(self, pacer: Pacer, asked: Waiting, ahead: int, lanes: Mapping[str, Lane]) -> int | None:
        request = asked.request
        if isinstance(request, SubmitDocument):
            register_id = asked.session.register_id
            assert register_id is not None, "who has not said hello was told so"
            return pacer.put_off(
                register_id,
                asked.moment,
                ahead,
                is_live=not request.delivery.autonomous,
                unsent=_unsent(lanes.get(register_id)),
            )
        if isinstance(request, Exchange):
            return None if ahead < pacer.live else LATER.delay_ms
        return pacer.greet(request.register, asked.moment, ahead) if isinstance(request, Hello) else None

    # ----------------------------------------------------------------------------------------------------- figures

    def gauges(self) -> dict[str, tuple[str, Callable[[], float]]]:
        """What ``/metrics`` says of it."""
        return {
            "mock_ofd_documents_ahead": ("Documents that wait for their commit.", lambda: float(self.ahead())),
            "mock_ofd_documents_ahead_peak": (
                "The most documents that waited for their commit in this second or the one before.",
                lambda: float(self.peaks.latest(self._now() // MS)),
            ),
            "mock_ofd_documents_durable_rate": (
                "Documents per second that become durable when there are enough; 0 until that is known.",
                lambda: 0.0 if self.rate is None else self.rate,
            ),
            "mock_ofd_registers_waiting": (
                "Registers that were told when to come, and have their turn still before them.",
                lambda: float(0 if self.pacer is None else self.pacer.waiting),
            ),
        }

    @property
    def rate(self) -> float | None:
        """Documents per second that become durable when there are enough; ``None`` until that is known."""
        pacer = self.pacer
        return pacer.rate.per_s if pacer is not None and pacer.rate.is_known else None


def _unsent(lane: Lane | None) -> int | None:
    """What a register has left of what it last said that it had; ``None`` when it said nothing."""
    if lane is None or lane.last_report is None or lane.ahead is None:
        return None
    told = lane.last_report
    return max(1, told.report.unsent - (lane.ahead.tape.last_number - told.number))


def admission_of(
    policy: AdmissionPolicy, target_s: float, answer_limit_s: float, now: Callable[[], Instant]
) -> Admission:
    """As it was set."""
    if policy is AdmissionPolicy.NONE:
        return Admission(None, now)
    return Admission(Pacer(Measure(batch=BATCH_MAX, answer_limit_s=answer_limit_s, target_s=target_s)), now)


__all__ = ["Admission", "admission_of"]
