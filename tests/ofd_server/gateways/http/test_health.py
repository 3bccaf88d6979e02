"""Alive, ready, and what is counted."""

import pytest

from fiscal.domain.document import Delivery
from fiscal.errors import StorageError
from ofd_server.ports import JournalBroken
from tests.documents import receipt
from tests.ofd_server.site import Site


async def test_alive_and_ready():
    async with Site() as site:
        assert (await site.get("/healthz")).json == {"status": "alive"}
        ready = await site.get("/readyz")
        assert (ready.status, ready.json) == (200, {"status": "ready", "reasons": []})


async def unready(site, reason):
    reply = await site.get("/readyz")
    assert (reply.status, reply.json["status"]) == (503, "unready")
    assert reason in reply.json["reasons"]
    assert (await site.get("/healthz")).status == 200


async def test_not_ready_without_a_ledger_that_can_be_written():
    async with Site() as site:
        answers = [False, StorageError("gone")]

        async def is_writable():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        site.ofd.journal.is_writable = is_writable
        await unready(site, "the ledger cannot be written")
        await unready(site, "the ledger cannot be asked")


async def test_not_ready_with_a_broken_ledger_which_still_can_be_read():
    async with Site() as site:
        await site.registered()
        await site.sold()

        async def broken(*_given):
            raise JournalBroken("fsync failed")

        site.ofd.journal.commit = broken
        reply = await site.submit("kkm-1", receipt(2))
        assert (reply.status, reply.json["result"]) == (503, "try_later")
        await unready(site, "the ledger is broken")
        await site.ofd.broken()
        assert len((await site.get("/api/v1/documents")).json["items"]) == 1


async def test_not_ready_when_a_listener_is_gone():
    async with Site() as site:
        site.ofd._native.stop_accepting()
        await unready(site, "native is not listening")


async def test_a_server_without_the_native_protocol_is_ready():
    async with Site(native="off") as site:
        assert (await site.get("/readyz")).status == 200


@pytest.mark.parametrize(
    "line",
    [
        'mock_ofd_answers_total{outcome="accepted"} 2.0',
        'mock_ofd_answers_total{outcome="refused"} 1.0',
        'mock_ofd_answers_total{outcome="welcome"} 1.0',
        'mock_ofd_answer_seconds_bucket{le="5.0"} 4.0',
        "mock_ofd_commit_decisions_count 3.0",
        "mock_ofd_autonomous_documents_total 1.0",
        "mock_ofd_late_answers_total 0.0",
        "mock_ofd_open_sessions 0.0",
        "mock_ofd_viewers 0.0",
        "mock_ofd_http_connections 1.0",
        "mock_ofd_native_connections 0.0",
        'mock_ofd_build_info{version="0.1.0"} 1.0',
    ],
)
async def test_figures(line):
    async with Site() as site:
        await site.registered()
        await site.sold()
        await site.sold(delivery=Delivery(autonomous=True, autonomous_sign=1))
        await site.submit("kkm-1", receipt(9))
        reply = await site.get("/metrics")
        assert reply.headers["Content-Type"].startswith("text/plain")
        assert line in reply.text.splitlines()
