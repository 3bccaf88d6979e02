"""The numbers of the messages."""

from fiscal.domain.messages import Answer, Request
from fiscal.protocols.native.header import ANSWER_KINDS
from fiscal.protocols.native.messages import KIND_OF, TYPE_OF, Kind


def test_every_kind_has_its_message_and_every_message_its_kind():
    assert set(TYPE_OF) == set(Kind)
    assert {TYPE_OF[number]: number for number in TYPE_OF} == KIND_OF


def test_requests_and_answers_are_told_apart_by_a_bit():
    assert {class_ for kind, class_ in TYPE_OF.items() if kind & ANSWER_KINDS} == set(Answer.__args__)
    assert {class_ for kind, class_ in TYPE_OF.items() if not kind & ANSWER_KINDS} == set(Request.__args__)
