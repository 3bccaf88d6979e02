"""The limits by which the operator judges, as they are unless somebody sets them."""

from fiscal.time import HOUR, MINUTE
from ofd_server.core.rules import Rules


def test_five_minutes_ahead_and_three_days_and_a_shift_ago():
    """Semantics 6.1."""
    rules = Rules()
    assert rules.ahead_max_ms == 5 * MINUTE
    assert rules.past_max_ms == 72 * HOUR + 24 * HOUR


def test_unknown_registers_are_welcome_unless_somebody_is_strict():
    assert Rules().strict is False
    assert Rules(strict=True).strict is True
