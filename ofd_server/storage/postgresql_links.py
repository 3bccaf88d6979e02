"""Connections to a PostgreSQL, and what each way of failing means to those who wait.

The rule: a database that is away is no broken ledger. Whoever asks meanwhile is told so at once, and the first who asks
when it is back is served; a line of the log says that it went, and another one that it came back. Everything has a time
limit, on both sides of the connection. No text ever holds a password.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final, Protocol

import asyncpg

from fiscal.errors import ConfigurationError, FiscalError, StorageCorrupt, StorageError
from ofd_server.defects import WatchedLog
from ofd_server.ports import Unreachable
from ofd_server.storage.addresses import FORM, Address

CONNECT_S: Final = 3.0
"""How long a connection may take to be made: less than a register waits for its answer."""
WRITE_S: Final = 4.0
"""What the server may spend on one statement of a commit: after 5 s nobody waits for the answer any more."""
READ_S: Final = 30.0
"""What the server may spend on reading: a page of a long ledger by a condition that no index helps with."""
LOCK_S: Final = 2.0
"""How long a commit waits for one register that somebody else holds: longer than a database takes to find a deadlock, and
then its batch is split, so that the others go on."""
GRACE_S: Final = 1.0
"""How much later than the server we give up: whoever is told by the server that it failed knows more."""
AWAY_S: Final = 0.5
"""How long a database that was not reached is not asked again: a batch that cannot be kept is told so at once."""
WRITERS_MAX: Final = 2
"""Connections that commit: the writer's, and one for whoever ends the last batch of a service meanwhile."""
READERS_MAX: Final = 8
"""Connections that read: registers that come back together are loaded side by side, and the database has other clients."""

GONE: Final = (
    OSError,
    EOFError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # it was ended between two questions, and asyncpg was about to hear of it
    asyncpg.PostgresConnectionError,
)
"""What asyncpg says when a connection cannot be made, is not there any more, or does not answer in time."""
_REFUSING: Final = (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.AdminShutdownError)
"""What a server says that is starting, ending or full: it is away as well."""
AWAY: Final = (*GONE, *_REFUSING, asyncpg.CrashShutdownError)


log = WatchedLog(__name__)


class Connection(Protocol):
    """What of asyncpg's connection is used here."""

    async def execute(self, query: str, *values: Any) -> str: ...
    async def executemany(self, query: str, values: Iterable[Sequence[Any]]) -> None: ...
    async def fetch(self, query: str, *values: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *values: Any) -> Any: ...
    async def fetchval(self, query: str, *values: Any) -> Any: ...
    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Sequence[Any]], columns: Sequence[str]
    ) -> str: ...
    def cursor(self, query: str, *, prefetch: int) -> Any: ...
    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False
    ) -> AbstractAsyncContextManager[None]: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def terminate(self) -> None: ...


class Links:
    """The pools of one ledger: few connections that commit, some more that read."""

    def __init__(self, address: Address, writing: Any, reading: Any) -> None:
        self.address = address
        self._writing = writing
        self._reading = reading
        self._away_until = 0.0
        self._away_because = ""
        """Why it is away; empty while it is not."""

    @classmethod
    async def open(cls, address: Address) -> Links:
        """Make the first connection of each kind, so that whatever is wrong is found at once.

        Raises :class:`ConfigurationError` for an address, user, password or database that is not right, and
        :class:`StorageError` when nobody answers.
        """
        try:
            writing = await _pool(address, WRITERS_MAX, WRITE_S, {"lock_timeout": f"{LOCK_S * 1e3:.0f}"})
            try:
                reading = await _pool(address, READERS_MAX, READ_S, {})
            except BaseException:
                writing.terminate()
                raise
        except (*AWAY, asyncpg.PostgresError, ValueError) as error:
            raise told_at_start(address, error) from error
        return cls(address, writing, reading)

    @asynccontextmanager
    async def borrowed(self, *, writes: bool = False) -> AsyncIterator[Connection]:
        """A connection; it is lent again only if nothing is left to do on it.

        Raises :class:`Unreachable` when there is none to be had.
        """
        if asyncio.get_running_loop().time() < self._away_until:
            raise Unreachable(self._away_because)
        pool = self._writing if writes else self._reading
        try:
            connection = await pool.acquire(timeout=CONNECT_S + GRACE_S)
        except (*AWAY, asyncpg.PostgresError) as error:
            raise self.away(error) from error
        try:
            yield connection
        except BaseException as error:
            with suppress(asyncpg.InterfaceError):  # it is gone already
                if not isinstance(error, _HARMLESS) or connection.is_in_transaction():
                    connection.terminate()
            raise
        finally:
            with suppress(*AWAY, asyncpg.PostgresError):  # what was done with it is done
                await pool.release(connection)
        if self._away_because:
            self._away_because = ""
            log.warning("the database is back", address=str(self.address))

    def away(self, error: BaseException) -> Unreachable:
        """Nobody is asked for a moment."""
        self._away_until = asyncio.get_running_loop().time() + AWAY_S
        because = str(told(self.address, error))
        if not self._away_because:
            log.warning("the database is away; it is tried again", error=because)
        self._away_because = because
        return Unreachable(because)

    async def forget(self) -> None:
        """Make every connection anew before it is lent again: one of them turned out to be gone."""
        await self._writing.expire_connections()
        await self._reading.expire_connections()

    async def close(self) -> None:
        """Let go of every connection, politely as long as the database listens."""
        for pool in (self._writing, self._reading):
            try:
                await asyncio.wait_for(pool.close(), GRACE_S / 2)
            except (*AWAY, asyncpg.PostgresError):
                pool.terminate()


_HARMLESS: Final = (asyncpg.PostgresError, FiscalError, ValueError, TypeError, LookupError, ArithmeticError)
"""After these a connection is as good as before, as long as no transaction is open."""


async def _pool(address: Address, size: int, seconds: float, more: Mapping[str, str]) -> Any:
    milliseconds = f"{seconds * 1e3:.0f}"
    return await asyncpg.create_pool(
        address.dsn,
        min_size=1,
        max_size=size,
        timeout=CONNECT_S,
        command_timeout=seconds + GRACE_S,
        init=_wait_for_the_disk,
        reset=_as_it_is,
        server_settings={
            "application_name": "mock-ofd",
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            **more,
        },
    )


async def _wait_for_the_disk(connection: Connection) -> None:
    """A database may be set to say "committed" before it is; nothing else of how it commits is ours to choose."""
    await connection.execute(
        "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit', true) = 'off'"
    )


async def _as_it_is(_connection: object) -> None:
    """What is lent is given back clean; asking the server to clean it would cost as much as a commit."""


def told_at_start(address: Address, error: BaseException) -> StorageError | ConfigurationError:
    """What a failure to connect means in words for a person: of the settings, or of what :func:`told` tells."""
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError():  # a wrong password is one of them
            return ConfigurationError(f"storage: {address} does not let {address.user or 'us'!r} in: {_line(error)}")
        case asyncpg.InsufficientPrivilegeError():
            text = "its user must own the tables of the ledger, or be allowed to make them"
            return ConfigurationError(f"storage: {address}: {_line(error)}: {text}")
        case (
            asyncpg.InvalidCatalogNameError()
            | asyncpg.UndefinedObjectError()
            | asyncpg.InvalidParameterValueError()
            | asyncpg.ClientConfigurationError()
        ):
            return ConfigurationError(f"storage: {address}: {_line(error)}")
        case FileNotFoundError():
            return ConfigurationError(f"storage: {address}: no such file: the socket or a certificate that it names")
        case ValueError():  # its text may quote a part of the password
            return ConfigurationError(f"storage: {FORM}")
        case _:
            return told(address, error)


def told(address: Address, error: BaseException) -> StorageError:
    """What a failure means in words for a person: of what is stored, or of a server that is away."""
    match error:
        case asyncpg.DataCorruptedError() | asyncpg.IndexCorruptedError():
            return StorageCorrupt(f"{address} is damaged: {_line(error)}")
        case TimeoutError():
            return Unreachable(f"{address} cannot be reached: it does not answer in time")
        case _ if isinstance(error, AWAY):
            return Unreachable(f"{address} cannot be reached: {_line(error)}")
        case _:
            return StorageError(f"{address}: {_line(error)}")


def _line(error: BaseException) -> str:
    """One line, without anything that a password could stand in."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0]


__all__ = ["AWAY", "GONE", "Address", "Connection", "Links", "told", "told_at_start"]
