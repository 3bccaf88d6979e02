"""What the cashier reads."""

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    DocumentMoved,
    EventsMissed,
    PersonNeeded,
    WasBlocked,
    WasUnblocked,
    WentAutonomous,
    cashier_text,
)
from kkt_client.core.records import AnomalyCode
from kkt_client.core.saying import Said


@pytest.mark.requirement("S3-15")
@pytest.mark.parametrize("reason", AutonomousReason)
def test_the_cashier_is_told_that_there_is_no_access_and_that_the_mode_has_changed(reason):
    text = WentAutonomous(0, reason).text

    assert "Нет доступа к серверу ОФД" in text
    assert "автономный режим" in text


@pytest.mark.requirement("S3-03")
@pytest.mark.parametrize(
    ("operator", "phone", "words"),
    [("Транстелеком", "1702", "ОФД Транстелеком, телефон 1702."), ("Beeline", "2106", "ОФД Beeline, телефон 2106.")],
)
def test_an_unpaid_operator_is_named_with_its_telephone(operator, phone, words):
    event = WentAutonomous(0, AutonomousReason.UNPAID, operator, phone)

    assert words in event.text
    assert phone not in cashier_text(AutonomousReason.NO_CONNECTION, operator, phone)


def test_an_unpaid_operator_that_nobody_knows_is_not_named():
    assert cashier_text(AutonomousReason.UNPAID, "", None).endswith("Оплата услуг: ОФД.")


@pytest.mark.parametrize("reason", BlockReason)
def test_every_block_has_its_words(reason):
    assert WasBlocked(0, reason, "подробность").text.endswith(" подробность")
    assert not WasBlocked(0, reason, "").text.endswith(" ")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (CameBack(5, 1), "Автономный режим окончен"),
        (WasUnblocked(0), "снята"),
        (PersonNeeded(0, Said.REFUSED_CONFLICT, "документ 5"), "документ 5"),
        (AnomalyNoted(0, AnomalyCode.SECOND_SIGN, "два признака"), "second_sign): два признака"),
        (EventsMissed(0, 7), "7"),
        (DocumentMoved(0, 5, DocumentKind.RECEIPT, DocumentState.DELIVERED_AUTONOMOUS), "Документ 5: ✔✔☁"),
    ],
)
def test_every_event_has_its_words(event, words):
    assert words in event.text
