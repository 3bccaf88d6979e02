"""The views in a terminal of 80 columns and 24 lines, over a whole operator on the loopback."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.protocols.rest.codec import MediaType, serialize_request
from mock_ofd.watch import overview, register
from mock_ofd.watch.app import WatchApp
from mock_ofd.watch.marks import NOT_HELD
from mock_ofd.watch.source import Event, Source
from tests.documents import T0
from tests.ofd_server.site import Site

WAIT_S = 10.0


class Watcher:
    """A watcher and what stands on its screen."""

    def __init__(self, app, pilot):
        self.app = app
        self.pilot = pilot

    @property
    def lines(self):
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self):
        return "\n".join(self.lines)

    def line_of(self, word):
        return next((line for line in self.lines if word in line), "")

    async def sees(self, *words, not_=()):
        """Wait until all of these words are there, and none of those."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not all(word in self.text for word in words) or any(word in self.text for word in not_):  # noqa: ASYNC110 - a screen tells nobody
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"{words} without {not_} do not come:\n{self.text}")

    async def press(self, *keys):
        await self.pilot.press(*keys)


@asynccontextmanager
async def watching(url, size=(80, 24), token=None):
    app = WatchApp(Source(url, token))
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Watcher(app, pilot)


async def fleet(site, count):
    for number in range(1, count + 1):
        await site.registered(f"kkm-{number}")


async def report(site, register="kkm-1", **given):
    told = ReportStatus(**{"unsent": 3, "mode": RegisterMode.AUTONOMOUS, "oldest_unsent_at": T0 - 60_000, **given})
    reply = await site.command(register, "status", serialize_request(told, MediaType.JSON))
    assert reply.json["result"] == "noted", reply.body


# ------------------------------------------------------------------------------------------------------------- fleet


async def test_the_fleet_and_its_figures():
    async with Site() as site:
        await fleet(site, 3)
        await site.sold("kkm-1")
        await site.sold("kkm-1")
        await site.post("/api/v1/registers/kkm-3/block", json={})
        async with watching(site.url) as seen:
            await seen.sees("3 registers", "2 documents", "● online 1", "× blocked 1", "○ silent 1")
            assert site.url in seen.lines[0]
            assert seen.line_of("kkm-1 ").split()[:4] == ["●", "kkm-1", "online", "2"]
            assert seen.line_of("kkm-2 ").split()[:5] == ["○", "kkm-2", "silent", "0", "unknown"]
            assert seen.line_of("kkm-3 ").split()[:3] == ["×", "kkm-3", "blocked"]
            await seen.sees("quit")
            assert all(len(line) == 80 for line in seen.lines)


async def test_what_changes_is_seen():
    async with Site() as site:
        await fleet(site, 2)
        async with watching(site.url) as seen:
            await seen.sees("○ silent 2")
            await site.sold("kkm-2")
            await seen.sees("1 documents", "● online 1")
            await report(site, "kkm-1")
            await seen.sees("3 waiting", "► sending 1", "1 min 0 s")
            await site.registered("kkm-9")
            await seen.sees("kkm-9")
            await site.ask("DELETE", "/api/v1/registers/kkm-9")
            await seen.sees("2 registers", not_=["kkm-9"])


async def test_states_and_search():
    async with Site() as site:
        await fleet(site, 12)
        await site.sold("kkm-12")
        async with watching(site.url) as seen:
            await seen.sees("kkm-12", "kkm-3 ")
            await seen.press("f")
            await seen.sees("kkm-12", "»● online 1«", not_=["kkm-3 "])
            await seen.press("f")
            await seen.sees("»▲ autonomous 0«", not_=["kkm-12"])
            await seen.press("escape")
            await seen.sees("kkm-3 ", not_=["»"])
            await seen.press("slash", "1", "1")
            await seen.sees("kkm-11", not_=["kkm-12"])
            await seen.press("enter")
            assert seen.app.focused is not None
            assert seen.app.focused.id == "registers"
            await seen.press("escape")
            await seen.sees("kkm-12")


async def test_thousands_of_registers_and_the_way_through_them():
    async with Site() as site:
        for number in range(1, 301):
            await site.post("/api/v1/registers", json={"id": f"kkm-{number:03}"})
        async with watching(site.url) as seen:
            await seen.sees("300 registers", "kkm-001")
            await seen.press("end")
            await seen.sees("kkm-300", not_=["kkm-001"])
            await seen.press("up", "up", "enter")
            await seen.sees("register kkm-298")
            await seen.press("escape")
            await seen.sees("kkm-300")
            await seen.press("home", "pagedown", "j", "enter")
            await seen.sees("register kkm-0")
            number = int(seen.line_of("register kkm-").split("kkm-")[1][:3])
            assert number > 10
            await seen.press("escape", "home")
            await seen.sees("kkm-001")


async def test_a_board_of_lamps():
    async with Site() as site:
        await fleet(site, 45)
        await site.post("/api/v1/registers/kkm-41/block", json={})
        async with watching(site.url) as seen:
            await seen.sees("45 registers")
            await seen.press("g")
            await seen.sees("○ ○ ○ ○ ○")
            (line,) = (line for line in seen.lines if "× ○" in line)
            assert line.startswith("○ × ○"), "39 lamps on a line"
            await seen.press("down", "right", "right", "left", "enter")
            await seen.sees("register kkm-41")


async def test_parts_of_a_large_fleet(monkeypatch):
    monkeypatch.setattr("ofd_server.gateways.http.fleet.FleetQuery.model_fields", {})
    async with Site() as site:
        await fleet(site, 7)
        async with watching(site.url) as seen:
            await seen.sees("7 registers")
            view = seen.app.screen
            asked = []
            whole = view.source.get

            async def get(path, **query):
                asked.append(query["after"])
                return await whole(path, limit=3, **query)

            monkeypatch.setattr(view.source, "get", get)
            parts = await view._whole()
            assert asked == [0, 3, 6]
            assert [len(each["rows"]) for each in parts] == [3, 3, 1]


# ---------------------------------------------------------------------------------------------------------- register


@pytest.mark.requirement("S3-28", "S3-30")
async def test_a_register_and_its_documents():
    async with Site() as site:
        await site.registered()
        online = await site.sold()
        late = Delivery(autonomous=True, autonomous_sign=4711, period=1)
        autonomous = await site.sold(issued_at=T0 - 3_600_000, delivery=late)
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees(online["sign"], autonomous["sign"])
            assert {"✔✔", "–"} <= set(seen.line_of(online["sign"]).split())
            assert {"✔✔☁̸", "4711", "h"} <= set(seen.line_of(autonomous["sign"]).split())
            assert "it said   unknown" in seen.text
            await seen.sees("cash 200,00")
            sold = await site.sold()
            await seen.sees(sold["sign"], "cash 300,00", "3 documents")


async def test_the_registers_word_is_told_apart_from_ours():
    async with Site() as site:
        await site.registered()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees("operator  good", "it said   unknown")
            await report(site, stuck="bad_totals: total", since=T0 - 90_000, head=7, last_error="there is no answer")
            await seen.sees("it said   at ", "autonomous since", "3 waiting", "stuck     bad_totals: total")
            await seen.sees("document 7", "there is no answer")
            await site.post("/api/v1/registers/kkm-1/unpaid", json={})
            await seen.sees("operator  unpaid", "not paid")


async def test_keys_bend_the_link():
    async with Site(api_token="secret-of-the-operator") as site:
        await site.registered()

        async def link():
            return (await site.get("/api/v1/registers/kkm-1/link")).json

        async with watching(site.url, token="secret-of-the-operator") as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees("operator  good")
            for key, words, state in (
                ("c", "link: cut", {"state": "cut"}),
                ("s", "link: slow", {"state": "slow"}),
                ("r", "link: up", {"state": "up"}),
                ("l", "next answer is lost", {"lose_next_answer": True}),
                ("p", "unpaid", {"paid": False}),
                ("p", "link: up", {"paid": True}),
            ):
                await seen.press(key)
                await seen.sees(words)
                assert state.items() <= (await link()).items()
                seen.app.clear_notifications()


async def test_without_the_token_the_keys_say_so():
    async with Site(api_token="secret-of-the-operator") as site:
        await site.registered()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees("operator  good")
            await seen.press("c")
            await seen.sees("token")
            assert (await site.get("/api/v1/registers/kkm-1/link")).json["state"] == "up"


async def test_a_register_that_is_not_known():
    async with Site() as site:
        await site.registered()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.app.push_screen(register.RegisterScreen("nobody"))
            await seen.sees("no register 'nobody' is known")


def live(number, ticks, **given):
    facts = {"number": number, "kind": "receipt", "operation": "sell", "total": 5_000, "issued_at": T0, "sign": None}
    return {**facts, "cloud": False, "ticks": ticks, "autonomous_sign": None, **given}


@pytest.mark.requirement("S3-28", "S3-29")
async def test_a_register_that_calls_delivered_what_the_ledger_does_not_hold_is_shown_as_wrong(monkeypatch):
    status = {"mode": "autonomous", "since": T0, "unsent": 2, "head": 2, "attempts": 4, "last_error": "no connection"}
    async with Site() as site:
        await site.registered()
        held = await site.sold()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            get = seen.app.source.get

            async def lying(path, **query):
                if not path.startswith("live/"):
                    return await get(path, **query)
                documents = [live(3, 1, cloud=True), live(2, 2), live(1, 2, sign=held["sign"])]
                return {"status": {**status, "next_attempt_s": 2.5}, "documents": documents}

            monkeypatch.setattr(seen.app.source, "get", lying)
            await seen.press("enter")
            await seen.sees("document 2 tried 4 times (no connection), again in 2.5 s", f"document 2: {NOT_HELD}")
            rows = {line.split()[0]: line for line in seen.lines if " sell " in line}
            assert "✔✔" in rows["1"]
            assert "✔" in rows["2"]
            assert "✔✔" not in rows["2"]
            assert "✔☁̸" in rows["3"]
            assert "not yet" in rows["3"]
            await seen.press("home", "enter")
            await seen.sees("still in")


async def test_registers_in_the_operators_process_are_heard(monkeypatch):
    told: asyncio.Queue[Event] = asyncio.Queue()

    def word(unsent, **given):
        facts = {"register": "kkm-1", "mode": "autonomous", "connected": False, "oldest_unsent_at": None}
        return {**facts, "unsent": unsent, **given}

    async with Site() as site:
        await fleet(site, 2)
        async with watching(site.url) as seen:
            await seen.sees("2 registers")
            get, events = seen.app.source.get, seen.app.source.events
            now = [word(5)]

            async def getting(path, **query):
                return {"items": list(now)} if path == "live/registers" else await get(path, **query)

            async def telling(path, **query):
                if path == "live/events":
                    while True:
                        yield await told.get()
                async for event in events(path, **query):
                    yield event

            monkeypatch.setattr(seen.app.source, "get", getting)
            monkeypatch.setattr(seen.app.source, "events", telling)
            seen.app.screen.listen()
            await seen.sees("5 waiting", "▲ autonomous 1")
            told.put_nowait(Event("status", "", word(6)))
            await seen.sees("6 waiting")
            now[:] = [word(0, mode="online")]
            told.put_nowait(Event("gap", "", {}))
            await seen.sees("0 waiting", "● online 1", "▲ autonomous 0")


# ------------------------------------------------------------------------------------------------------------- paper


async def test_a_paper_and_its_history():
    async with Site() as site:
        await site.registered()
        answer = await site.sold()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees(answer["sign"])
            await seen.press("enter")
            await seen.sees(
                "document 1 of kkm-1",
                "ФИСКАЛЬНЫЙ ЧЕК. ПРОДАЖА",
                f"Фискальный признак                  {answer['sign']}",
            )
            await seen.press("end")
            await seen.sees("issued", "received", "committed")
            await seen.press("home", "w", "w")
            await seen.sees(f"Фискальный признак  {answer['sign']}")
            await seen.press("escape", "x")
            await seen.sees("X-report of kkm-1", "X-ОТЧЁТ")
            await seen.press("q")
            await seen.sees("operator  good")
            await seen.press("escape")
            await seen.sees("1 registers")


# --------------------------------------------------------------------------------------------- an operator that goes


async def test_it_says_when_the_operator_goes_and_goes_on_when_it_is_back(monkeypatch):
    for views in (overview, register):
        monkeypatch.setattr(views, "AGAIN_S", 0.05)
    async with Site() as site:
        await fleet(site, 2)
        address = site.ofd.http_address
        async with watching(site.url) as seen:
            await seen.sees("2 registers")
            await seen.press("enter")
            await seen.sees("operator  good")
            await site.ofd.stop()
            await seen.sees("NO OPERATOR", "operator  good")
            await seen.press("escape")
            await seen.sees("NO OPERATOR", "2 registers")
            async with Site(http=address) as again:
                await again.registered("kkm-7")
                await seen.sees("1 registers", "kkm-7", not_=["NO OPERATOR"])
                await again.sold("kkm-7")
                await seen.sees("1 documents")


async def test_no_operator_at_all():
    async with watching("http://127.0.0.1:1") as seen:
        await seen.sees("NO OPERATOR", "http://127.0.0.1:1")
        await seen.press("q")
    assert not seen.app.is_running


async def test_a_gap_is_no_loss(monkeypatch):
    async with Site() as site:
        await fleet(site, 2)
        async with watching(site.url) as seen:
            await seen.sees("2 registers")
            # A fleet that begins anew has other stamps: its viewers are told to read everything.
            site.ofd._fleet.close()
            await site.ofd._fleet.join()
            await site.registered("kkm-3")
            await seen.sees("3 registers", "kkm-3")


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_it_ends(key):
    async with Site() as site:
        async with watching(site.url) as seen:
            await seen.sees("0 registers")
            await seen.press(key)
        assert not seen.app.is_running
        assert site.ofd._feed.viewers == set()


async def test_it_ends_from_every_view():
    async with Site() as site:
        await site.registered()
        await site.sold()
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees("✔✔")
            await seen.press("enter")
            await seen.sees("ЧЕК")
            await seen.press("ctrl+c")
        assert not seen.app.is_running


async def test_narrow_and_wide_terminals():
    async with Site() as site:
        await fleet(site, 3)
        for size in ((40, 10), (200, 60)):
            async with watching(site.url, size=size) as seen:
                await seen.sees("kkm-3")
                assert {len(line) for line in seen.lines} == {size[0]}
                assert len(seen.lines) == size[1]
                await seen.press("g", "g", "enter")
                await seen.sees("register kkm-1")


async def test_the_whole_of_a_long_shift_can_be_seen(monkeypatch):
    monkeypatch.setattr(register, "PAGE_MAX", 30)
    monkeypatch.setattr(register, "SHOWN", 50)
    async with Site() as site:
        await site.registered("kkm-1")
        for _ in range(120):
            await site.sold("kkm-1")
        async with watching(site.url) as seen:
            await seen.sees("kkm-1")
            await seen.press("enter")
            await seen.sees("120 ")
            for key, oldest in (("home", 71), ("m", 21), ("m", 1)):
                await seen.press(key)
                async with asyncio.timeout(WAIT_S):
                    while min(seen.app.screen._shown) != oldest:  # noqa: ASYNC110 - a screen tells nobody
                        await asyncio.sleep(0.02)
            assert list(seen.app.screen._shown) == list(range(120, 0, -1))
            await seen.press("m")
            await seen.sees("these are all 120 documents")
