"""What a peer may do wrong, and how it is told."""

import pytest

from fiscal.domain.messages import RefusalCode
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ANSWERED, FATAL, ErrorCode, refusal_of


def test_every_error_is_answered_or_fatal():
    assert set(ErrorCode) == ANSWERED | FATAL
    assert not ANSWERED & FATAL


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (ErrorCode.BAD_REQUEST, RefusalCode.BAD_REQUEST),
        (ErrorCode.UNKNOWN_COMMAND, RefusalCode.UNKNOWN_COMMAND),
        (ErrorCode.TOO_LARGE, RefusalCode.TOO_LARGE),
        (ErrorCode.HELLO_FIRST, RefusalCode.HELLO_FIRST),
        (ErrorCode.SECOND_HELLO, RefusalCode.BAD_REQUEST),
        (ErrorCode.UNSUPPORTED_VERSION, RefusalCode.BAD_REQUEST),
    ],
)
def test_an_error_becomes_a_refusal(code, refusal):
    refused = refusal_of(RemoteProtocolError(code, "field", "text"))
    assert (refused.code, refused.field, refused.text) == (refusal, "field", "text")


def test_a_refusal_keeps_the_limits_of_an_answer():
    refused = refusal_of(RemoteProtocolError(ErrorCode.BAD_REQUEST, "f" * 5_000, "t" * 5_000))
    assert (len(refused.field), len(refused.text)) == (1024, 1024)
