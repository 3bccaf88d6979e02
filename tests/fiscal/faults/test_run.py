"""A run counts, draws and explains; the same plan and situations give the same effects, whatever the interleaving."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.faults.effects import (
    DELAY_MS_MAX,
    POINTS,
    AnswerOfAnother,
    AskToWait,
    Corrupt,
    Delay,
    Effect,
    LateBy,
    LoseAnswer,
    Normal,
    Point,
    Reset,
    Slice,
    Uniform,
)
from fiscal.faults.plan import Fault, FaultPlan, Scope, Selection, Situation
from fiscal.faults.run import Applied, FaultRun, effects_of
from fiscal.faults.wire import bend, passage

AFTER = Point.AFTER_COMMIT


LOST = (LoseAnswer(),)


def fault(name="f", at=AFTER, effects: tuple[Effect, ...] = LOST, **when):
    return Fault(name=name, at=at, effects=effects, when=Selection(**when))


def at(register="till-1", command="document", now=0, **more):
    return Situation(register, "native", command, now, **more)


def occurrences(run, situations, point=AFTER):
    """Which of the situations, counted from 1, something was applied to."""
    return [i for i, situation in enumerate(situations, 1) if run.applied(point, situation)]


def test_without_faults_everything_goes_well():
    run = FaultRun()
    assert not any(run.watches(point) for point in Point)
    assert run.applied(AFTER, at()) == () == run.decide(AFTER, at())


def test_a_fault_waits_at_its_point_only():
    run = FaultRun(FaultPlan((fault(),)))
    assert [point for point in Point if run.watches(point)] == [AFTER]
    assert run.applied(Point.BEFORE_COMMIT, at()) == ()
    assert run.applied(AFTER, at()) == (LoseAnswer(),)


def test_the_third_document_of_each_register_once():
    run = FaultRun(FaultPlan((fault(nth=3, command="document"),)))
    situations = [at(command="hello"), at(), at("till-2"), at(), at(), at(), at("till-2"), at("till-2")]
    assert occurrences(run, situations) == [5, 8]


def test_every_second_at_most_twice():
    assert occurrences(FaultRun(FaultPlan((fault(every=2, times=2),))), [at()] * 8) == [2, 4]


def test_a_global_fault_counts_all_registers_together():
    run = FaultRun(FaultPlan((fault(nth=3, count=Scope.GLOBAL),)))
    assert occurrences(run, [at("a"), at("b"), at("c"), at("a")]) == [3]


def test_occurrences_are_counted_inside_the_window_only():
    run = FaultRun(FaultPlan((fault(nth=1, since=100, until=200),)))
    assert occurrences(run, [at(now=99), at(now=100), at(now=199), at(now=200)]) == [2]


def test_probability_0_never_and_1_always():
    assert occurrences(FaultRun(FaultPlan((fault(probability=0),))), [at()] * 50) == []
    assert occurrences(FaultRun(FaultPlan((fault(probability=1.0),))), [at()] * 50) == list(range(1, 51))


def test_probability_is_about_right_and_depends_on_seed_name_and_register():
    def hits(seed, name, register):
        run = FaultRun(FaultPlan((fault(name, probability=0.2),), seed))
        return occurrences(run, [at(register)] * 500)

    assert 70 < len(hits(1, "f", "a")) < 130
    assert hits(1, "f", "a") == hits(1, "f", "a")
    assert len({tuple(hits(*which)) for which in [(1, "f", "a"), (2, "f", "a"), (1, "g", "a"), (1, "f", "b")]}) == 4


def test_a_probability_that_does_not_come_true_uses_up_no_application():
    run = FaultRun(FaultPlan((fault(probability=0.3, times=2),), seed=5))
    assert len(occurrences(run, [at()] * 100)) == 2


def test_effects_come_in_the_order_of_the_plan():
    run = FaultRun(FaultPlan((fault("a", effects=(Delay(5), Slice(2))), fault("b"))))
    assert run.applied(AFTER, at()) == (Delay(5), Slice(2), LoseAnswer())


def delays(*distributions):
    """The milliseconds that 200 situations get of each distribution."""
    run = FaultRun(FaultPlan((fault(effects=tuple(map(Delay, distributions))),), seed=3))
    return zip(*([passage([effect]).delay_ms for effect in run.applied(AFTER, at())] for _ in range(200)), strict=True)


def test_distributions_are_drawn_within_their_range_anew_each_time():
    uniform, bell = delays(Uniform(10, 12), Normal(100, 60))
    assert set(uniform) == {10, 11, 12}
    assert min(bell) >= 0
    assert len(set(bell)) > 50
    assert 85 < sum(bell) / len(bell) < 115


def test_a_bell_curve_ends_at_the_longest_delay():
    (bell,) = delays(Normal(DELAY_MS_MAX, 1_000))
    assert max(bell) == DELAY_MS_MAX


def test_two_equal_effects_of_one_fault_have_their_own_luck():
    run = FaultRun(FaultPlan((fault(effects=(Delay(Uniform(0, 10**6)), Delay(Uniform(0, 10**6)))),)))
    first, second = run.applied(AFTER, at())
    assert first != second


@pytest.mark.parametrize(
    ("over_ms", "elapsed_ms", "limit_ms", "delay_ms"),
    [(200, 10, 5_000, 5_190), (-200, 10, 5_000, 4_790), (1, 0, 50, 51), (0, 6_000, 5_000, 0)],
)
def test_lateness_becomes_the_delay_that_is_left_to_the_limit(over_ms, elapsed_ms, limit_ms, delay_ms):
    run = FaultRun(FaultPlan((fault(effects=(LateBy(over_ms),)),)))
    situation = at(elapsed_ms=elapsed_ms, answer_limit_ms=limit_ms)
    assert run.applied(AFTER, situation) == (Delay(delay_ms),)


def test_corruption_and_foreign_answers_get_a_fresh_draw_each_time():
    run = FaultRun(FaultPlan((fault(effects=(Corrupt(3), AnswerOfAnother())),)))
    corrupts, anothers = zip(*(run.applied(AFTER, at()) for _ in range(5)), strict=True)
    assert {corrupt.bits for corrupt in corrupts} == {3}
    assert len({corrupt.draw for corrupt in corrupts} | {another.draw for another in anothers}) == 10


def test_what_was_applied_says_why():
    run = FaultRun(FaultPlan((fault("lost-answer", nth=2, times=1),)))
    assert run.decide(AFTER, at()) == ()
    (applied,) = run.decide(AFTER, at())
    assert (applied.fault.name, applied.occurrence, applied.application, applied.draw) == ("lost-answer", 2, 1, None)
    assert applied.why == (
        "lost-answer, after_commit of document: occurrence 2 for register 'till-1', applied 1 (nth 2, times 1)"
    )


def test_what_was_left_to_chance_says_what_was_drawn():
    run = FaultRun(FaultPlan((fault("storm", Point.ON_CONNECT, (Reset(),), probability=0.99, count=Scope.GLOBAL),)))
    (applied,) = run.decide(Point.ON_CONNECT, at("", ""))
    assert applied.draw is not None
    assert applied.why == (
        "storm, on_connect of a connection: occurrence 1 for all registers, applied 1, "
        f"drew {applied.draw:.6f} below 0.99"
    )


def test_switching_keeps_the_counters_of_what_stays_and_forgets_the_rest():
    stays, changes = fault("stays", nth=2), fault("changes", nth=2, effects=(Delay(1),))
    run = FaultRun(FaultPlan((stays, changes)))
    assert run.applied(AFTER, at()) == ()
    plan = FaultPlan((stays, fault("changes", nth=2, effects=(Delay(2),)), fault("new", nth=2, effects=(Delay(3),))))
    run.switch_to(plan)
    assert run.plan is plan
    assert run.applied(AFTER, at()) == (LoseAnswer(),)
    assert run.applied(AFTER, at()) == (Delay(2), Delay(3))
    run.switch_to(FaultPlan())
    assert not run.watches(AFTER)


def test_a_fault_that_was_taken_away_and_comes_back_starts_anew():
    run = FaultRun(FaultPlan((fault(times=1),)))
    assert occurrences(run, [at()] * 3) == [1]
    run.switch_to(run.plan.without("f"))
    run.switch_to(run.plan.with_fault(fault(times=1)))
    assert occurrences(run, [at()] * 3) == [1]


def test_reset_makes_the_next_situation_the_first():
    run = FaultRun(FaultPlan((fault(nth=1),)))
    assert occurrences(run, [at()] * 2) == [1]
    run.reset()
    assert occurrences(run, [at()] * 2) == [1]


# -------------------------------------------------------------------------------------------------- determinism

WIRE: list[Effect] = [
    Delay(Uniform(0, 900)),
    Delay(Normal(200, 50)),
    Corrupt(4),
    Slice(3),
    LateBy(7),
    LoseAnswer(),
    AskToWait(5),
]
selections = st.builds(
    Selection,
    register=st.sampled_from(["*", "a", "[ab]"]),
    nth=st.none() | st.integers(1, 4),
    every=st.none() | st.integers(1, 3),
    times=st.none() | st.integers(1, 3),
    probability=st.sampled_from([0, 0.3, 0.7, 1]),
)
faults = st.builds(
    lambda effects, when: (tuple(effects), when), st.lists(st.sampled_from(WIRE), min_size=1, max_size=3), selections
)
plans = st.builds(
    lambda rows, seed: FaultPlan(
        tuple(Fault(name=f"f{i}", at=AFTER, effects=effects, when=when) for i, (effects, when) in enumerate(rows)), seed
    ),
    st.lists(faults, max_size=4),
    st.integers(0, 2**63 - 1),
)
assert all(AFTER in POINTS[type(effect)] for effect in WIRE)


def play(plan, registers):
    """What befalls each register, and the bytes that come of it."""
    run = FaultRun(plan)
    story = defaultdict(list)
    for register in registers:
        effects = effects_of(run.decide(AFTER, at(register, elapsed_ms=3)))
        story[register].append((effects, bend(b"0123456789", effects)))
    return story


@given(plans, st.lists(st.sampled_from("abc"), max_size=30))
def test_the_same_plan_and_situations_give_the_same_effects_and_bytes(plan, registers):
    assert play(plan, registers) == play(plan, registers)


@given(plans, st.lists(st.sampled_from("abc"), max_size=30), st.randoms(use_true_random=False))
def test_what_befalls_a_register_does_not_depend_on_when_others_come(plan, registers, random):
    shuffled = list(registers)
    random.shuffle(shuffled)
    assert play(plan, registers) == play(plan, shuffled)


def test_a_watcher_hears_of_what_is_applied_and_of_nothing_else():
    run = FaultRun(FaultPlan((fault(every=2),)))
    heard: list[Applied] = []
    stop = run.watch(heard.append)
    for _ in range(4):
        run.applied(AFTER, at(peer="10.0.0.7:4711", request=9))
    assert [(one.fault.name, one.occurrence) for one in heard] == [("f", 2), ("f", 4)]
    assert (heard[0].situation.peer, heard[0].situation.request) == ("10.0.0.7:4711", 9)
    stop()
    run.applied(AFTER, at())
    run.applied(AFTER, at())
    assert len(heard) == 2
