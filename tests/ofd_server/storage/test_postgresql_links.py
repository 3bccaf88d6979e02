"""What an address says, what each failure means, and that neither ever tells a password."""

import asyncio

import asyncpg
import pytest
import structlog

from fiscal.errors import ConfigurationError, StorageCorrupt, StorageError
from ofd_server.ports import Unreachable
from ofd_server.storage import postgresql_links
from ofd_server.storage.addresses import Address
from ofd_server.storage.postgresql_links import LOCK_S, Links, told, told_at_start
from tests.ports import free_port
from tests.postgres import QUOTED, Postgres

WHERE = Address("postgresql://kassa:geheim@db.example:5433/ledger")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (asyncpg.InvalidPasswordError("no"), ConfigurationError, "does not let 'kassa' in: no"),
        (asyncpg.InvalidAuthorizationSpecificationError("no"), ConfigurationError, "does not let 'kassa' in"),
        (asyncpg.InvalidCatalogNameError('no "ledger"'), ConfigurationError, 'no "ledger"'),
        (asyncpg.InsufficientPrivilegeError("denied"), ConfigurationError, "denied: its user must own"),
        (asyncpg.UndefinedObjectError("what"), ConfigurationError, "what"),
        (asyncpg.ClientConfigurationError("`sslmode`"), ConfigurationError, "`sslmode`"),
        (FileNotFoundError(2, "No such file"), ConfigurationError, "no such file: the socket or a certificate"),
        (ValueError("invalid literal: 'geheim'"), ConfigurationError, "must be postgresql://"),
        (ConnectionRefusedError(111, "refused"), Unreachable, "cannot be reached: refused"),
        (TimeoutError(), Unreachable, "cannot be reached: it does not answer in time"),
        (asyncpg.CannotConnectNowError("starting up"), Unreachable, "cannot be reached: starting up"),
        (asyncpg.TooManyConnectionsError("full"), Unreachable, "cannot be reached: full"),
        (asyncpg.InterfaceError("closed"), Unreachable, "cannot be reached: closed"),
        (asyncpg.DataCorruptedError("page 7"), StorageCorrupt, "is damaged: page 7"),
        (asyncpg.UndefinedTableError("no entry\nmore"), StorageError, "no entry"),
    ],
)
def test_what_a_failure_at_the_start_means(error: Exception, kind: type[Exception], words: str):
    found = told_at_start(WHERE, error)
    assert type(found) is kind
    assert words in str(found)
    assert "geheim" not in str(found)
    assert "\n" not in str(found)


def test_while_the_server_runs_every_failure_is_one_of_storage():
    for error in (asyncpg.InvalidPasswordError("no"), asyncpg.InsufficientPrivilegeError("no"), ValueError("x")):
        assert isinstance(told(WHERE, error), StorageError)


async def test_a_database_that_was_not_reached_is_not_asked_again_at_once(postgres_dsn: str, monkeypatch):
    links = await Links.open(Address(postgres_dsn))
    try:
        links.away(ConnectionRefusedError(111, "refused"))
        with pytest.raises(Unreachable, match="refused"):
            await links.borrowed().__aenter__()
        await asyncio.sleep(postgresql_links.AWAY_S)
        async with links.borrowed() as connection:
            assert await connection.fetchval("select 1") == 1
    finally:
        await links.close()


async def test_that_a_database_went_and_came_back_is_a_line_each(postgres_dsn: str, monkeypatch):
    monkeypatch.setattr(postgresql_links, "AWAY_S", 0.0)
    links = await Links.open(Address(postgres_dsn))
    try:
        with structlog.testing.capture_logs() as lines:
            for _ in range(2):
                for _ in range(3):
                    assert "refused" in str(links.away(ConnectionRefusedError(111, "refused")))
                for _ in range(3):
                    async with links.borrowed() as connection:
                        await connection.fetchval("select 1")
    finally:
        await links.close()
    away = {"event": "the database is away; it is tried again", "log_level": "warning"}
    back = {"event": "the database is back", "log_level": "warning"}
    address = str(links.address)
    told_once = [{**away, "error": f"{address} cannot be reached: refused"}, {**back, "address": address}]
    assert lines == told_once * 2


async def test_whoever_fails_does_not_bring_a_database_back(postgres_dsn: str, monkeypatch):
    monkeypatch.setattr(postgresql_links, "AWAY_S", 0.0)
    links = await Links.open(Address(postgres_dsn))
    try:
        links.away(ConnectionRefusedError(111, "refused"))
        with structlog.testing.capture_logs() as lines, pytest.raises(asyncpg.PostgresError):
            async with links.borrowed() as connection:
                await connection.fetchval("select 1/0")
    finally:
        await links.close()
    assert lines == []


async def fail_in_a_transaction(links: Links, failure: BaseException) -> None:
    async with links.borrowed(writes=True) as connection:
        await connection.execute("begin")
        await connection.execute("create table left_over ()")
        raise failure


async def test_a_connection_that_may_be_in_the_middle_of_something_is_not_lent_again(postgres_dsn: str):
    links = await Links.open(Address(postgres_dsn))
    try:
        for failure in (ValueError("a row"), KeyboardInterrupt()):
            with pytest.raises(type(failure)):
                await fail_in_a_transaction(links, failure)
        async with links.borrowed(writes=True) as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("select to_regclass('left_over')") is None
    finally:
        await links.close()


async def test_a_failure_of_one_question_keeps_the_connection(postgres_dsn: str):
    links = await Links.open(Address(postgres_dsn))
    try:
        async with links.borrowed(writes=True) as connection:
            first = await connection.fetchval("select pg_backend_pid()")
        with pytest.raises(asyncpg.UndefinedTableError):
            async with links.borrowed(writes=True) as connection:
                await connection.execute("select * from nowhere")
        async with links.borrowed(writes=True) as connection:
            assert await connection.fetchval("select pg_backend_pid()") == first
    finally:
        await links.close()


async def test_every_connection_has_its_limits(postgres_dsn: str):
    links = await Links.open(Address(postgres_dsn))
    try:
        for writes, seconds in ((True, postgresql_links.WRITE_S), (False, postgresql_links.READ_S)):
            async with links.borrowed(writes=writes) as connection:
                assert await connection.fetchval("show statement_timeout") == f"{seconds:.0f}s"
                assert await connection.fetchval("show idle_in_transaction_session_timeout") == f"{seconds:.0f}s"
                assert await connection.fetchval("show application_name") == "mock-ofd"
                assert await connection.fetchval("show lock_timeout") == (f"{LOCK_S:.0f}s" if writes else "0")
    finally:
        await links.close()


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda dsn: dsn.replace(QUOTED, "wrong"), ConfigurationError, "password authentication failed"),
        (lambda dsn: dsn.replace("/ledger_", "/no_ledger_"), ConfigurationError, "does not exist"),
        (lambda dsn: dsn + "?sslmode=require", Unreachable, "rejected SSL upgrade"),
        (lambda dsn: dsn + "?sslmode=quatsch", ConfigurationError, "`sslmode` parameter must be one of"),
        (lambda dsn: dsn + "?no_such_setting=1", ConfigurationError, "unrecognized configuration parameter"),
    ],
    ids=["password", "database", "tls", "sslmode", "option"],
)
async def test_what_is_wrong_is_found_at_the_start(postgres_dsn: str, change, kind, words: str):
    with pytest.raises(kind, match=words) as found:
        await Links.open(Address(change(postgres_dsn)))
    assert QUOTED not in str(found.value)
    assert "s3cret" not in str(found.value)


async def test_a_server_that_ended_is_unreachable(postgres: Postgres):
    with pytest.raises(Unreachable, match="cannot be reached"):
        await Links.open(Address(postgres.dsn("ledger", port=free_port())))
