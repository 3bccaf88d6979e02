"""Looking for the entries of one register, era by era: all of them, in order, and not for longer than needed."""

import re
import sqlite3
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofd_server.storage.eras import ERA_BITS, FIRST_LOOK, LOOK_MAX, entries_of, looks

ERA = 1 << ERA_BITS
REGISTERS = 3


@pytest.fixture(scope="module")
def ledger():
    """Ninety entries of three registers, in a hundred eras."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    for version in (1, 2):
        db.executescript(
            resources.files("ofd_server.storage").joinpath(f"sql/sqlite_{version:04}.sql").read_text("utf-8")
        )
    versions = [0] * (REGISTERS + 1)
    for place in range(90):
        no = 1 + place % REGISTERS if place < 80 else 1  # the others have nothing in the newest eras
        versions[no] += 1
        seq = 1 + place * (ERA + 200)
        if versions[no] == 1:
            db.execute("insert into register (no, id, since) values (?, ?, ?)", (no, f"kkm-{no}", seq))
        row = (seq, no, versions[no], versions[no], 1, 0)
        db.execute("insert into entry (seq, register_no, number, version, kind, at) values (?, ?, ?, ?, ?, ?)", row)
    yield db
    db.close()


def counted(db):
    """What is asked of the database."""
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    return asked


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (1, ERA - 1), (1, ERA), (ERA, ERA), (5, 40 * ERA), (3 * ERA, 9_000 * ERA + 1), (ERA, 1)]
)
def test_looks_cover_every_era_once_and_grow(first, last, newest_first):
    found = list(looks(first, last, newest_first=newest_first))
    eras = [era for low, high in found for era in range(low, high + 1)]
    assert sorted(eras) == list(range(first >> ERA_BITS, (last >> ERA_BITS) + 1))
    assert [low for low, _ in found] == sorted((low for low, _ in found), reverse=newest_first)
    sizes = [high - low + 1 for low, high in found]
    assert sizes[:1] == [FIRST_LOOK][: len(sizes)] or len(sizes) <= 1
    assert all(size <= LOOK_MAX for size in sizes)


@given(
    no=st.integers(0, REGISTERS + 1),
    since=st.integers(1, 100 * ERA),
    until=st.none() | st.integers(0, 100 * ERA),
    number=st.integers(0, 30),
    newest_first=st.booleans(),
    limit=st.none() | st.integers(1, 40),
)
def test_what_is_found_is_what_a_walk_through_the_whole_ledger_finds(
    ledger, no, since, until, number, newest_first, limit
):
    found = list(
        entries_of(
            ledger,
            no,
            "entry.seq, entry.version",
            "entry.number >= ? and entry.seq >= ? and entry.seq <= ?",
            (number, since, 1 << 60 if until is None else until),
            since=since,
            until=until,
            newest_first=newest_first,
            limit=limit,
        )
    )
    walked = ledger.execute(
        "select seq, version from entry where register_no = ? and number >= ? and seq >= ? and seq <= ? order by seq",
        (no, number, since, 1 << 60 if until is None else until),
    ).fetchall()
    assert found == (walked[::-1] if newest_first else walked)[:limit]


def test_without_a_condition_it_is_everything(ledger):
    assert [version for (version,) in entries_of(ledger, 2, "entry.version")] == list(range(1, 28))


@pytest.mark.parametrize(
    ("no", "looks_needed", "versions"),
    [(1, 1, [37]), (2, 2, [27])],
    ids=["it wrote just now", "it wrote some eras ago"],
)
def test_what_is_new_is_found_soon(ledger, no, looks_needed, versions):
    asked = counted(ledger)
    found = [row[0] for row in entries_of(ledger, no, "entry.version", newest_first=True, limit=1)]
    ledger.set_trace_callback(None)
    assert found == versions
    assert len([each for each in asked if each.startswith("with recursive")]) == looks_needed


@pytest.mark.parametrize(
    "condition", ["", "entry.number = 3", "entry.number >= 3 and entry.version > 4", "entry.autonomous_sign = 5"]
)
def test_each_look_is_a_look_into_the_index(ledger, condition):
    """A walk through the whole table would give the same, some thousand times slower."""
    asked = counted(ledger)
    list(entries_of(ledger, 1, "entry.version", condition))
    ledger.set_trace_callback(None)
    query = next(each for each in asked if each.startswith("with recursive"))
    plan = [row[3] for row in ledger.execute(f"explain query plan {query}")]
    found = [step for step in plan if "entry" in step]
    index = "entry_autonomous" if "autonomous" in condition else "entry_of_register"
    assert re.match(rf"SEARCH entry USING (COVERING )?INDEX {index} \(<expr>=\? AND register_no=\?", found[0]), plan
    assert not [step for step in found if step.startswith("SCAN entry")]


def test_the_schema_and_the_program_mean_the_same_eras(ledger):
    (text,) = ledger.execute("select sql from sqlite_schema where name = 'entry_of_register'").fetchone()
    assert f"(seq >> {ERA_BITS}, register_no, number, version)" in text
