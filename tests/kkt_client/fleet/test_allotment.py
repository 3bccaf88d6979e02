"""Who is which register, when users in many processes are registers of one operator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import ConfigurationError
from kkt_client.fleet.allotment import Allotment, Named, read_list

LISTED = [Named(f"shop-{number}", f"secret-{number}") for number in range(7)]


def test_a_list():
    text = "a one\n\n  b\t two # in the east\n# c\nd\n"
    assert read_list(text, "common") == [Named("a", "one"), Named("b", "two"), Named("d", "common")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "names none"),
        ("# a\n", "names none"),
        ("a b c", "line 1 has more"),
        ("a\nb\na x", "line 3 names 'a' once more"),
        ("a\n" + "x" * 65, "line 2 is too long"),
        ("a " + "x" * 1000, "line 1 is too long"),
    ],
)
def test_a_list_that_is_wrong(text, rule):
    with pytest.raises(ConfigurationError, match=f"registers: .*{rule}"):
        read_list(text, "common")


def test_names_without_a_list():
    allotment = Allotment(3, "load", "t")
    first, second = allotment.take(), allotment.take()
    assert (first, second) == (Named("load-3-0", "t"), Named("load-3-1", "t"))
    allotment.give_back(first)
    assert [allotment.take(), allotment.take()] == [Named("load-3-0", "t"), Named("load-3-2", "t")]


def test_a_prefix_that_leaves_no_room():
    with pytest.raises(ConfigurationError, match="register prefix"):
        Allotment(0, "x" * 64, "t")


def test_each_process_has_its_own_part_of_a_list():
    parts = [Allotment(worker, "", "t", LISTED, 3) for worker in range(3)]
    assert [[part.take().register for _ in range(size)] for part, size in zip(parts, (3, 3, 1), strict=True)] == [
        ["shop-0", "shop-1", "shop-2"],
        ["shop-3", "shop-4", "shop-5"],
        ["shop-6"],
    ]
    with pytest.raises(ConfigurationError, match="worker 2 has 1 of the list"):
        parts[2].take()
    with pytest.raises(ConfigurationError, match="worker 3 would have lines 10 and on of 7"):
        Allotment(3, "", "t", LISTED, 3)


def test_the_only_process_has_the_whole_list_and_a_second_one_is_told_to_say_more():
    allotment = Allotment(0, "", "t", LISTED)
    assert [allotment.take() for _ in LISTED] == LISTED
    with pytest.raises(ConfigurationError, match="more than one worker"):
        Allotment(1, "", "t", LISTED)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=60), st.booleans())
def test_nobody_is_a_register_that_somebody_else_is(steps, listed):
    parts = [Allotment(worker, "load", "t", LISTED if listed else None, 2) for worker in range(3)]
    taken: list[tuple[int, Named]] = []
    for worker, comes in steps:
        own = [named for place, named in taken if place == worker]
        if comes and (not listed or len(own) < 2):
            taken.append((worker, parts[worker].take()))
        elif not comes and own:
            parts[worker].give_back(own[0])
            taken.remove((worker, own[0]))
        registers = [named.register for _, named in taken]
        assert len(set(registers)) == len(registers)
