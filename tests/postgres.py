"""A real PostgreSQL for tests: made in a folder of its own, on a free port of the loopback, gone with its owner.

The rule: it is started when the first test asks for it, once in each process of the run; every test gets a database of
its own. The server that tests share has its folder in memory where there is one; whoever ends a server in the middle has
one of his own, on the disk. All of them flush their commits (``fsync``). Where there are no programs of
PostgreSQL the test is skipped, or fails when services are demanded (``REQUIRE_SERVICES=1``).
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.ports import free_port

PASSWORD: Final = "s3cret/&:@"
"""A password with everything in it that an address must not take for something else."""
QUOTED: Final = "s3cret%2F%26%3A%40"
USER: Final = "operator"
START_S: Final = 60.0
"""How long a server may take to answer on a machine that has other things to do."""
MEMORY_MIN: Final = 4 << 30
"""Bytes that a folder in memory must have free: a database takes 8 MB, and a run of all tests makes some hundreds."""
PLACES: Final = ("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "opt/homebrew/opt/postgresql*/bin")
"""Where packages put the programs that they leave out of the path."""
ACCOUNTS: Final = ("postgres", "nobody")
"""Who runs the server when the tests are run by root, whom it refuses."""

_databases = itertools.count(1)


def installed_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: that of the variable PG_BIN, or the newest there is."""
    named = os.environ.get("PG_BIN")
    if named is not None:
        return Path(named)
    installed = sorted((found for place in PLACES for found in Path("/").glob(place)), key=_major)
    on_path = [Path(found).parent for name in ("initdb",) if (found := shutil.which(name)) is not None]
    folders = (*reversed(installed), *on_path)
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


def programs() -> Path:
    """The same, for a test, which is skipped without them, or fails when services are demanded."""
    found = installed_programs()
    if found is not None:
        return found
    reason = "no PostgreSQL: install Debian's postgresql, or name the folder of its programs in the variable PG_BIN"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _as_somebody(folder: Path) -> list[str]:
    """What stands in front of a command so that it does not run as root, and the folder given to that account."""
    if os.name != "posix" or os.geteuid() != 0:
        return []
    import pwd  # noqa: PLC0415 - Windows has none

    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]
    pytest.skip("PostgreSQL does not run as root, and there is no other account to run it")


class Postgres:
    """One server. ``start`` and ``stop`` may follow each other: its data stay until ``remove``."""

    def __init__(self, *settings: str, where: Path | None = None) -> None:
        self.programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="mock-ofd-pg-", dir=where))
        self.data = self.folder / "data"
        self.port = free_port()
        self._settings = settings
        self._before = _as_somebody(self.folder)
        self._process: subprocess.Popen[bytes] | None = None
        word = self.folder / "password"
        word.write_text(PASSWORD, "utf-8")
        word.chmod(0o644)
        self._run(
            "initdb", "-D", str(self.data), "-U", USER, f"--pwfile={word}", "-A", "scram-sha-256", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._before, str(self.programs / program), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stdout}"

    def start(self) -> None:
        """Run it, and wait until it answers."""
        assert self._process is None, "it runs already"
        words = ["listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=", *self._settings]
        options = list(itertools.chain.from_iterable(("-c", word) for word in words))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._before, str(self.programs / "postgres"), "-D", str(self.data), *options],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < end:
            if self._answers():
                return
            time.sleep(0.05)
        told = (self.folder / "log").read_text("utf-8", "replace")
        self.stop(signal.SIGQUIT)
        raise AssertionError(f"PostgreSQL did not start:\n{told[-4000:]}")

    def _answers(self) -> bool:
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        return subprocess.run(ready, check=False).returncode == 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT at once and cleanly, SIGQUIT as a crash does it."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait()

    @property
    def pid(self) -> int:
        """The process that all others of the server belong to."""
        assert self._process is not None
        return self._process.pid

    def cpu_seconds(self) -> float:
        """Processor time of its processes that are there now, as /proc tells it."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text("utf-8").rpartition(")")[2].split()
                if int(fields[1]) == self.pid:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def remove(self) -> None:
        """End it and throw its data away."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str, *, port: int | None = None) -> str:
        """The address of a database, as ``--storage`` takes it; ``port`` is that of somebody in between."""
        return f"postgresql://{USER}:{QUOTED}@127.0.0.1:{port or self.port}/{database}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"ledger_{os.getpid()}_{next(_databases)}"
        self.execute(f"create database {name}")
        return self.dsn(name)

    def drop(self, dsn: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        self.execute(f"drop database {dsn.rpartition('/')[2]} with (force)")

    async def new_database(self) -> str:
        """The same, from a test that runs in a loop."""
        return await asyncio.to_thread(self.database)

    def execute(self, *statements: str, dsn: str | None = None) -> None:
        """Statements by the superuser, one after the other; from a test without a loop of its own."""
        asyncio.run(self._execute(statements, dsn or self.dsn("postgres")))

    async def _execute(self, statements: Sequence[str], dsn: str) -> None:
        import asyncpg  # noqa: PLC0415 - every run of tests loads this module

        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_postgres(*settings: str, where: Path | None = None) -> Iterator[Postgres]:
    """A server of one's own, for whoever ends it in the middle; ``settings`` as ``name=value``."""
    server = Postgres(*settings, where=where)
    try:
        server.start()
        yield server
    finally:
        server.remove()


class Elsewhere(Postgres):
    """A server, or another engine that speaks its protocol, that was started by somebody else."""

    def __init__(self, dsn: str) -> None:
        self._server, _, self._database = dsn.rpartition("/")
        self.port = urlsplit(dsn).port or 5432

    def dsn(self, database: str, *, port: int | None = None) -> str:
        return f"{self._server}/{self._database if database == 'postgres' else database}"

    def drop(self, dsn: str) -> None:
        """As every engine can."""
        self.execute(f"drop database {dsn.rpartition('/')[2]}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this process's tests; the variable TEST_POSTGRES_DSN names one that is there."""
    elsewhere = os.environ.get("TEST_POSTGRES_DSN")
    if elsewhere is not None:
        yield Elsewhere(elsewhere)
        return
    with running_postgres("max_connections=200", "log_min_messages=fatal", where=_in_memory()) as server:
        yield server


def _in_memory() -> Path | None:
    """A folder in memory with room for the databases of many tests, which then wait for no disk that others use."""
    folder = Path("/dev/shm")
    is_there = folder.is_dir() and shutil.disk_usage(folder).free > MEMORY_MIN
    return folder if is_there else None


@pytest.fixture
def postgres_dsn(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    dsn = postgres.database()
    yield dsn
    postgres.drop(dsn)
