"""The answer that is written by hand is the one that protobuf writes."""

import pytest

from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.header import Header
from ofd_server.core.kz_answers import answer, ticket_answer


@pytest.mark.parametrize("version", [202, 203])
@pytest.mark.parametrize("size", [0, 1, 100, 108, 109, 110, 127, 128, 16_359, 16_384, 3_000_000])
def test_the_usual_answer_to_a_ticket_is_that_of_protobuf(version: int, size: int) -> None:
    qr = "ж" * (size % 2) + "x" * (size - size % 2 * 2)
    fields = {"ticket": {"ticket_number": "123456789012", "qr_code": qr.encode()}}
    usual = answer(Header(version, 7, 1, 1, 0), Command.TICKET, 5, fields, "accepted")
    by_hand = ticket_answer(5, "123456789012", qr)
    assert by_hand.body == usual.body
    assert (by_hand.code, by_hand.token, by_hand.outcome) == (usual.code, usual.token, usual.outcome)
