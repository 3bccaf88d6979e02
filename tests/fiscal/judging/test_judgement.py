"""The judge: what is planted into a right journal is found, that alone, and with the lines that show it."""

import random
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.judging.events import What
from fiscal.judging.findings import Rule
from fiscal.judging.judgement import Judge
from tests.mock_ofd.judge.lines import REGISTER, alone, bare, entry, found, journal, judged, later, line, recorded, sale

RIGHT_DAY = [*sale(1), *alone(2, 501, 1), *alone(3, 502, 1), line("period_reported", period=1), *later(2), *later(3)]
"""A sale, two alone, the report, and their delivery: lines 1-4, 5-6, 7-8, 9, 10-12, 13-15."""
RIGHT_LEDGER = [
    entry(What.REGISTERED, 0),
    recorded(1),
    entry(What.PERIOD_RECORDED, period=1),
    recorded(2, autonomous=True, autonomous_sign=501, period=1),
    recorded(3, autonomous=True, autonomous_sign=502, period=1),
]


def changed(rows, place, **new):
    """The same lines, the one in this place (from 1) with other values; ``None`` takes one away."""
    after = [dict(row) for row in rows]
    after[place - 1] = {name: value for name, value in (after[place - 1] | new).items() if value is not None}
    return after


def without(rows, *away):
    return [row for place, row in enumerate(rows, 1) if place not in away]


# ---------------------------------------------------------------------------------------------- the client's journal

BY_THE_CLIENT: dict[str, Any] = {
    "a number is left out": (
        [*sale(1), *sale(3), *sale(4)],
        [("gap", 2, ("till:1", "till:5"))],
    ),
    "a number behind a higher one that still waits": (
        [line("sent", 2), line("unanswered", 2), *later(1), *later(2)],
        [("overtake", 1, ("till:1", "till:3"))],
    ),
    "several numbers are left out": (
        [*sale(1), *sale(9)],
        [("gap", 2, ("till:1", "till:5"))],
    ),
    "a number behind a higher one": (
        [*sale(1), *sale(3), *sale(2), *sale(4)],
        [("overtake", 2, ("till:5", "till:9"))],
    ),
    "a number twice": (
        [
            *sale(1),
            *sale(2),
            line("issued", 2, id="another"),
            line("sent", 2, id="another"),
            line("answered", 2, id="another"),
            line("used", 2, id="another"),
        ],
        [("duplicate", 2, ("till:5", "till:9"))],
    ),
    "a document issued twice": (
        [*sale(1), *sale(2), line("issued", 2, digest="content 2"), *sale(3)],
        [("duplicate", 2, ("till:5", "till:9"))],
    ),
    "one order under two numbers": (
        [*sale(1, key="order 7"), *sale(2, key="order 8"), *sale(3, key="order 7")],
        [("duplicate", 3, ("till:1", "till:9"))],
    ),
    "the next one while the first waits": (
        [line("issued", 1), line("sent", 1), line("unanswered", 1), *sale(2), *later(1)],
        [("overtake", 1, ("till:3", "till:5"))],
    ),
    "the next one before the first was ever sent": (
        [line("issued", 1), *sale(2), *later(1)],
        [("overtake", 1, ("till:1", "till:3"))],
    ),
    "several wait and are told of at once": (
        [*alone(1, 501, 1), *alone(2, 502, 1), *sale(3), line("period_reported", period=1), *later(1), *later(2)],
        [("overtake", 1, ("till:1", "till:6"))],
    ),
    "answers out of order, where nobody wrote of attempts": (
        [line("issued", 1), line("issued", 2), line("answered", 2), line("answered", 1)],
        [("overtake", 1, ("till:1", "till:3"))],
    ),
    "left under way by a crash, and never taken up": (
        [line("issued", 1), line("sent", 1), *sale(2), *sale(3)],
        [("overtake", 1, ("till:2", "till:5"))],
    ),
    "left under way by a crash, and taken up too late": (
        [line("issued", 1), line("sent", 1), *sale(2), *later(1), *sale(3)],
        [("overtake", 1, ("till:2", "till:5"))],
    ),
    "an answer after the limit": (
        [line("issued", 1), line("sent", 1, at=10_000), line("answered", 1, at=15_001), line("used", 1), *sale(2)],
        [("late_answer", 1, ("till:2", "till:3"))],
    ),
    "an answer that was never used": (
        without([*sale(1), *sale(2), *sale(3)], 8),
        [("unused_answer", 2, ("till:7",))],
    ),
    "an autonomous sign twice": (
        changed(RIGHT_DAY, 8, autonomous_sign=501),
        [("reused_sign", 3, ("till:6", "till:8"))],
    ),
    "a second autonomous sign": (
        [*alone(1, 501, 1), line("autonomous", 1, autonomous_sign=777), line("period_reported", period=1), *later(1)],
        [("second_sign", 1, ("till:2", "till:3"))],
    ),
    "a period of which nobody told": (
        without(RIGHT_DAY, 9),
        [("missing_duration", 2, ("till:6",))],
    ),
    "another period was told": (
        changed(RIGHT_DAY, 9, period=2),
        [("missing_duration", 2, ("till:6",))],
    ),
    "autonomous documents without any period": (
        [*alone(1, 501, None), *later(1), *sale(2)],
        [("missing_duration", 1, ("till:2",))],
    ),
    "other content under the same id": (
        changed(RIGHT_DAY, 10, digest="other"),
        [("new_content", 2, ("till:5", "till:10"))],
    ),
    "issued anew under the same id": (
        [*sale(1), *sale(2), line("issued", 2, digest="other"), *sale(3)],
        [("new_content", 2, ("till:5", "till:9"))],
    ),
}


def test_a_right_day_is_right():
    verdict = judged([*journal(RIGHT_DAY), *RIGHT_LEDGER])
    assert found(verdict) == []
    assert verdict.is_right
    (account,) = verdict.accounts
    assert (account.register, account.documents, account.autonomous, account.waiting) == (REGISTER, 3, 2, 0)


@pytest.mark.parametrize("case", BY_THE_CLIENT)
def test_what_is_planted_in_a_clients_journal(case):
    rows, expected = BY_THE_CLIENT[case]
    assert found(judged(journal(rows))) == expected


RIGHT_ALL_THE_SAME = {
    "an answer exactly at the limit": [line("sent", 1, at=10_000), line("answered", 1, at=15_000)],
    "a late answer to a document that was made autonomous meanwhile": [
        *[line("issued", 1), line("sent", 1, at=10_000), line("autonomous", 1, at=15_000, autonomous_sign=1, period=1)],
        *[line("period_reported", period=1), line("answered", 1, at=15_001)],
    ],
    "sent again in its place": [
        *[line("issued", 1), line("sent", 1), line("unanswered", 1), *later(1)],
        *sale(2),
    ],
    "several under way, answered out of order": [
        *[line("issued", 1), line("issued", 2), line("sent", 1), line("sent", 2)],
        *[line("answered", 2), line("answered", 1)],
    ],
    "several under way, cut off, sent again in order": [
        *[line("issued", 1), line("issued", 2), line("sent", 1), line("sent", 2)],
        *[line("sent", 1), line("sent", 2), line("answered", 1), line("answered", 2)],
    ],
    "refused, given up, and its number given anew": [
        *[line("issued", 1), line("sent", 1), line("refused", 1, text="bad_totals"), line("voided", 1)],
        *sale(1, id="the void"),
        *sale(2),
    ],
    "the same without any ids": [
        bare(word, 1) for word in ("issued", "sent", "refused", "voided", "issued", "sent", "answered")
    ],
    "refused and sent again": [
        *[line("issued", 1), line("sent", 1), line("refused", 1), line("retried", 1), *later(1), *sale(2)],
    ],
    "a copy of an accepted document is refused": [*sale(1), line("sent", 1), line("refused", 1), *sale(2)],
    "it begins in the middle": [*sale(17), *sale(18)],
    "it ends in the middle": [*sale(1), line("issued", 2), line("sent", 2)],
    "the last answer is not used yet": without([*sale(1), *sale(2)], 8),
    "nobody writes of use": [line("issued", 1), line("sent", 1), line("answered", 1), line("answered", 2)],
    "numbers that were taken over from the operator": [*sale(1), bare("continued", 7), *sale(8)],
    "a document is made autonomous twice with the same sign": [
        *alone(1, 501, 1),
        *[line("autonomous", 1, autonomous_sign=501), line("period_reported", period=1)],
        *later(1),
    ],
    "a Z-report alone has a mark and no sign": [*alone(1, None, 1), line("period_reported", period=1), *later(1)],
    "documents without a period, and a report that covers the time": [
        *alone(1, 501, None),
        *[line("period_reported", period=4), *later(1)],
    ],
    "an answered document is sent again to an operator that lost it": [*sale(1), *sale(2), *later(1), *sale(3)],
}


@pytest.mark.parametrize("case", RIGHT_ALL_THE_SAME)
def test_what_looks_odd_and_is_right(case):
    assert found(judged(journal(RIGHT_ALL_THE_SAME[case]))) == []


def test_the_limit_can_be_another_one():
    rows = journal(line("sent", 1, at=10_000), line("answered", 1, at=15_001))
    assert found(judged(rows, answer_limit_ms=5_001)) == []
    assert [rule for rule, *_ in found(judged(rows, answer_limit_ms=5_000))] == ["late_answer"]


def test_an_accepted_document_does_not_wait_again():
    verdict = judged([*journal(sale(1), line("sent", 1), line("refused", 1), sale(2)), recorded(1), recorded(2)])
    assert (found(verdict), verdict.accounts[0].waiting) == ([], 0)


def test_what_waits_is_counted():
    verdict = judged(journal(sale(1), alone(2, 501, 1), line("issued", 3), line("issued", 4), line("voided", 4)))
    assert (verdict.accounts[0].waiting, verdict.documents) == (2, 4)


# ----------------------------------------------------------------------------------------------- the operator's ledger

BY_THE_OPERATOR: dict[str, Any] = {
    "a number is missing": ([recorded(1), recorded(3)], [("gap", 2, ("ledger:1", "ledger:3"))]),
    "it does not begin where the register was": (
        [entry(What.REGISTERED, 0, number=5), recorded(7)],
        [("gap", 6, ("ledger:0", "ledger:7"))],
    ),
    "a number came behind a higher one": (
        [recorded(1, line=1), recorded(3, line=2), recorded(2, line=3), recorded(4, line=4)],
        [("overtake", 2, ("ledger:2", "ledger:3"))],
    ),
    "of several that are missing one came later": (
        [recorded(1, line=1), recorded(5, line=2), recorded(3, line=3)],
        [
            ("gap", 2, ("ledger:1", "ledger:3")),
            ("gap", 4, ("ledger:3", "ledger:2")),
            ("overtake", 3, ("ledger:2", "ledger:3")),
        ],
    ),
    "a number before the first": (
        [recorded(5, line=1), recorded(4, line=2)],
        [("overtake", 4, ("ledger:1", "ledger:2"))],
    ),
    "a document stands there twice": (
        [recorded(1), recorded(2), recorded(2, line=3)],
        [("duplicate", 2, ("ledger:2", "ledger:3"))],
    ),
    "a number belongs to two documents": (
        [recorded(1), recorded(1, line=2, id="another")],
        [("duplicate", 1, ("ledger:1", "ledger:2"))],
    ),
    "the same sale under two numbers": (
        [recorded(1, same_sale=77), recorded(2, same_sale=78), recorded(3, same_sale=77)],
        [("duplicate", 3, ("ledger:1", "ledger:3"))],
    ),
    "an id with two contents": (
        [recorded(1), recorded(1, line=2, digest="other")],
        [("new_content", 1, ("ledger:1", "ledger:2"))],
    ),
    "other content came under an id": (
        [recorded(1), entry(What.CONFLICT, number=1, text="total: 100 != 200")],
        [("new_content", 1, ("ledger:1", "ledger:99"))],
    ),
    "other content came under a number that is not there": (
        [recorded(1), entry(What.CONFLICT, number=7)],
        [("new_content", 7, ("ledger:99",))],
    ),
    "a second autonomous sign came": (
        [*RIGHT_LEDGER, entry(What.SECOND_SIGN, number=2)],
        [("second_sign", 2, ("ledger:2", "ledger:99"))],
    ),
    "an autonomous sign twice": (
        [*RIGHT_LEDGER, recorded(4, autonomous=True, autonomous_sign=501, period=1)],
        [("reused_sign", 4, ("ledger:2", "ledger:4"))],
    ),
    "an autonomous sign twice, once by a later mark": (
        [*RIGHT_LEDGER, recorded(4), entry(What.MARKED, number=4, autonomous_sign=501, period=1)],
        [("reused_sign", 4, ("ledger:2", "ledger:99"))],
    ),
    "no report of the period": (
        without(RIGHT_LEDGER, 3),
        [("missing_duration", 2, ("ledger:2",))],
    ),
    "documents of no period, and no report that covers them": (
        [
            recorded(1, autonomous=True, issued_at=100_000, line=1),
            entry(What.PERIOD_RECORDED, period=1, begin=300_000, end=400_000),
            recorded(2, autonomous=True, issued_at=350_000, line=2),
            recorded(3, autonomous=True, issued_at=250_000, line=3),
        ],
        [("missing_duration", 1, ("ledger:1",))],
    ),
    "an answer left late": (
        [recorded(1), recorded(2), entry(What.LATE, number=1)],
        [("late_answer", 1, ("ledger:1", "ledger:99"))],
    ),
}


@pytest.mark.parametrize("case", BY_THE_OPERATOR)
def test_what_a_ledger_shows(case):
    heard, expected = BY_THE_OPERATOR[case]
    assert found(judged(heard)) == expected


@pytest.mark.parametrize(
    "then",
    [
        entry(What.MARKED, number=1, autonomous_sign=9, period=1),
        entry(What.RESENT, number=1),
    ],
    ids=["made autonomous", "sent again"],
)
def test_a_late_answer_that_was_not_used_is_none(then):
    assert found(judged([recorded(1), entry(What.PERIOD_RECORDED, period=1), then, entry(What.LATE, number=1)])) == []


def test_a_late_answer_to_what_was_autonomous_is_none():
    assert found(judged([*RIGHT_LEDGER, entry(What.LATE, number=2), entry(What.LATE, number=88)])) == []


def test_what_the_operator_noted_is_counted():
    noted = [entry(What.NOTED, text="clock_backwards"), entry(What.NOTED, text="clock_backwards")]
    verdict = judged([*RIGHT_LEDGER, *noted])
    assert verdict.is_right
    assert verdict.accounts[0].noted == {"clock_backwards": 2}


# ------------------------------------------------------------------------------------------------------- both sides

SHA = "ab" * 32

BOTH: dict[str, Any] = {
    "accepted and not in the ledger": (
        [*sale(1), *sale(2), *sale(3)],
        [recorded(1), recorded(2)],
        [("lost", 3, ("till:9", "till:11"))],
    ),
    "known by its answer alone": (
        [line("answered", 1), line("answered", 2)],
        [recorded(1)],
        [("lost", 2, ("till:2",))],
    ),
    "another sign": (
        changed([*sale(1), *sale(2)], 3, sign="999"),
        [recorded(1), recorded(2)],
        [("other_sign", 1, ("till:3", "ledger:1"))],
    ),
    "other content": (
        changed(sale(1), 1, digest="cd" * 32),
        [recorded(1, digest=SHA)],
        [("new_content", 1, ("till:1", "ledger:1"))],
    ),
    "a digest of another kind proves nothing": (changed(sale(1), 1, digest="crc:17"), [recorded(1, digest=SHA)], []),
    "the register went on without an answer": (
        [line("issued", 1), line("issued", 2), *later(1), line("refused", 2), *sale(3)],
        [recorded(1), recorded(2), recorded(3)],
        [("unused_answer", 2, ("ledger:2", "till:2"))],
    ),
    "the register knows nothing of it": (
        without([*sale(1), *sale(2), *sale(3)], 5, 6, 7, 8),
        [recorded(1), recorded(2), recorded(3)],
        [("gap", 2, ("till:1", "till:5")), ("unused_answer", 2, ("ledger:2",))],
    ),
    "the ledger is ahead of the journal": (sale(1), [recorded(1), recorded(2)], []),
    "the journal begins later": (sale(2), [recorded(1), recorded(2)], []),
    "numbers were taken over": (
        [bare("continued", 2), *sale(3)],
        [recorded(1), recorded(2), recorded(3)],
        [],
    ),
    "numbers were taken over, and one was forgotten behind them": (
        [bare("continued", 1), *sale(3)],
        [recorded(1), recorded(2), recorded(3)],
        [("gap", 2, ("till:1", "till:2")), ("unused_answer", 2, ("ledger:2",))],
    ),
    "no ids in the journal": (
        [bare("issued", 1), bare("answered", 1), bare("answered", 2)],
        [recorded(1)],
        [("lost", 2, ("till:3",))],
    ),
    "known by the sign where neither ids nor numbers travel": (
        [bare("issued", 70), bare("answered", 70, sign="111"), bare("used", 70), *sale(71, id="seventy-one")],
        [recorded(1, protocol="kz", sign="111"), recorded(2, protocol="kz", sign="")],
        [("lost", 71, ("till:4", "till:6"))],
    ),
    "what cannot be told apart is not judged": (
        [bare("issued", 1), bare("answered", 1)],
        [recorded(1, protocol="kz", sign="")],
        [],
    ),
    "a receipt that the register never got to know": (
        [bare("answered", 70, sign="111"), bare("answered", 71, sign="333")],
        [
            recorded(1, protocol="kz", sign="111"),
            recorded(2, protocol="kz", sign="222"),
            recorded(3, protocol="kz", sign=""),
            recorded(4, protocol="kz", sign="333"),
        ],
        [("unused_answer", 2, ("ledger:2",))],
    ),
    "an autonomous sign twice, told by both": (
        changed(RIGHT_DAY, 8, autonomous_sign=501),
        [*RIGHT_LEDGER[:4], recorded(3, autonomous=True, autonomous_sign=501, period=1)],
        [("reused_sign", 3, ("ledger:2", "ledger:3"))],
    ),
}


@pytest.mark.parametrize("case", BOTH)
def test_what_only_both_sides_show(case):
    rows, ledger, expected = BOTH[case]
    for heard in ([*journal(rows), *ledger], [*ledger, *journal(rows)]):
        assert found(judged(heard)) == expected


def test_registers_are_judged_apart():
    other = [event._replace(register="till-2") for event in journal(sale(1), sale(3))]
    verdict = judged([*journal(RIGHT_DAY), *other])
    assert [(account.register, len(account.findings)) for account in verdict.accounts] == [("till-1", 0), ("till-2", 1)]
    assert verdict.counts() == {Rule.GAP: 1}


def test_every_rule_is_planted_somewhere():
    planted = {
        rule for table in (BY_THE_CLIENT, BY_THE_OPERATOR, BOTH) for case in table.values() for rule, *_ in case[-1]
    }
    assert planted == set(Rule)


# ------------------------------------------------------------------------------------------------------------ chance


class Shop:
    """A register and its operator that make no mistake, whatever happens to them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rows: list[dict[str, Any]] = []
        self.ledger = [entry(What.REGISTERED, 0)]
        self.now = 0
        self.numbers = count(1)
        self.ids = count(1)
        self.signs = count(501)
        self.periods = count(1)
        self.queue: list[tuple[int, str, int | None, int]] = []
        self.period = 0

    def say(self, event, number=0, wait=10, **given):
        self.now += wait
        self.rows.append(line(event, number, at=self.now, **given))

    def record(self, number, id_, **given):
        self.ledger.append(recorded(number, line=len(self.ledger), id=id_, **given))

    def sell(self):
        if self.queue:
            return self.sell_alone()
        number, id_ = next(self.numbers), f"id-{next(self.ids)}"
        self.say("issued", number, id=id_, digest=f"content {number}")
        return self.chance.choice([self.online, self.cut, self.crash, self.late, self.refused, self.sell_alone])(
            number, id_
        )

    def online(self, number, id_):
        self.say("sent", number, id=id_)
        self.record(number, id_)
        self.say("answered", number, self.chance.randint(1, 5000), id=id_, sign=f"{number:012}")
        self.say("used", number, id=id_)

    def cut(self, number, id_):
        self.say("sent", number, id=id_)
        self.say("unanswered", number, 100, id=id_)
        self.online(number, id_)

    def crash(self, number, id_):
        self.say("sent", number, id=id_)
        self.online(number, id_)

    def refused(self, number, id_):
        self.say("sent", number, id=id_)
        self.say("refused", number, id=id_, text="bad_totals")
        self.say("voided", number, id=id_)
        id_ = f"id-{next(self.ids)}"
        self.say("issued", number, id=id_, digest=f"content {number}")
        self.online(number, id_)

    def late(self, number, id_):
        """The operator has it, the register does not know."""
        self.say("sent", number, id=id_)
        self.record(number, id_)
        self.say("unanswered", number, 5000, id=id_)
        self.leave(number, id_, is_held=True)

    def sell_alone(self, number=0, id_=""):
        if not number:
            number, id_ = next(self.numbers), f"id-{next(self.ids)}"
            self.say("issued", number, id=id_, digest=f"content {number}")
        self.leave(number, id_)

    def leave(self, number, id_, *, is_held=False):
        if not self.queue:
            self.period = next(self.periods)
        sign = None if self.chance.random() < 0.2 else next(self.signs)
        self.say("autonomous", number, id=id_, autonomous_sign=sign, period=self.period)
        self.queue.append((number, id_, sign, is_held))

    def come_back(self):
        if not self.queue:
            return
        self.say("period_reported", period=self.period)
        self.ledger.append(entry(What.PERIOD_RECORDED, len(self.ledger), period=self.period))
        for number, id_, sign, is_held in self.queue:
            self.say("sent", number, id=id_)
            facts = {"autonomous_sign": sign, "period": self.period}
            if is_held:
                self.ledger.append(entry(What.MARKED, len(self.ledger), number=number, **facts))
            else:
                self.record(number, id_, autonomous=True, **facts)
            self.say("answered", number, self.chance.randint(1, 9000), id=id_, sign=f"{number:012}")
            self.say("used", number, id=id_)
        self.queue.clear()


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=300)
def test_a_right_journal_has_no_findings(seed, steps):
    shop = Shop(random.Random(seed))
    for _ in range(steps):
        shop.sell() if shop.chance.random() < 0.7 else shop.come_back()
    client = journal(shop.rows)
    assert found(judged(client)) == []
    assert found(judged(shop.ledger)) == []
    assert found(judged([*client, *shop.ledger])) == []
    cut = shop.chance.randrange(len(client) + 1)
    assert found(judged([*client[:cut], *shop.ledger])) == [], (
        "whoever reads while they trade sees nothing wrong either"
    )


def test_documents_that_are_known_by_their_ids_alone():
    """A client whose operator gives the numbers: nothing can be said of gaps, and a double is still seen."""
    sales = [
        [line("issued", id=f"id-{n}", key=f"order-{n}"), line("answered", id=f"id-{n}", sign=str(n))] for n in (1, 2)
    ]
    assert judged(journal(*sales)).is_right
    again = [line("issued", id="id-3", key="order-1"), line("answered", id="id-3", sign="3")]
    assert [finding.rule for finding in judged(journal(*sales, again)).findings] == [Rule.DUPLICATE]


def test_an_attempt_that_ends_twice_ends_once():
    rows = [line("issued", 1), line("sent", 1), line("unanswered", 1), line("unanswered", 1), *later(1)]
    assert judged(journal(*rows)).is_right


def test_what_is_held_until_the_verdict_is_counted():
    judge = Judge()
    kept = []
    for event in [*journal(sale(1), sale(3), line("issued", 3)), recorded(1), recorded(1)]:
        judge.take(event)
        kept.append(judge.kept)
    document, finding = 1, 1
    assert kept[0] == 1 + document, "the register, too"
    assert kept[7] == kept[0] + document == kept[4]
    assert kept[8] == kept[7] + finding
    assert kept[9:] == [kept[8] + document, kept[8] + document + finding]


def test_who_was_compared_with_no_ledger():
    judge = Judge()
    other = [event._replace(register="till-2") for event in journal(sale(1))]
    waits = [event._replace(register="till-3") for event in journal(line("issued", 1))]
    for event in [*journal(sale(1)), *other, *waits, recorded(1), recorded(1)._replace(register="till-4")]:
        judge.take(event)
    assert judge.in_no_ledger() == ["till-2"]


def test_documents_that_are_told_of_backwards_overtake_nobody():
    """Who is told of first stands before it all the same, and still waits when its own turn comes."""
    told = [line("issued", 3), line("issued", 2), line("issued", 1)]
    rows = [*told, line("sent", 1), line("answered", 1), line("sent", 2), line("answered", 2), line("sent", 3)]
    assert {finding.rule for finding in judged(journal(*rows)).findings} <= {Rule.OVERTAKE}
    assert [f.number for f in judged(journal(*rows)).findings if "sent" in f.proof[-1].what] == []
    late = [*told, line("sent", 1), line("issued", 4), line("sent", 4)]
    (passed,) = [f for f in judged(journal(*late)).findings if "was sent while" in f.text]
    assert passed.text == "document 4 was sent while document 3, and 1 more behind it waited"


def test_a_document_that_waits_again_and_again_waits_once():
    again = [line("sent", 1), line("unanswered", 1)] * 3
    rows = [line("issued", 1), line("issued", 2), *again, line("unanswered", 1), line("sent", 2)]
    (finding,) = judged(journal(*rows)).findings
    assert finding.text == "document 2 was sent while document 1 waited"


@pytest.mark.parametrize(
    ("reports", "at", "is_covered"),
    [
        ([], None, False),
        ([], 70_000, False),
        ([(100_000, 200_000)], None, True),
        ([(None, None)], 5, True),
        ([(100_000, 200_000), (None, None)], 5, True),
        ([(100_000, 200_000)], 39_999, False),
        ([(100_000, 200_000)], 40_000, True),
        ([(100_000, 200_000)], 200_001, False),
        ([(100_000, None)], 100_001, False),
        ([(500_000, 500_001), (100_000, 900_000)], 800_000, True),
        ([(500_000, 500_001), (100_000, 200_000)], 300_000, False),
    ],
)
def test_a_document_that_names_no_period_is_covered_by_a_report_of_its_time(reports, at, is_covered):
    told = [entry(What.PERIOD_RECORDED, period=n, begin=begin, end=end) for n, (begin, end) in enumerate(reports)]
    verdict = judged([*told, recorded(1, autonomous=True, autonomous_sign=5, issued_at=at)])
    assert [finding.rule for finding in verdict.findings] == ([] if is_covered else [Rule.MISSING_DURATION])
