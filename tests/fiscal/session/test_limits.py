"""The reasons given for the limits are true."""

from fiscal.domain.messages import TRY_LATER_MAX_MS
from fiscal.protocols.native.limits import FRAME_SIZE_MAX
from fiscal.session.limits import DEFAULT_LIMITS


def test_a_silenced_register_is_not_hung_up_on():
    assert DEFAULT_LIMITS.idle_limit_s * 1000 > TRY_LATER_MAX_MS


def test_no_honest_register_is_hung_up_on_while_it_waits():
    assert DEFAULT_LIMITS.greeting_limit_s >= 2 * DEFAULT_LIMITS.answer_limit_s
    assert DEFAULT_LIMITS.finish_limit_s > DEFAULT_LIMITS.answer_limit_s


def test_the_largest_frame_may_be_pipelined():
    assert DEFAULT_LIMITS.unanswered_size_max == 4 * FRAME_SIZE_MAX
