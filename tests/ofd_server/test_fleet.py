"""The fleet at a glance: rows that follow the registers, stamps that miss nothing, and no cost while nobody looks."""

import asyncio

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.protocols.rest.codec import MediaType, serialize_request
from ofd_server import fleet as module
from ofd_server.core.fleet import HEARD_MS, Lamp
from ofd_server.fleet import Counts, Fleet
from tests.ofd_server.site import WAIT_S, Site


def fleet_of(site, counts=lambda: Counts(7, 1)):
    return Fleet(site.ofd.service, counts)


async def report(site, register_id, **given):
    body = serialize_request(ReportStatus(**{"unsent": 0, "mode": RegisterMode.ONLINE, **given}), MediaType.JSON)
    await site.command(register_id, "status", body)


def shown(fleet):
    return {row.id: (row.lamp, row.documents, row.waiting) for row in fleet.rows(0, 100)}


async def test_nobody_is_followed_before_somebody_looks_and_after_it_was_closed():
    async with Site() as site:
        fleet = fleet_of(site)
        before = len(site.ofd.service._observers)
        viewer = await fleet.join()
        assert len(site.ofd.service._observers) == before + 1
        await fleet.join()
        assert len(site.ofd.service._observers) == before + 1
        fleet.leave(viewer)
        epoch = fleet.epoch
        fleet.close()
        fleet.close()
        assert len(site.ofd.service._observers) == before
        assert fleet.epoch != epoch
        assert fleet.rows(0, 10) == []


async def test_what_was_there_and_what_happens():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.sold("kkm-1")
        fleet = fleet_of(site)
        await fleet.join()
        assert shown(fleet) == {"kkm-1": (Lamp.ONLINE, 1, 0)}
        await site.registered("kkm-2")
        await site.sold("kkm-2", delivery=Delivery(autonomous=True, autonomous_sign=5))
        await report(site, "kkm-1", mode=RegisterMode.BLOCKED, unsent=4, oldest_unsent_at=5)
        assert shown(fleet) == {"kkm-1": (Lamp.BLOCKED, 1, 4), "kkm-2": (Lamp.SENDING, 1, 0)}
        assert [row.place for row in fleet.rows(0, 10)] == [1, 2]
        assert [row.id for row in fleet.rows(1, 10)] == ["kkm-2"]
        assert (fleet.documents, fleet.waiting, fleet.size) == (2, 4, 2)
        assert fleet.lamps[Lamp.BLOCKED] == fleet.lamps[Lamp.SENDING] == 1
        assert sum(fleet.lamps.values()) == 2
        fleet.close()


async def test_documents_are_counted_from_the_first_that_the_operator_knows():
    async with Site() as site:
        await site.hello("kkm-1", accepted_number=40, accepted_shift=3, last_number=40, last_shift=3)
        fleet = fleet_of(site)
        await fleet.join()
        assert fleet.documents == 0
        fleet.close()


async def test_a_row_is_told_again_only_when_it_has_changed():
    async with Site() as site:
        for number in range(4):
            await site.registered(f"kkm-{number}")
        fleet = fleet_of(site)
        await fleet.join()
        stamp = fleet.stamp
        assert list(fleet.newer(stamp)) == []
        await site.sold("kkm-2")
        await site.sold("kkm-0")
        await site.sold("kkm-2")
        fleet.refresh()
        assert [row.id for row in fleet.newer(stamp)] == ["kkm-2", "kkm-0"] or {
            row.id for row in fleet.newer(stamp)
        } == {"kkm-0", "kkm-2"}
        assert len(list(fleet.newer(0))) == 4
        assert next(fleet.newer(stamp)).json == next(fleet.newer(stamp)).json
        fleet.close()


async def test_who_is_not_heard_of_is_silent_after_a_while():
    async with Site() as site:
        await site.registered("kkm-1")
        fleet = fleet_of(site)
        await fleet.join()
        await site.sold("kkm-1")
        assert shown(fleet)["kkm-1"][0] is Lamp.ONLINE
        site.clock.pass_(HEARD_MS / 1_000 + 1)
        fleet._take_second()
        assert shown(fleet)["kkm-1"][0] is Lamp.SILENT
        stamp = fleet.stamp
        fleet._take_second()
        assert fleet.stamp == stamp
        assert fleet.history[-1][1:] == (7, 1, 0, 1)
        fleet.close()


async def test_what_a_person_does_is_no_word_of_the_register():
    async with Site() as site:
        fleet = fleet_of(site)
        await fleet.join()
        await site.post("/api/v1/registers", json={"id": "kkm-1", "token": "token-of-it"})
        assert shown(fleet) == {"kkm-1": (Lamp.SILENT, 0, 0)}
        await site.post("/api/v1/registers/kkm-1/block")
        assert shown(fleet) == {"kkm-1": (Lamp.BLOCKED, 0, 0)}
        await site.ask("DELETE", "/api/v1/registers/kkm-1")
        assert shown(fleet) == {}
        assert [row.lamp for row in fleet.newer(0)] == [Lamp.REMOVED]
        fleet.close()


async def test_viewers_are_woken_when_something_is_new():
    async with Site() as site:
        fleet = fleet_of(site)
        viewer = await fleet.join()
        await site.registered("kkm-1")
        async with asyncio.timeout(WAIT_S):
            await viewer.wait()
        fleet.close()


async def test_after_the_last_viewer_it_is_followed_for_the_length_of_its_chart(monkeypatch):
    monkeypatch.setattr(module, "FRAME_S", 0.001)
    monkeypatch.setattr(module, "SECOND_S", 0.001)
    monkeypatch.setattr(module, "HISTORY_MAX", 3)
    async with Site() as site:
        fleet = fleet_of(site)
        fleet.leave(await fleet.join())
        async with asyncio.timeout(WAIT_S):
            while fleet._is_open:  # noqa: ASYNC110 - nobody is told that nobody looks
                await asyncio.sleep(0.001)
        assert not site.ofd.service._observers
        await fleet.join()
        assert fleet._is_open
        fleet.close()


async def test_a_ledger_that_cannot_be_asked_leaves_no_viewer_behind():
    async with Site() as site:
        fleet = fleet_of(site)

        async def fails():
            raise OSError("gone")

        kept, site.ofd.journal.registers = site.ofd.journal.registers, fails
        try:
            await fleet.join()
        except OSError:
            assert not fleet._viewers
        site.ofd.journal.registers = kept
        await fleet.join()
        assert fleet.rows(0, 1) == []
        fleet.close()
