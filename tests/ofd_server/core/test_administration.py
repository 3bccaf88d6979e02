"""What a person may decide about a register: every order on every state."""

import pytest

from fiscal.domain.register import RegisterProfile, Taxpayer
from ofd_server.core.administration import add, is_known, lift, reset_token, set_standing
from ofd_server.core.decide import Decision, is_token
from ofd_server.core.entries import Entry, ProfileChanged, Registered, Standing, StandingChanged, TokenReset
from ofd_server.core.replay import replay
from ofd_server.core.state import RegisterState
from tests.documents import T0

OTHER = RegisterProfile(taxpayer=Taxpayer(name="x", tax_id="1"), place="y", rnm="2", serial="3")
REGISTERED = Registered(at=T0, token_digest=b"x" * 32)


def state(standing=None, reason=""):
    entries: list[Entry] = [REGISTERED]
    if standing is not None:
        entries.append(StandingChanged(at=T0, standing=standing, reason=reason))
    return replay("kkm-1", None, entries)


def after(decision: Decision) -> RegisterState:
    assert decision.state is not None
    return decision.state


def kinds(decision):
    return [type(entry) for entry in decision.entries]


def test_a_register_that_is_added():
    decision = add("kkm-1", "token", OTHER)(None, T0)
    assert kinds(decision) == [Registered]
    assert after(decision).profile == OTHER
    assert is_token(after(decision), "token")


def test_one_that_is_there_already():
    decision = add("kkm-1", "token", OTHER)(state(), T0)
    assert (decision.entries, decision.state) == ((), state())


@pytest.mark.parametrize(("profile", "more"), [(OTHER, [ProfileChanged]), (None, [])])
def test_one_that_comes_back(profile, more):
    decision = add("kkm-1", "token", profile)(state(Standing.REMOVED), T0)
    assert kinds(decision) == [StandingChanged, TokenReset, *more]
    assert after(decision).standing is Standing.GOOD
    assert is_token(after(decision), "token")
    assert after(decision).version == 2 + len(decision.entries)


def test_one_that_comes_back_as_it_was():
    removed = replay(
        "kkm-1",
        None,
        [Registered(at=T0, token_digest=b"x" * 32, profile=OTHER), StandingChanged(at=T0, standing=Standing.REMOVED)],
    )
    assert kinds(add("kkm-1", "token", OTHER)(removed, T0)) == [StandingChanged, TokenReset]


ORDERS = (
    reset_token("new"),
    set_standing(Standing.BLOCKED, "why"),
    lift(Standing.BLOCKED),
)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("nobody", [None, state(Standing.REMOVED)])
def test_an_order_about_nobody_changes_nothing(order, nobody):
    decision = order(nobody, T0)
    assert (decision.entries, decision.state) == ((), None)


def test_another_token():
    decision = reset_token("new")(state(), T0)
    assert is_token(after(decision), "new")


@pytest.mark.parametrize(
    ("before", "order", "left", "changes"),
    [
        (None, set_standing(Standing.BLOCKED, "a"), (Standing.BLOCKED, "a"), 1),
        ((Standing.BLOCKED, "a"), set_standing(Standing.BLOCKED, "a"), (Standing.BLOCKED, "a"), 0),
        ((Standing.BLOCKED, "a"), set_standing(Standing.BLOCKED, "b"), (Standing.BLOCKED, "b"), 1),
        ((Standing.BLOCKED, "a"), set_standing(Standing.UNPAID), (Standing.UNPAID, ""), 1),
        ((Standing.BLOCKED, "a"), lift(Standing.BLOCKED), (Standing.GOOD, ""), 1),
        ((Standing.BLOCKED, "a"), lift(Standing.UNPAID), (Standing.BLOCKED, "a"), 0),
        ((Standing.UNPAID, ""), lift(Standing.UNPAID), (Standing.GOOD, ""), 1),
        (None, lift(Standing.BLOCKED), (Standing.GOOD, ""), 0),
    ],
)
def test_standings(before, order, left, changes):
    decision = order(state(*(before or ())), T0 + 1)
    assert (after(decision).standing, after(decision).reason) == left
    assert len(decision.entries) == changes


def test_who_is_known():
    assert is_known(state())
    assert is_known(state(Standing.BLOCKED))
    assert not is_known(state(Standing.REMOVED))
    assert not is_known(None)
