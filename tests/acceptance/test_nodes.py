"""Several operators on one PostgreSQL, as processes: whatever dies or breaks, the ledger is right afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from ofd_server.core.entries import TakenOver
from ofd_server.storage.postgresql import PostgresJournal
from tests.acceptance.nodes import PATIENCE_S, Node, Proxy, everything, judge, node, registers
from tests.postgres import Postgres


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not so():  # noqa: ASYNC110 - whatever is waited for has no event
            await asyncio.sleep(0.01)


async def ready(one: Node) -> tuple[int, list[str]]:
    """What /readyz says: its status and the reasons."""
    host, _, port = one.ready["http"].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)["reasons"]


async def test_two_nodes_that_hold_the_same_registers_at_once(postgres_dsn: str):
    sold = registers(6, 80, seed=1)
    async with node(postgres_dsn) as here, node(postgres_dsn) as there:
        addresses = [here.address, there.address]
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(register.deliver(lambda: addresses, stay=5) for register in sold))
    assert min(register.hops for register in sold) > 2
    await judge(postgres_dsn, sold)
    journal = await PostgresJournal.open(postgres_dsn)
    taken = [stored.entry.node for stored in await everything(journal) if isinstance(stored.entry, TakenOver)]
    await journal.close()
    assert len(set(taken)) == 2
    assert len(taken) > 2 * len(sold), "they went to and fro"


@pytest.mark.parametrize("fate", ["lose", "keep"])
async def test_a_node_that_is_killed_in_the_middle_of_a_commit(postgres: Postgres, postgres_dsn: str, fate: str):
    """Its COMMIT had just been sent: it arrives, or it does not; nobody is there to hear which."""
    sold = registers(6, 60, seed=2)
    async with Proxy(postgres.port) as proxy:
        through = postgres_dsn.replace(f":{postgres.port}/", f":{proxy.port}/")
        async with node(through) as doomed, node(postgres_dsn) as other:
            alive = [doomed.address, other.address]

            def at_commit() -> str:
                if proxy.commits < 8:
                    return "pass"
                doomed.kill()
                alive[:] = [other.address]
                return fate

            proxy.seen_commit = at_commit
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(register.deliver(lambda: alive) for register in sold))
            await until(lambda: not doomed.is_alive)
            assert doomed.process.returncode == -9
            assert other.is_alive
    await judge(postgres_dsn, sold)


async def test_the_link_to_the_database_is_cut_for_a_while(postgres: Postgres, postgres_dsn: str):
    sold = registers(6, 60, seed=3)
    async with Proxy(postgres.port) as proxy:
        through = postgres_dsn.replace(f":{postgres.port}/", f":{proxy.port}/")
        async with node(through) as cut_off, node(postgres_dsn) as other:
            addresses = [cut_off.address, other.address]
            delivering = asyncio.gather(*(register.deliver(lambda: addresses) for register in sold))
            await until(lambda: proxy.commits > 5)
            proxy.cut()
            status, reasons = await ready(cut_off)
            assert (status, reasons) == (503, ["the ledger cannot be asked"])
            assert (await ready(other))[0] == 200
            await asyncio.sleep(1.0)
            proxy.heal()
            async with asyncio.timeout(PATIENCE_S):
                await delivering
            later = registers(2, 10, seed=4)
            for register in later:
                register.id += "-later"
            async with asyncio.timeout(PATIENCE_S):  # the node that was cut off serves again, by itself
                await asyncio.gather(*(register.deliver(lambda: [cut_off.address]) for register in later))
            assert (await ready(cut_off))[0] == 200
            assert cut_off.is_alive
    await judge(postgres_dsn, sold + later)


@pytest.mark.parametrize("fate", ["lose", "keep"])
async def test_the_link_breaks_in_the_middle_of_commits(postgres: Postgres, postgres_dsn: str, fate: str):
    """Every third COMMIT of a node: whether it arrived, nobody hears but from the database itself."""
    sold = registers(6, 60, seed=5)
    broken = 0

    def every_third() -> str:
        nonlocal broken
        if proxy.commits % 3 or broken == 12:
            return "pass"
        broken += 1
        return fate

    async with Proxy(postgres.port) as proxy:
        through = postgres_dsn.replace(f":{postgres.port}/", f":{proxy.port}/")
        async with node(through) as shaken, node(postgres_dsn) as other:
            proxy.seen_commit = every_third
            addresses = [shaken.address, shaken.address, other.address]
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(register.deliver(lambda: addresses) for register in sold))
            assert shaken.is_alive
    assert broken > 3
    await judge(postgres_dsn, sold)
