"""Steps of a schema come in their order, and a newer schema is refused."""

import sqlite3
from pathlib import Path

import pytest

from fiscal.errors import StorageError
from ofd_server.storage.migrating import SchemaTooNew, steps


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_empty_database_gets_every_step(engine: str):
    found = list(steps(engine, 0, 1, "here"))
    assert [version for version, _ in found] == [1]
    assert "create table entry" in found[0][1]


def test_a_database_that_is_up_to_date_gets_none():
    assert list(steps("sqlite", 1, 1, "here")) == []


def test_a_newer_schema_is_refused_by_name():
    with pytest.raises(SchemaTooNew, match=r"here has schema version 3; this program knows up to 1") as refused:
        list(steps("sqlite", 3, 1, Path("here")))
    assert isinstance(refused.value, StorageError)
    assert (refused.value.found, refused.value.known) == (3, 1)


def test_the_first_step_of_sqlite_is_sql_that_sqlite_takes():
    with sqlite3.connect(":memory:") as db:
        for _, script in steps("sqlite", 0, 1, "memory"):
            db.executescript(script)
        assert db.execute("select count(*) from entry").fetchone() == (0,)
