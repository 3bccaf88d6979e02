"""The clock over the control API: it moves the documents' time and nothing else."""

import pytest

from fiscal.time import DAY, HOUR
from tests.ofd_server.site import Site

CLOCK = "/control/clock"


async def test_it_shows_moves_and_goes_back():
    async with Site() as site:
        wall = site.clock.wall
        shown = (await site.get(CLOCK)).json
        assert (shown["now"], shown["ahead_ms"]) == (wall, 0)
        assert shown["text"].endswith("Z")
        moved = await site.post(f"{CLOCK}/move", json={"days": 1, "hours": 2, "minutes": -60, "seconds": 0.5, "ms": 7})
        assert moved.json["ahead_ms"] == DAY + HOUR + 500 + 7
        assert (await site.post(f"{CLOCK}/move", json={"hours": -100})).json["ahead_ms"] < 0
        assert (await site.ask("PUT", CLOCK, json={"to": 1_767_250_800_000})).json["now"] == 1_767_250_800_000
        put = await site.ask("PUT", CLOCK, json={"to": "2026-01-01T12:00:00+05:00"})
        assert put.json["text"] == "2026-01-01T07:00:00.000Z"
        assert (await site.ask("DELETE", CLOCK)).json["now"] == wall


async def test_documents_are_judged_by_it():
    async with Site() as site:
        till = await site.registered()
        await site.sold()
        await site.post(f"{CLOCK}/move", json={"hours": 25})
        refused = await site.submit("kkm-1", till.sale(issued_at=site.ofd.clock.now()))
        assert refused.json["code"] == "shift_expired"


async def test_limits_run_on_a_clock_that_nobody_moves():
    async with Site() as site:
        before = site.ofd.clock.monotonic()
        await site.post(f"{CLOCK}/move", json={"days": 30})
        assert site.ofd.clock.monotonic() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", CLOCK, {"to": "yesterday"}, "to"),
        ("PUT", CLOCK, {"to": "2026-01-01T12:00:00"}, "to"),
        ("PUT", CLOCK, {"to": "0001-01-01T00:00:00+14:00"}, "to"),
        ("PUT", CLOCK, {"to": -1}, "to"),
        ("POST", f"{CLOCK}/move", {"days": -36_000}, ""),
        ("POST", f"{CLOCK}/move", {"days": 1e9}, "days"),
        ("POST", f"{CLOCK}/move", {"hours": "many"}, "hours"),
    ],
)
async def test_a_time_that_is_none(method, path, body, field):
    async with Site() as site:
        reply = await site.ask(method, path, json=body)
        assert (reply.status, reply.error["code"]) == (400, "bad_request")
        assert reply.error["field"].startswith(field)
        assert (await site.get(CLOCK)).json["ahead_ms"] == 0
