"""Draws are hashes: fixed for ever, spread evenly, and independent of each other."""

from hypothesis import given
from hypothesis import strategies as st

from fiscal.faults import chance

purposes = st.lists(st.text() | st.integers() | st.none(), max_size=4)


def test_a_draw_is_the_same_on_every_machine_and_in_every_version():
    # Golden: a change here changes the luck of every plan that people have kept.
    assert chance.draw(7, "lost-answer", "till-1", 3) == 6969936467070861


@given(purposes)
def test_a_draw_depends_on_its_purpose_alone_and_stays_in_range(purpose):
    assert chance.draw(*purpose) == chance.draw(*purpose)
    assert 0 <= chance.draw(*purpose) < chance.DRAW_END


def test_texts_and_numbers_and_nothing_are_different_purposes():
    assert len({chance.draw(value) for value in ("1", 1, None, "None", "")}) == 5
    assert chance.draw("a", "b") != chance.draw("ab") != chance.draw("a\x1fb")


def test_draws_are_spread_evenly():
    counts = [0] * 10
    for i in range(10_000):
        counts[chance.draw("even", i) * 10 // chance.DRAW_END] += 1
    assert all(900 < count < 1_100 for count in counts)


def test_below_reaches_every_number_and_no_other():
    assert {chance.below(3, i) for i in range(100)} == {0, 1, 2}


def test_the_bell_has_its_mean_and_its_spread():
    values = [chance.bell(1_000, 100, i) for i in range(2_000)]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    assert 990 < mean < 1_010
    assert 90**2 < variance < 110**2
    assert all(400 <= value <= 1_600 for value in values)
