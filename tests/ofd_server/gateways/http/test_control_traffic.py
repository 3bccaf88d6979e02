"""Traffic over the control API: pages without gaps, filters, and which fault struck which frame."""

import asyncio
import json

import pytest

from tests.ofd_server.gateways.http.test_links import native
from tests.ofd_server.site import TOKEN, WAIT_S, Site

TRAFFIC = "/control/traffic"
DELAY = {"at": "after_commit", "effects": [{"kind": "delay", "ms": 1}], "when": {"command": "document", "nth": 2}}


async def sold(site, register="kkm-1", count=2):
    async with native(site, register) as client:
        for number in range(1, count + 1):
            await client.sell(number)


async def test_frames_in_words_and_why_a_fault_struck():
    async with Site() as site:
        await site.ask("PUT", "/control/faults/late", json=DELAY)
        await sold(site)
        page = (await site.get(f"{TRAFFIC}?protocol=native")).json
        frames = [item for item in page["items"] if item["record"] == "frame"]
        assert [(frame["direction"], frame["what"]) for frame in frames] == [
            ("in", "hello"),
            ("out", "welcome"),
            ("in", "document"),
            ("out", "accepted"),
            ("in", "document"),
            ("out", "accepted"),
        ]
        assert [len(frame["faults"]) for frame in frames] == [0, 0, 0, 0, 1, 1]
        (fault,) = frames[-1]["faults"]
        assert (fault["name"], fault["point"], fault["effects"]) == ("late", "after_commit", ["delay (ms 1)"])
        assert "occurrence 2" in fault["why"]
        (struck,) = [item for item in page["items"] if item["record"] == "fault"]
        assert struck["fault"] == fault
        assert page["items"][0]["record"] == "opened"
        assert page["items"][0]["peer"]


async def test_no_secret_is_shown_unasked():
    async with Site() as site:
        await sold(site, count=1)
        shown = await site.get(TRAFFIC)
        assert TOKEN not in shown.text
        assert TOKEN.encode().hex() not in shown.text
        assert TOKEN.encode().hex() in (await site.get(f"{TRAFFIC}?raw=yes")).text


async def test_pages_have_no_gap_and_nothing_twice():
    async with Site() as site:
        await sold(site, count=3)
        whole = (await site.get(TRAFFIC)).json
        seen, after = [], 0
        for _ in range(len(whole["items"])):
            page = (await site.get(f"{TRAFFIC}?after={after}&limit=2")).json
            seen += page["items"]
            after = page["next"]
        assert seen == whole["items"]
        assert after == whole["next"] == whole["items"][-1]["seq"]
        assert (await site.get(f"{TRAFFIC}?after={after}")).json["items"] == []


async def test_filters():
    async with Site() as site:
        await site.ask("PUT", "/control/faults/late", json=DELAY)
        await sold(site, "kkm-1")
        await sold(site, "kkm-2", count=1)

        async def asked(query):
            return (await site.get(f"{TRAFFIC}?protocol=native&{query}")).json["items"]

        assert {item["register"] for item in await asked("register=kkm-2")} == {"kkm-2"}
        assert {item["what"] for item in await asked("what=document")} == {"document"}
        assert len(await asked("struck=yes")) == 2
        assert await asked("register=nobody") == []
        assert (await site.get(f"{TRAFFIC}?protocol=kz")).json["items"] == []


async def test_as_lines():
    async with Site() as site:
        await sold(site, count=1)
        reply = await site.get(f"{TRAFFIC}?form=jsonl")
        assert reply.headers["Content-Type"] == "application/jsonl"
        lines = [json.loads(line) for line in reply.text.splitlines()]
        assert {"recording": 1, "protocol": "native", "secrets": False}.items() <= lines[0].items()
        items = (await site.get(TRAFFIC)).json["items"]
        assert [line["seq"] for line in lines[1:]] == [item["seq"] for item in items]
        assert [line.get("fields") for line in lines[1:]] == [item.get("fields") for item in items]
        more = await site.get(f"{TRAFFIC}?form=jsonl&after={lines[-2]['seq']}")
        assert len(more.text.splitlines()) == 2
        assert TOKEN.encode().hex() in (await site.get(f"{TRAFFIC}?form=jsonl&raw=yes")).text


async def test_bytes_that_are_no_frame_say_why():
    async with Site() as site:
        host, port = site.ofd.native_address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.read()
        writer.close()
        (frame,) = [each for each in (await site.get(TRAFFIC)).json["items"] if each.get("direction") == "in"]
        assert frame["what"] == ""
        assert frame["error"]


async def test_what_was_forgotten_is_said():
    async with Site(record=3) as site:
        await sold(site, count=3)
        page = (await site.get(TRAFFIC)).json
        assert len(page["items"]) == 3
        assert page["forgotten"] == page["items"][0]["seq"] - 1


async def test_a_place_from_before_everything_was_forgotten_begins_anew():
    async with Site() as site:
        await sold(site, count=3)
        end = (await site.get(TRAFFIC)).json["next"]
        assert (await site.ask("DELETE", TRAFFIC)).json == {"items": [], "next": 0, "forgotten": 0}
        await site.hello("kkm-9")
        await sold(site, "kkm-8", count=1)
        page = (await site.get(f"{TRAFFIC}?after={end + 100}")).json
        assert page["items"][0]["seq"] == 1


async def waited(site, query):
    reply = await site.get(f"{TRAFFIC}/wait?protocol=native&what=document&{query}")
    assert reply.status == 200, reply.body
    return reply.json


async def test_waiting_ends_when_enough_has_passed():
    async with Site() as site:
        waiting = asyncio.create_task(waited(site, f"count=2&within_s={WAIT_S}"))
        async with native(site, "kkm-1") as client:
            await client.sell(1)
            await asyncio.sleep(0.05)
            assert not waiting.done()
            await client.sell(2)
        page = await waiting
        assert page["met"] is True
        assert [item["fields"]["document"]["number"] for item in page["items"]] == [1, 2]
        # What is there already is not waited for; a place in the traffic is where it begins.
        assert (await waited(site, "count=2"))["met"] is True
        assert (await waited(site, f"after={page['next']}&within_s=0.05"))["met"] is False


async def test_frames_that_a_fault_strikes_later_are_counted():
    async with Site() as site:
        await site.ask("PUT", "/control/faults/late", json=DELAY)
        waiting = asyncio.create_task(waited(site, f"struck=yes&within_s={WAIT_S}"))
        await asyncio.sleep(0.02)
        await sold(site)
        (frame,) = (await waiting)["items"]
        assert frame["faults"][0]["name"] == "late"


async def test_waiting_ends_with_the_operator():
    async with Site() as site:
        waiting = asyncio.create_task(waited(site, "within_s=60"))
        await asyncio.sleep(0.05)
        await site.ofd.stop()
        assert (await waiting)["met"] is False


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_operator_that_records_nothing_says_how_it_would(method):
    async with Site(record=0) as site:
        reply = await site.ask(method, TRAFFIC)
        assert (reply.status, reply.error["code"]) == (409, "not_recorded")
        assert "--record" in reply.error["text"]
