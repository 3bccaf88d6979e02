"""Places rise for each writer, never meet, and read in the order of time."""

from hypothesis import given
from hypothesis import strategies as st

from ofd_server.storage.places import EPOCH, PLACES, SLOTS_PER_S, WRITERS, first_place, instant_of
from tests.documents import T0

YEAR_MS = 365 * 24 * 3_600 * 1_000
LONGEST_MS = 17 * YEAR_MS
SLOT_MS = 1_000 // SLOTS_PER_S + 2
"""The length of a slot, rounded up on both sides."""

instants = st.integers(EPOCH, EPOCH + LONGEST_MS)
writers = st.integers(0, WRITERS - 1)
counts = st.integers(1, PLACES)


@given(now=instants, writer=writers, count=counts, floor=st.integers(0, 2**53))
def test_places_lie_above_the_floor_in_one_slot_of_the_writer(now: int, writer: int, count: int, floor: int):
    first = first_place(floor, now, writer, count)
    assert first > floor
    assert first // PLACES == (first + count - 1) // PLACES, "no other writer's place stands between them"
    assert first // PLACES % WRITERS == writer
    assert instant_of(first) >= now - SLOT_MS


@given(now=instants, steps=st.lists(st.tuples(writers, counts, st.integers(-5_000, 5_000)), max_size=40))
def test_no_place_is_taken_twice_whatever_the_clock_does(now: int, steps: list[tuple[int, int, int]]):
    floors = dict.fromkeys(range(WRITERS), 0)
    taken: set[int] = set()
    for writer, count, moved in steps:
        now += moved
        first = first_place(floors[writer], max(now, EPOCH), writer, count)
        places = set(range(first, first + count))
        assert not places & taken
        assert first > floors[writer]
        taken |= places
        floors[writer] = first + count - 1


def test_a_place_tells_when_it_was_taken():
    place = first_place(0, T0, 5, 1)
    assert 0 <= T0 - instant_of(place) <= SLOT_MS


def test_a_slot_is_filled_before_the_next_is_begun():
    first = first_place(0, T0, 3, 10)
    assert first_place(first + 9, T0, 3, PLACES - 10) == first + 10
    assert first_place(first + 9, T0, 3, PLACES - 9) == first + WRITERS * PLACES, "one more would not fit"


def test_a_clock_before_the_first_slot_has_places_too():
    assert first_place(0, 0, 0, 1) > 0


def test_seventeen_years_of_places_can_be_read_by_a_browser():
    last = first_place(0, EPOCH + LONGEST_MS, WRITERS - 1, PLACES) + PLACES - 1
    assert last < 2**53
