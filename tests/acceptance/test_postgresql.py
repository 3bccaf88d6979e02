"""An operator whose ledger is in a database: what a register is told while that is away, and when it is back."""

from __future__ import annotations

import asyncio
import json

import pytest

from ofd_server.app import OfdServer
from tests.documents import receipt
from tests.ofd_server.gateways.http.test_events import watching
from tests.ofd_server.site import Site
from tests.postgres import running_postgres

WAIT_S = 30.0


async def eventually_ready(site: Site) -> None:
    end = asyncio.get_running_loop().time() + WAIT_S
    while (await site.get("/readyz")).status != 200:
        await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() < end


async def test_a_database_that_goes_away_and_comes_back_is_no_end():
    with running_postgres() as database:
        async with Site(storage=await database.new_database()) as site:
            await site.registered()
            first = await site.sold()
            assert (await site.get("/readyz")).status == 200

            database.stop()
            for _ in range(2):
                put_off = await site.submit("kkm-1", receipt(2))
                assert put_off.status == 503, "try later"
            stranger = await site.submit("kkm-2", receipt(1))
            assert stranger.status >= 500
            unready = await site.get("/readyz")
            assert unready.status == 503
            assert unready.json["reasons"] == ["the ledger cannot be asked"]
            assert (await site.get("/healthz")).status == 200

            await asyncio.to_thread(database.start)
            await eventually_ready(site)
            again = await site.submit("kkm-1", receipt(1))
            assert (again.status, again.json["sign"]) == (200, first["sign"]), "the same sale has the same answer"
            second = await site.submit("kkm-1", receipt(2))
            assert (second.status, second.json["number"]) == (200, 2)


async def test_what_was_accepted_is_there_after_a_restart_of_the_operator(postgres_dsn: str):
    async with Site(storage=postgres_dsn) as site:
        await site.registered()
        answer = await site.sold()
    async with Site(storage=postgres_dsn) as site:
        again = await site.submit("kkm-1", receipt())
        assert (again.json["sign"], again.json["number"]) == (answer["sign"], 1)
        history = (await site.get("/api/v1/registers/kkm-1/documents/1")).json["history"]
        assert {"received", "decided", "committed", "answered", "resent"} <= {line["what"] for line in history}


async def test_the_ready_line_names_the_database_and_no_password(postgres_dsn: str):
    async with OfdServer(storage=postgres_dsn, http="off", kz="off") as ofd:
        line = ofd.ready_line()
        assert (line["durable"], line["storage"], line["data"]) == (True, "postgresql", None)
        assert line["database"].startswith("postgresql://operator@127.0.0.1:")
        assert "s3cret" not in json.dumps(line) + repr(ofd.settings)


async def test_a_viewer_who_comes_back_is_told_what_he_missed(postgres_dsn: str):
    """Places are far apart in a database; how many entries a viewer has missed is counted."""
    async with Site(storage=postgres_dsn) as site:
        await site.registered()
        await site.sold()
        async with watching(site, "?after=0") as stream:
            seen = [await stream.next() for _ in range(3)]
        assert [name for name, *_ in seen] == ["registered", "taken_over", "document"]
        await site.submit("kkm-1", receipt(2))
        async with watching(site, headers={"Last-Event-ID": str(seen[-1][1])}) as stream:
            name, place, told = await stream.next()
            assert (name, told["number"]) == ("document", 2)
            assert place > seen[-1][1]


@pytest.mark.parametrize("page", [1, 100])
async def test_documents_are_listed_in_pages(postgres_dsn: str, page: int):
    async with Site(storage=postgres_dsn) as site:
        await site.registered()
        for number in range(1, 5):
            await site.submit("kkm-1", receipt(number))
        found: list[int] = []
        query = f"?limit={page}"
        while True:
            told = (await site.get(f"/api/v1/documents{query}")).json
            found += [item["number"] for item in told["items"]]
            if told["next"] is None:
                break
            assert told["next"] < 2**53, "a script reads it as it is"
            query = f"?limit={page}&before={told['next']}"
        assert found == [4, 3, 2, 1]
