"""What each planted defect fails: the exact set over all scenarios; whatever is not named, it passes.

The rule of judgement: a scenario may fail a client by what its own text says, and by what all of them have in common (it
begins with an online sale, a sale without the operator is handed out as autonomous, and in the end everything that was
issued is in the ledger, once and in order). So a defect that loses whatever was issued alone fails every scenario in
which something is; one that only waits too long fails those that look at the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Verdict


def fails(*rows: str, but: str = "") -> tuple[str, ...]:
    """The scenarios in these words, without those in ``but``, in the order in which they are written."""
    names = dict.fromkeys(" ".join(rows).split())
    for name in but.split():
        del names[name]
    return tuple(names)


DELIVERED_LATER: Final = """
    lost-answer lost-request same-key head-in-backoff new-sale-behind-backlog one-at-a-time long-queue refused-head
    passing-by-code just-too-late silent-operator nobody-listens both-signs duration-told z-alone alone-until-sent
    flapping-link unpaid jitter no-hammering come-back-later one-register-away clock-back three-days-alone
"""
"""Where something is issued without the operator, and has to reach it afterwards."""
CUT: Final = """
    head-in-backoff new-sale-behind-backlog one-at-a-time long-queue refused-head queue-survives signs-after-crash
    silent-operator nobody-listens autonomous-receipt both-signs duration-told z-alone alone-until-sent flapping-link
    jitter no-hammering one-register-away clock-back three-days-alone
"""
"""Where an open connection breaks and the next sale is to be autonomous."""

NATIVE: Final[Mapping[str, tuple[str, ...]]] = {
    "counts-everything": fails("online-sale autonomous-receipt"),
    "waits-longer": fails("just-too-late lost-answer dribbled silent-operator unpaid"),
    "gives-up-early": fails("just-in-time"),
    "any-answer": fails("foreign-answer"),
    "next-answer": fails("answer-twice foreign-answer"),
    "forgets-unanswered": fails("queue-survives autonomous-receipt", DELIVERED_LATER),
    # a document that was tried once and never arrived leaves a gap; jitter never delivers, same-key tries afresh
    "new-number": fails(
        "same-again reset-after-commit half-an-answer garbled-answer foreign-answer killed-before-commit",
        "killed-after-commit queue-survives dribbled broken-while-idle blocked wrong-token",
        DELIVERED_LATER,
        but="jitter same-key",
    ),
    "new-time": fails(
        "same-again lost-answer reset-after-commit half-an-answer garbled-answer foreign-answer killed-after-commit",
        "just-too-late dribbled",
    ),
    # a sale that nobody answered gives its number back, and the next one takes it: wherever there is a next one
    "number-rolled-back": fails(
        "same-again lost-answer lost-request foreign-answer same-key head-in-backoff new-sale-behind-backlog",
        "one-at-a-time long-queue refused-head queue-survives just-too-late dribbled z-alone alone-until-sent",
        "flapping-link unpaid one-register-away clock-back three-days-alone",
    ),
    "half-is-enough": fails("half-an-answer"),
    "reset-is-sent": fails("reset-after-commit half-an-answer same-again broken-while-idle", CUT),
    "dies-of-garbage": fails("garbled-answer"),
    "ignores-keys": fails("same-key"),
    "overtakes-in-backoff": fails("head-in-backoff"),
    "new-sales-first": fails("new-sale-behind-backlog"),
    "pipelines": fails("one-at-a-time head-in-backoff refused-head long-queue"),  # the operator takes no 120 at once
    "one-page": fails("long-queue"),
    "drops-refused": fails("refused-head final-by-code"),
    "reads-error-text": fails("final-by-code passing-by-code"),
    "stays-in-progress": fails("killed-before-commit killed-after-commit queue-survives"),
    "queue-in-memory": fails("queue-survives signs-after-crash"),
    "signs-from-one": fails("signs-after-crash"),
    "numbers-from-one": fails("goes-on-after-restart killed-before-commit killed-after-commit same-key"),
    "first-read": fails("in-pieces"),
    "limit-per-read": fails("dribbled"),
    "waits-for-greeting": fails("silent-operator"),
    "fails-when-refused": fails("nobody-listens"),
    "stale-connection": fails("broken-while-idle"),
    "no-own-sign": fails("autonomous-receipt both-signs signs-after-crash flapping-link clock-back"),
    "forgets-own-sign": fails("both-signs"),
    "without-mark": fails("both-signs z-alone just-too-late"),
    "no-duration": fails("duration-told"),
    "z-at-delivery": fails("z-alone"),
    "no-z-alone": fails("z-alone three-days-alone"),
    "online-when-connected": fails("alone-until-sent"),
    "gives-up-for-good": fails("same-again foreign-answer dribbled", DELIVERED_LATER),
    "sells-when-blocked": fails("blocked"),
    "drops-when-denied": fails("wrong-token"),
    "no-jitter": fails("jitter"),
    "hammers": fails("no-hammering wrong-token"),
    "ignores-hints": fails("come-back-later"),
    "one-breaker": fails("one-register-away"),
    "signs-of-the-clock": fails("clock-back"),
    "sells-on": fails("day-old-shift"),
    "never-too-long": fails("three-days-alone"),
}
"""Defects of shaky_client.py."""
KZ: Final[Mapping[str, tuple[str, ...]]] = {
    # what broke off within a sale is sent once more with the same bytes, below where the defect is
    "new-request-number": fails(
        "same-again lost-answer half-an-answer garbled-answer foreign-answer killed-after-commit just-too-late dribbled"
    ),
    # wherever something was sent twice and something else comes behind it
    "number-after-replay": fails(
        "lost-answer lost-request half-an-answer garbled-answer foreign-answer same-again same-key head-in-backoff",
        "new-sale-behind-backlog one-at-a-time long-queue refused-head just-too-late dribbled z-alone alone-until-sent",
        "flapping-link unpaid one-register-away clock-back three-days-alone",
    ),
    # counted twice, where the operator had counted it; after a crash nobody knows that it was sent
    "token-asked-anew": fails(
        "same-again lost-answer half-an-answer garbled-answer foreign-answer just-too-late dribbled"
    ),
    # the operator takes what comes next for its last document once more, and answers for that: wherever something is
    # sold online after a time alone; where the ledger had it all along, nobody waits, and the next one is sold alone
    "numbers-rolled-back": fails(
        "lost-request same-key just-too-late alone-until-sent flapping-link unpaid clock-back three-days-alone"
    ),
    "other-content": fails("lost-answer foreign-answer just-too-late dribbled"),
    "token-in-memory": fails("goes-on-after-restart killed-before-commit killed-after-commit queue-survives same-key"),
    "number-in-memory": fails("killed-after-commit"),
    "any-answer": fails("foreign-answer"),
    "any-header": fails("garbled-answer"),
    "first-read": fails("in-pieces"),
    "no-period": fails("duration-told"),
    "period-swapped": fails("duration-told"),
    "period-with-online": fails("duration-told"),
    "no-own-sign": fails("both-signs just-too-late"),
    "one-sign": fails("signs-after-crash"),
    "z-first": fails("z-alone three-days-alone"),
    "z-without-mark": fails("z-alone"),
    "no-service": fails("full-report"),
    "foreign-reg-info": fails("full-report"),
    "empty-report": fails("full-report"),
    "ignores-block": fails("blocked"),
    "final-is-passing": fails("final-by-code refused-head"),
    "passing-is-final": fails("passing-by-code head-in-backoff"),
    "no-interval": fails("no-hammering wrong-token"),
    "waits-longer": fails("just-too-late lost-answer dribbled silent-operator nobody-listens unpaid"),
    # wherever two or more wait
    "overtaking": fails(
        "one-at-a-time head-in-backoff new-sale-behind-backlog long-queue refused-head queue-survives z-alone",
        "alone-until-sent flapping-link one-register-away clock-back three-days-alone",
    ),
}
"""Defects of planted_client.py."""
TABLES: Final = {"native": NATIVE, "kz": KZ}


def expected(protocol: str, defect: str, scenario: str) -> Verdict:
    """How a scenario has to end for a client with this defect."""
    if protocol not in SCENARIOS[scenario].protocols:
        return Verdict.NOT_RUN
    return Verdict.FAILED if scenario in TABLES[protocol][defect] else Verdict.PASSED
