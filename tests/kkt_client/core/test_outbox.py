"""The order of delivery, and what answers mean."""

from typing import Any, cast

import pytest
from msgspec import structs

from fiscal.domain.lifecycle import AutonomousReason, BlockReason, RegisterMode
from fiscal.domain.messages import Accepted, Information, Noted, RefusalCode, Refused, Welcome
from fiscal.domain.signs import digest_of
from kkt_client.core import outbox, records, resolving
from kkt_client.core.basket import CashIn
from kkt_client.core.outbox import (
    REFUSALS,
    Ask,
    Comparison,
    Course,
    Idle,
    LinkView,
    Resend,
    SayHello,
    SendDocument,
    SendPeriod,
    SendStatus,
    Stuck,
    Wait,
    compare,
    next_action,
)
from kkt_client.core.records import Decision
from kkt_client.core.saying import Cause, Said
from tests.documents import T0
from tests.kkt_client.core.till import CASHIER, Till

GREETED, APART = LinkView(is_greeted=True), LinkView(is_greeted=False)
B = BlockReason


def quiet():
    return Till()


def waiting():
    till = Till()
    till.issue()
    return till


def alone():
    till = Till()
    till.issue_alone()
    till.issue_alone()
    return till


def back():
    till = alone()
    till.write([records.PeriodEnded(period=1, at=till.now)])
    return till


def refused():
    till = waiting()
    till.refuse()
    return till


def blocked(reason, make=quiet):
    def till():
        made = make()
        made.write([records.BlockBegan(reason=reason, at=T0, text="why")])
        return made

    return till


@pytest.mark.requirement("S3-24")
@pytest.mark.parametrize(
    ("make", "link", "action"),
    [
        (quiet, APART, Idle),
        (quiet, GREETED, Idle),
        (quiet, LinkView(is_greeted=True, status_due=True), SendStatus),
        (waiting, APART, SayHello),
        (waiting, GREETED, SendDocument),
        (waiting, LinkView(is_greeted=True, status_due=True), SendStatus),
        (waiting, LinkView(is_greeted=True, resend_from=1, status_due=True), Resend),
        (waiting, LinkView(is_greeted=False, suspended=True), Idle),
        (waiting, LinkView(is_greeted=False, not_before=10.1), Wait),
        (waiting, LinkView(is_greeted=False, not_before=10.0), SayHello),
        (quiet, LinkView(is_greeted=False, not_before=10.1), Idle),
        (alone, APART, SayHello),
        (back, GREETED, SendPeriod),
        (back, LinkView(is_greeted=True, status_due=True), SendPeriod),
        (refused, APART, Stuck),
        (refused, GREETED, Stuck),
        (refused, LinkView(is_greeted=True, status_due=True), SendStatus),
        (refused, LinkView(is_greeted=False, not_before=99.0), Stuck),
        (blocked(B.MEMORY_BEHIND, waiting), GREETED, Stuck),
        (blocked(B.MEMORY_BEHIND, waiting), APART, Stuck),
        (blocked(B.OPERATOR_BEHIND), GREETED, Stuck),
        (blocked(B.BY_OPERATOR), APART, SayHello),
        (blocked(B.BY_OPERATOR, waiting), GREETED, Ask),
        (blocked(B.REJECTED_CREDENTIALS), APART, SayHello),
        (blocked(B.TOO_LONG_AUTONOMOUS, waiting), GREETED, SendDocument),
    ],
)
def test_what_comes_next(make, link, action):
    assert type(next_action(make().state, link, 10.0)) is action


@pytest.mark.requirement("S3-23")
def test_every_period_is_reported_in_its_order_before_any_document():
    till = alone()
    till.write([records.PeriodEnded(period=1, at=till.now)])
    till.write([records.PeriodBegan(period=2, at=till.now, reason=AutonomousReason.LATE_ANSWER)])
    till.write([records.PeriodEnded(period=2, at=till.now + 5)])
    said = []
    while isinstance(action := next_action(till.state, GREETED, 0.0), SendPeriod):
        said.append((action.report.number, action.report.end - action.report.begin, action.report.reason))
        till.write(outbox.period_told(action.report, Noted(at=1), till.now))

    assert said == [(1, 2_000 - 1_000, AutonomousReason.NO_CONNECTION), (2, 5, AutonomousReason.LATE_ANSWER)]
    assert isinstance(action, SendDocument)
    assert action.dossier is till.state.head


@pytest.mark.requirement("S3-26")
def test_a_document_is_sent_as_the_same_bytes_with_its_facts_beside_it():
    till = waiting()
    before: Any = cast("SendDocument", next_action(till.state, GREETED, 0.0)).message
    till.lose(AutonomousReason.LATE_ANSWER)
    till.write([records.PeriodEnded(period=1, at=till.now), records.PeriodReported(period=1, at=till.now)])
    after: Any = cast("SendDocument", next_action(till.state, GREETED, 0.0)).message

    assert after.content == before.content
    assert after.delivery.autonomous_sign == till.state.autonomous_sign
    assert not before.delivery.autonomous


def test_a_status_report_says_how_much_waits_since_when_and_why():
    till = refused()
    till.write([records.BlockBegan(reason=B.BY_OPERATOR, at=T0, text="debt")])

    report = outbox.status_report(till.state)

    assert (report.unsent, report.mode, report.oldest_unsent_at) == (1, RegisterMode.BLOCKED, till.now)
    assert report.stuck is not None
    assert report.stuck.startswith("refused_document: ")
    assert outbox.status_report(quiet().state).stuck is None


def test_a_status_report_names_the_head_and_why_it_is_still_there():
    till = refused()
    report = outbox.status_report(till.state, Cause(Said.NO_ANSWER, "there is no answer" * 100))
    assert (report.head, report.since) == (till.state.last_number, till.state.mode_since)
    assert report.last_error is not None
    assert len(report.last_error) == 1_024
    assert (report.last_error_code, report.stuck_code) == ("no_answer", "refused:bad_totals")
    assert outbox.status_report(till.state).last_error is None
    idle = outbox.status_report(quiet().state, Cause(Said.NO_ANSWER, "an old error"))
    assert (idle.head, idle.last_error, idle.last_error_code) == (None, None, None), (
        "nothing waits, so nothing has failed"
    )


EVERY = outbox.STATUS_EVERY_S


@pytest.mark.parametrize(
    ("state", "told", "waited_s", "is_due"),
    [
        ("quiet", None, 0.0, True),
        ("quiet", {"unsent": 0}, 100 * EVERY, False),
        ("quiet", {"unsent": 0, "mode": RegisterMode.AUTONOMOUS}, 0.0, True),
        ("quiet", {"unsent": 0, "stuck": "by_operator: debt"}, 0.0, True),
        ("waiting", {"unsent": 1}, 100 * EVERY, False),
        ("waiting", {"unsent": 0}, 100 * EVERY, False),
        ("sending", {"unsent": 9}, EVERY - 0.1, False),
        ("sending", {"unsent": 9}, EVERY, True),
        ("sending", {}, 100 * EVERY, False),
    ],
)
def test_when_a_status_is_due(state, told, waited_s, is_due):
    till = {"quiet": quiet, "waiting": waiting, "sending": back}[state]()
    heard = None if told is None else structs.replace(outbox.status_report(till.state), **told)
    assert outbox.is_status_due(heard, till.state, waited_s) == is_due


def welcome(number, digest=None, sign=0):
    return Welcome(at=T0, operator="o", last_number=number, last_digest=digest, last_autonomous_sign=sign)


def sold():
    till = Till()
    till.sell()
    till.sell()
    till.issue()
    return till


OURS, THEIRS = bytes(32), b"\x01" * 32


@pytest.mark.parametrize(
    ("said", "ours", "block"),
    [
        (welcome(2, OURS), OURS, None),
        (welcome(2), OURS, None),
        (welcome(2, OURS), None, None),
        (welcome(3, OURS), OURS, None),
        (welcome(4, OURS), None, B.MEMORY_BEHIND),
        (welcome(2, THEIRS), OURS, B.MEMORY_BEHIND),
        (welcome(3, THEIRS), OURS, B.MEMORY_BEHIND),
        (welcome(2, OURS, sign=1), OURS, B.MEMORY_BEHIND),
        (welcome(1, OURS), OURS, B.OPERATOR_BEHIND),
        (welcome(0), None, B.OPERATOR_BEHIND),
    ],
)
def test_a_welcome_is_compared_with_the_memory(said, ours, block):
    assert compare(sold().state, said, ours).block is block


def test_what_was_adopted_is_not_compared_again():
    till = sold()
    till.state.adopted_number = 2

    assert compare(till.state, welcome(2, THEIRS), OURS).block is None
    assert compare(till.state, welcome(3, THEIRS), OURS).block is B.MEMORY_BEHIND


def test_what_the_operator_lost_may_be_sent_again_as_far_as_a_person_allowed():
    till = sold()
    till.write([records.BlockBegan(reason=B.OPERATOR_BEHIND, at=T0, text="")])
    till.write(resolving.resend(till.state, "a", "b", T0))

    assert compare(till.state, welcome(0), None) == Comparison(resend_from=1)
    till.accept()
    assert compare(till.state, welcome(0), None).block is B.OPERATOR_BEHIND


def test_a_welcome_ends_the_period_and_the_doubt_about_who_we_are():
    till = alone()
    till.write([records.BlockBegan(reason=B.REJECTED_CREDENTIALS, at=T0, text="")])

    made = outbox.welcomed(till.state, Comparison(), T0 - 1)

    assert made == [
        records.BlockEnded(reason=B.REJECTED_CREDENTIALS, at=T0 - 1),
        records.PeriodEnded(period=1, at=till.state.open_period.begin),  # never before it began
    ]


def test_a_welcome_that_shows_another_memory_blocks_and_ends_no_period():
    till = alone()
    found = Comparison(B.MEMORY_BEHIND, "why")

    made = outbox.welcomed(till.state, found, T0)
    till.write(made)

    assert made == [records.BlockBegan(reason=B.MEMORY_BEHIND, at=T0, text="why")]
    assert outbox.welcomed(till.state, found, T0) == []
    assert till.state.open_period is not None


def accepted(number=1, sign="12"):
    return Accepted(number=number, at=T0 + 7, sign=sign, qr="q", key="k")


@pytest.mark.requirement("S3-25")
def test_an_acceptance_is_kept_word_for_word():
    till = waiting()

    made = outbox.accepted(till.state, till.state.head, accepted(), T0)

    assert made == [records.Accepted(number=1, at=T0, operator_at=T0 + 7, sign="12", qr="q", key_id="k")]


def test_an_acceptance_proves_that_nobody_blocks():
    till = blocked(B.BY_OPERATOR, waiting)()

    assert outbox.accepted(till.state, till.state.head, accepted(), T0)[1:] == [
        records.BlockEnded(reason=B.BY_OPERATOR, at=T0)
    ]


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (accepted(), None),
        (accepted(number=2), "document 2 was accepted, 1 was sent"),
        (accepted(sign=None), "document 1 was accepted without a fiscal sign"),
    ],
)
def test_an_acceptance_has_to_fit(answer, wrong):
    assert outbox.fits(waiting().state.head, answer) == wrong


def test_what_gets_no_sign_is_accepted_without_one():
    till = Till()
    till.issue(CashIn(sum=5))

    assert outbox.fits(till.state.queue[0], accepted(sign=None)) is None


def test_the_first_sign_is_kept():
    till = Till()
    dossier = till.sell()

    assert outbox.accepted_again(dossier, accepted(sign=dossier.sign), T0) == []
    anomaly: Any
    (anomaly,) = outbox.accepted_again(dossier, accepted(sign="13"), T0)
    assert (anomaly.code, anomaly.number) == (records.AnomalyCode.SECOND_SIGN, 1)


def test_every_refusal_has_its_course():
    assert set(REFUSALS) == set(RefusalCode)


@pytest.mark.parametrize("code", [code for code in RefusalCode if REFUSALS[code] in (Course.PERSON, Course.GAP)])
def test_a_refusal_for_good_is_kept_word_for_word(code):
    till = waiting()

    made = outbox.refused(till.state, till.state.head, Refused(code=code, field="f", text="t"), T0)

    assert made == [records.Refused(number=1, at=T0, code=code, field="f", text="t")]


def test_a_refusal_without_words_says_its_code():
    till = waiting()

    made: Any
    (made,) = outbox.refused(till.state, till.state.queue[0], Refused(code=RefusalCode.TOO_OLD), T0)

    assert made.text == "too_old"


@pytest.mark.parametrize(("expected", "kind"), [(2, "BlockBegan"), (3, "Refused"), (4, "Refused"), (None, "Refused")])
def test_a_gap_below_us_means_that_the_operator_is_behind(expected, kind):
    till = sold()

    (made,) = outbox.refused(till.state, till.state.head, Refused(code=RefusalCode.NUMBER_GAP, expected=expected), T0)

    assert type(made).__name__ == kind


def test_what_conflicts_with_an_adoption_is_given_up_by_itself():
    till = Till()
    till.issue_alone()
    till.write([records.BlockBegan(reason=B.MEMORY_BEHIND, at=T0, text="")])
    held = Information(at=T0, last_number=4, last_shift=1, shift_opened_at=T0, last_autonomous_sign=0)
    till.write(resolving.adopt(till.state, held, "a", "b", T0))
    till.welcome()

    till.write(outbox.refused(till.state, till.state.queue[0], Refused(code=RefusalCode.CONFLICT), T0))

    given_up: Any = till.written[-1]
    assert not till.state.queue
    assert till.state.mode is RegisterMode.ONLINE
    assert (given_up.decision, given_up.number) == (Decision.ADOPT, 1)


def test_a_block_begins_once():
    till = quiet()
    made: Any = outbox.blocked(till.state, B.BY_OPERATOR, "x" * 2_000, T0)
    till.write(made)

    assert len(made[0].text) == 1_024
    assert outbox.blocked(till.state, B.BY_OPERATOR, "again", T0) == []


def test_a_block_that_does_not_last_does_not_end():
    assert outbox.unblocked(quiet().state, T0) == []
    assert len(outbox.unblocked(blocked(B.BY_OPERATOR)().state, T0)) == 1


def test_an_answer_about_what_is_not_the_head_any_more_changes_nothing():
    till = Till()
    gone = till.sell()
    till.issue()

    assert outbox.accepted(till.state, gone, accepted(), T0) == []
    assert outbox.refused(till.state, gone, Refused(code=RefusalCode.TOO_OLD), T0) == []


def test_a_period_that_is_refused_is_an_anomaly_and_the_documents_go_on():
    till = back()
    report = outbox.period_report(till.state)

    made = outbox.period_told(report, Refused(code=RefusalCode.BAD_REQUEST, field="end", text="t"), T0)
    till.write(made)

    assert [type(record).__name__ for record in made] == ["Anomaly", "PeriodReported"]
    assert isinstance(next_action(till.state, GREETED, 0.0), SendDocument)


def test_other_credentials_are_tried_without_a_block():
    till = blocked(B.REJECTED_CREDENTIALS)()

    assert outbox.credentials_changed(quiet().state, T0) == []
    till.write(outbox.credentials_changed(till.state, T0))
    assert till.state.mode is RegisterMode.ONLINE


def test_digests_are_those_of_the_bytes():
    till = waiting()

    assert till.state.last_digest == digest_of(till.state.head.content)


def test_a_void_is_sent_in_the_place_of_what_it_voids():
    till = refused()
    till.write(resolving.give_up(till.state, "a", "b", till.now, CASHIER)[0])

    action = cast("SendDocument", next_action(till.state, GREETED, 0.0))

    assert action.dossier.number == 1
    assert action.dossier.kind == "void"
