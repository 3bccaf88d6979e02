"""Pacing as numbers: what is taken, what is put off and until when, and that nobody waits for ever."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.domain.messages import TRY_LATER_MAX_MS
from fiscal.retry import obey
from ofd_server.core.admission import (
    CALM_S,
    IDLE_S,
    LATE_S,
    RATE_FIRST,
    RATE_MIN,
    SECONDS_KEPT,
    STEEP_MAX,
    TRUST_MIN_S,
    TURN,
    DurableRate,
    Flow,
    Measure,
    Pacer,
    Peaks,
)

BATCH = 100
NOW = 1_000.0


def pacer(rate: float = 1_000.0, **given: float) -> Pacer:
    """One that knows its rate: 200 may wait, 150 are few, 400 stop everybody, 1,000 a cashier."""
    made = Pacer(Measure(batch=BATCH, **given))
    made.rate.per_s = rate
    made.rate.is_known = True
    made._fit()
    return made


def ask(it: Pacer, register: str, at: float = 0.0, ahead: int = 200, *, live: bool = False, unsent: int | None = None):
    return it.put_off(register, NOW + at, ahead, is_live=live, unsent=unsent)


def greet(it: Pacer, register: str, at: float = 0.0, ahead: int = 200):
    return it.greet(register, NOW + at, ahead)


def stormy(rate: float = 1_000.0) -> Pacer:
    """In a storm; ``early`` was put off in it, and all that is before it is done."""
    it = pacer(rate)
    assert ask(it, "early") is not None
    assert it.is_storm
    return it


# ---------------------------------------------------------------------------------------------------------- the rate


def tell(rate: DurableRate, sizes: list[int], fixed: float, each: float, pause: float = 0.0, at: float = NOW) -> float:
    for size in sizes:
        begun = at + pause
        at = begun + fixed + each * size
        rate.committed(size, begun, at)
    return at


def test_until_it_is_known_a_rate_is_assumed():
    rate = DurableRate(BATCH)
    assert (rate.per_s, rate.is_known) == (RATE_FIRST, False)
    tell(rate, [1, 2, 3, 12] * 100, 0.01, 0.0)
    assert not rate.is_known, "small commits say nothing"


@pytest.mark.parametrize(
    ("sizes", "fixed", "each", "expected"),
    [
        ([100] * 50, 0.01, 0.0, 10_000),
        ([100] * 50, 0.0, 0.0005, 2_000),
        ([40, 20, 60, 30] * 30, 0.02, 0.0, 5_000),
        ([40, 20, 60, 30] * 30, 0.0, 0.001, 1_000),
        ([40, 20, 60, 30] * 30, 0.01, 0.0001, 5_000),
        ([100] * 50, 20.0, 0.0, RATE_MIN),
    ],
)
def test_the_rate_is_that_of_full_commits(sizes, fixed, each, expected):
    rate = DurableRate(BATCH)
    tell(rate, sizes, fixed, each)
    assert rate.per_s == pytest.approx(expected, rel=0.01)
    assert rate.is_known


def test_a_line_through_small_commits_is_not_followed_far():
    rate = DurableRate(BATCH)
    tell(rate, [13, 17] * 60, 0.1, 0.0)
    assert rate.per_s == pytest.approx(STEEP_MAX * 15 / 0.1, rel=0.05)


def test_commits_that_take_no_time_raise_the_rate_without_end_or_error():
    rate = DurableRate(BATCH)
    rate.committed(100, NOW, NOW)
    assert rate.per_s == STEEP_MAX * RATE_FIRST
    rate.committed(50, NOW + 1, NOW + 1)
    assert rate.per_s >= RATE_FIRST


def test_what_lies_between_two_commits_counts_unless_it_is_rest():
    busy, idle = DurableRate(BATCH), DurableRate(BATCH)
    tell(busy, [100] * 50, 0.01, 0.0, pause=0.01)
    tell(idle, [100] * 50, 0.01, 0.0, pause=0.5)
    assert busy.per_s == pytest.approx(5_000, rel=0.01)
    assert idle.per_s == pytest.approx(10_000)


def test_a_rate_that_changes_is_followed_within_two_seconds():
    rate = DurableRate(BATCH)
    at = tell(rate, [100] * 300, 0.01, 0.0)
    tell(rate, [100] * 40, 0.05, 0.0, at=at)
    assert rate.per_s < 3_000


# ---------------------------------------------------------------------------------------------------------- the queue


@pytest.mark.parametrize(
    ("rate", "room", "hard", "live"),
    [
        (1_000, 200, 400, 1_000),
        (300, 200, 300, 300),
        (100, 200, 200, 200),
        (20, 50, 50, 50),
        (50_000, 2_500, 5_000, 50_000),
        (RATE_MIN, 25, 25, 25),
    ],
)
def test_how_long_the_queue_may_be_follows_from_the_rate(rate, room, hard, live):
    it = pacer(rate)
    assert (it.room, it.low, it.hard, it.live) == (room, room * 3 // 4, hard, live)


def test_a_commit_fits_the_queue_anew():
    it = pacer(20)
    for place in range(50):
        it.committed(100, NOW + place / 10, NOW + (place + 1) / 10, 100)
    assert it.room == 200


def test_on_a_quiet_day_everything_is_taken():
    it = pacer()
    assert ask(it, "a", ahead=149) is None
    assert ask(it, "a", ahead=999, live=True) is None
    assert not it.is_storm
    assert greet(it, "a") is None


def test_what_a_cashier_waits_for_goes_before_the_backlog():
    it = stormy()
    assert ask(it, "till", ahead=999, live=True) is None
    assert ask(it, "till", ahead=1_000, live=True) is not None


def test_the_first_sign_goes_before_second_documents():
    it = stormy()
    assert ask(it, "a", ahead=199) is None
    assert ask(it, "a", ahead=199) is not None, "it has had its first"
    assert ask(it, "b", ahead=199) is None
    assert ask(it, "b", ahead=149) is None, "what nobody needs may be used"


# ---------------------------------------------------------------------------------------------------------- the flow


def let_flow(flow: Flow, commits: int, documents: int, seconds: float, at: float, *, is_full: bool = True) -> float:
    for _ in range(commits):
        at += seconds
        flow.committed(documents, at, is_full=is_full)
    return at


def test_what_comes_through_is_known_after_a_full_window():
    flow = Flow()
    at = let_flow(flow, 5, 100, 0.1, NOW)
    assert flow.per_s == inf
    let_flow(flow, 1, 100, 0.1, at)
    assert flow.per_s == pytest.approx(1_000)


def test_it_is_followed_within_some_windows():
    flow = Flow()
    at = let_flow(flow, 12, 100, 0.1, NOW)
    let_flow(flow, 50, 200, 0.1, at)
    assert flow.per_s == pytest.approx(2_000, rel=0.02)


def test_where_not_enough_came_more_would_have_come_through():
    flow = Flow()
    at = let_flow(flow, 6, 100, 0.1, NOW)
    at = let_flow(flow, 5, 1, 0.1, at, is_full=False)
    assert flow.per_s == pytest.approx(1_150)
    let_flow(flow, 5, 500, 0.1, at, is_full=False)
    assert flow.per_s == pytest.approx(5_000), "so many did"


def test_a_window_that_was_full_only_at_its_end_is_not_full():
    flow = Flow()
    at = let_flow(flow, 6, 100, 0.1, NOW)
    at = let_flow(flow, 1, 10, 0.1, at, is_full=False)
    let_flow(flow, 4, 10, 0.1, at)
    assert flow.per_s > 1_000


def test_a_rest_belongs_to_no_window():
    flow = Flow()
    at = let_flow(flow, 6, 100, 0.1, NOW)
    let_flow(flow, 6, 100, 0.1, at + 60)
    assert flow.per_s == pytest.approx(1_000)


def test_promises_are_reckoned_with_what_comes_through_and_not_with_fast_commits():
    it = pacer(20_000)
    for place in range(20):
        it.committed(100, NOW + place / 10, NOW + place / 10 + 0.005, ahead=1_000)
    assert it.rate.per_s > 10_000
    assert it.pace == pytest.approx(1_000)


# ---------------------------------------------------------------------------------------------------------- the line


def test_turns_are_as_far_apart_as_their_work():
    it = stormy()
    told = []
    for name in "abcde":
        assert ask(it, name, ahead=100) is None
        told.append(ask(it, name, unsent=100))
    shift = [after - before for before, after in pairwise(told[2:])]
    expected = TURN / it.rate.per_s * 1_000 / 1.05
    assert shift == pytest.approx([expected] * 2, abs=2), "the spread that registers add is left out"
    few = ask(it, "f", ahead=100), ask(it, "f", unsent=2)
    more = ask(it, "g", ahead=100), ask(it, "g")
    assert few[1] is not None
    assert more[1] - few[1] == pytest.approx(2, abs=1), "a register with two documents needs the time of two"


def test_a_turn_that_comes_in_time_is_kept_and_has_so_many_documents():
    it = stormy()
    ask(it, "a", ahead=0)
    delay = ask(it, "a", unsent=5)
    at = delay / 1_000
    taken = [ask(it, "a", at + place / 100, ahead=399) for place in range(5)]
    assert taken == [None] * 5
    assert ask(it, "a", at + 0.1) is not None, "the next turn is behind those of all others"


def test_a_promise_is_not_kept_against_a_queue_that_grew_too_long():
    it = stormy()
    ask(it, "a", ahead=0)
    delay = ask(it, "a")
    again = ask(it, "a", delay / 1_000, ahead=400)
    assert 0 < again <= 200
    assert ask(it, "a", (delay + again) / 1_000, ahead=399) is None


def test_no_more_turns_begin_than_documents_can_be_on_their_way():
    it = stormy()
    names = [f"r{place}" for place in range(it.room + 40)]
    for name in names:
        assert ask(it, name, ahead=0) is None
    at = max(ask(it, name, unsent=10) for name in names) / 1_000
    assert [ask(it, name, at, ahead=199) for name in names[: it.room]] == [None] * it.room
    late = [ask(it, name, at, ahead=199) for name in names[it.room :]]
    apart = 10 / it.pace * 1_000 / 1.05
    assert late == [pytest.approx(max(48, place * apart), abs=2) for place in range(1, 41)], "as others end"
    assert ask(it, names[0], at, ahead=199) is None, "who has begun goes on"
    assert it._late == 40 * 10
    again = ask(it, names[-2], at + late[-2] / 1_000, ahead=199)
    assert again == pytest.approx(40 * apart, abs=2), "it is late once, however often it comes"
    assert ask(it, names[-1], at + late[-1] / 1_000, ahead=149) is None, "what is free may be used"
    assert it._late == 39 * 10


def test_what_was_on_its_way_costs_nothing_and_whoever_hammers_goes_to_the_end():
    it = stormy()
    for name in ("a", "b", "c"):
        ask(it, name, ahead=0)
    delay = ask(it, "a")
    assert ask(it, "a", 0.01) == delay - 10
    waits = [ask(it, f"x{place}", ahead=0) or ask(it, f"x{place}") for place in range(100)]
    late = [ask(it, "b"), ask(it, "c")]
    assert min(late) > 1_100
    hammering = ask(it, "b", 1.1)
    assert hammering is not None
    assert hammering / 1_000 + 1.1 > late[0] / 1_000, "it went to the end"
    assert len(waits) == 100


def test_a_promise_reaches_no_further_than_the_storm_is_old():
    it = stormy(rate=100)
    it._promised += 100_000
    ask(it, "a", ahead=0)
    delay = ask(it, "a")
    assert TRUST_MIN_S * 500 / 1.1 < delay <= TRUST_MIN_S * 1_000
    assert ask(it, "a", delay / 1_000, ahead=150) > 0, "it comes to ask, and is told again"
    ask(it, "b", 0, ahead=0)
    other = ask(it, "b")
    assert ask(it, "b", other / 1_000, ahead=149) is None, "and is taken when there is room"
    for second in range(600):
        ask(it, "y", second, ahead=150)
    assert ask(it, "z", 600, ahead=0) is None
    assert ask(it, "z", 600) > TRUST_MIN_S * 1_000, "an old storm is trusted further"


def test_a_promise_that_nobody_comes_for_is_given_up():
    it = stormy()
    ask(it, "a", ahead=0)
    delay = ask(it, "a")
    assert it.waiting == 2
    ask(it, "other", delay / 1_000 + 1 + LATE_S, ahead=150)
    assert it.waiting == 0
    assert ask(it, "a", 60, ahead=200) is not None
    behind = it._promised - it._begun
    assert ask(it, "a", 90, ahead=0) is None, "too late for its turn, and there is room"
    assert it._promised - it._begun <= behind


def test_a_turn_in_which_nothing_comes_is_over():
    it = stormy()
    ask(it, "a", ahead=0)
    delay = ask(it, "a")
    assert ask(it, "a", delay / 1_000) is None
    assert ask(it, "a", delay / 1_000 + IDLE_S + 0.1) is not None


def test_a_storm_ends_when_nobody_waits():
    it = stormy()
    ask(it, "x", CALM_S / 2, ahead=0)
    assert it.is_storm, "somebody was put off a moment ago"
    ask(it, "a first one", 10, ahead=150)
    assert it.waiting == 0
    ask(it, "x", 10 + CALM_S / 2, ahead=0)
    assert it.is_storm, "the queue was long a moment ago"
    ask(it, "x", 10 + 2 * CALM_S, ahead=0)
    assert not it.is_storm
    assert stormy().greet("y", NOW + 3_600, 0) is None


def test_a_storm_goes_on_while_the_queue_is_long():
    it = stormy()
    for second in range(10, 20):
        ask(it, "x", second, ahead=150)
    assert it.is_storm


def test_a_turn_that_ended_a_moment_ago_is_over():
    it = stormy()
    ask(it, "a", ahead=0)
    delay = ask(it, "a") / 1_000
    ask(it, "x", delay * 1.1 + LATE_S - 0.01, ahead=0)
    assert it.waiting == 2
    assert ask(it, "a", delay * 1.1 + LATE_S + 0.1, ahead=0) is None
    assert it.waiting == 1


# ---------------------------------------------------------------------------------------------------------- the door


def test_in_a_storm_registers_come_in_one_by_one():
    it = stormy()
    told = [greet(it, f"r{place}") for place in range(100)]
    assert told[0] is None
    later = [delay for delay in told if delay is not None]
    assert len(later) > 80
    assert later == sorted(later)
    assert later[-1] / 1_000 == pytest.approx(100 * 4 / 1_000, rel=0.2)
    first = told.index(later[0])
    assert greet(it, f"r{first}", 0.001) == later[0] - 1, "too early"
    assert greet(it, f"r{first}", later[0] / 1_000) is None, "in time"
    assert greet(it, "r99", 3_600) is None, "hours later the door is free"


def test_as_many_are_let_in_as_can_have_their_first_sign():
    it = stormy()
    at = 0.0
    inside = 0
    while greet(it, f"r{inside}", at) is None and inside < 1_000:
        at, inside = at + 0.004, inside + 1
    assert inside == it.low
    assert greet(it, "next", at) is not None
    ask(it, "r0", at, ahead=0)
    assert greet(it, "another", at + 0.1) is None, "one has had its sign, and there is room for one"
    assert greet(it, "a later one", at + IDLE_S + 0.2) is None, "whoever sends nothing is not waited for"


def test_a_register_that_was_served_takes_nobodys_place_at_the_door():
    it = stormy()
    ask(it, "a", ahead=0)
    assert greet(it, "a", 1) is None
    assert not it._inside


def test_who_never_comes_back_to_the_door_is_forgotten():
    it = stormy()
    for place in range(100):
        greet(it, f"r{place}")
    assert it.waiting > 50
    ask(it, "x", 20, ahead=0)
    assert it.waiting == 0


def test_at_the_end_each_register_hears_another_time():
    it = pacer()
    told = [it.farewell(NOW, 1_000) for _ in range(10)]
    assert told == sorted(set(told))
    assert told[0] >= 1_000
    it.pace = 0.000_1
    assert it.farewell(NOW, 1_000) == TRY_LATER_MAX_MS


# ------------------------------------------------------------------------------------------------------- the seconds


def test_peaks_are_kept_second_by_second():
    peaks = Peaks()
    assert peaks.latest(10) == 0
    for second, ahead in ((10, 5), (10, 9), (10, 3), (12, 4)):
        peaks.note(second, ahead)
    assert list(peaks.seconds) == [(10, 9), (12, 4)]
    assert [peaks.latest(second) for second in (11, 12, 13, 14)] == [9, 4, 4, 0]
    for second in range(2_000):
        peaks.note(100 + second, 1)
    assert len(peaks.seconds) == SECONDS_KEPT


# ----------------------------------------------------------------------------------------------------- whatever comes


steps = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.floats(0, 3),
        st.integers(0, 1_500),
        st.booleans(),
        st.none() | st.integers(0, 500),
        st.booleans(),
        st.integers(0, 300),
    ),
    max_size=200,
)


@given(steps=steps)
def test_whatever_comes_the_rules_hold(steps):
    it = Pacer(Measure(batch=BATCH))
    now = NOW
    for register, passed, ahead, live, unsent, is_hello, committed in steps:
        now += passed
        if committed:
            it.committed(committed, now - 0.01, now, ahead)
        if is_hello:
            delay = it.greet(register, now, ahead)
        else:
            turn = it._turns.get(register)
            pending = turn is not None and now < turn.opens - 0.02 and now <= turn.closes
            delay = it.put_off(register, now, ahead, is_live=live, unsent=unsent)
            if ahead < it.low and not pending:
                assert delay is None, "what is free may be used"
            if ahead >= it.live:
                assert delay is not None, "nothing is taken that could not be answered in time"
        assert delay is None or 1 <= delay <= TRY_LATER_MAX_MS
        assert 0 < it.low <= it.room <= it.hard <= it.live
        assert it._begun <= it._promised
        assert it._firsts >= 0
        begun = [turn for turn in it._turns.values() if not turn.waits]
        assert it._active == len(begun)
        assert it._late == sum(turn.left for turn in it._turns.values() if turn.waits and turn.is_late)
        assert all(turn.left >= 0 for turn in it._turns.values())


@settings(max_examples=25)
@given(
    backlogs=st.lists(st.integers(1, 60), min_size=2, max_size=40),
    draws=st.lists(st.floats(0, 0.999), min_size=8, max_size=8),
    hammers=st.booleans(),
)
def test_every_register_that_obeys_is_done_at_last(backlogs, draws, hammers):
    """A writer of 100 a second against everybody at once; one may come every tenth of a second, whatever it is told."""
    it = Pacer(Measure(batch=4))
    due = {f"r{place}": (0.0, count) for place, count in enumerate(backlogs)}
    queue = 0.0
    now, turn = 0.0, 0
    while due:
        turn += 1
        assert turn < 50_000, f"still waiting: {due}"
        name = min(due, key=lambda register: due[register][0])
        at, count = due[name]
        queue = max(0.0, queue - max(0.0, at - now) * 100)
        now = max(now, at)
        delay = it.put_off(name, NOW + now, int(queue), is_live=False, unsent=count)
        if delay is None:
            queue += 1
            it.committed(4, NOW + now - 0.04, NOW + now, int(queue))
            due[name] = now + 0.01, count - 1
            if count == 1:
                del due[name]
        elif hammers and name == "r0":
            due[name] = now + 0.1, count
        else:
            due[name] = now + obey(delay, 0, draws[turn % 8]) / 1_000, count
    assert now < inf
