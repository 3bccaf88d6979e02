"""Recording, switched while the operator runs: who is heard, what is kept, and what a reset goes back to."""

import pytest

from fiscal.errors import InvalidValue
from ofd_server.config import RECORDABLE_MAX
from tests.ofd_server.gateways.http.test_links import native
from tests.ofd_server.harness.test_recording import LATE
from tests.ofd_server.site import Site

TRAFFIC = "/control/traffic"


async def switched(site, limit):
    reply = await site.ask("PUT", TRAFFIC, json={} if limit is None else {"record": limit})
    assert reply.status == 200, reply.body
    return reply.json


def kinds(site):
    return [frame.what for frame in site.ofd.received]


async def test_it_is_switched_on_and_off_while_the_operator_runs():
    async with Site(record=0) as site:
        assert (await site.get(TRAFFIC)).status == 409
        async with native(site, "kkm-1") as before:
            assert await switched(site, None) == {"record": 10_000, "kept": 0, "forgotten": 0}
            await before.sell(1)
            assert kinds(site) == []  # a connection is heard from its opening on
            async with native(site, "kkm-2") as till:
                await till.sell(1)
                await site.hello("kkm-3")
                assert kinds(site) == ["hello", "welcome", "document", "accepted", "hello", "welcome"]
                off = await switched(site, 0)
                assert off["record"] == 0
                assert off["kept"] > 6
                await till.sell(2)
                await site.hello("kkm-4")
                async with native(site, "kkm-5"):
                    assert len(kinds(site)) == 6  # what was recorded stays
                refused = await site.get(f"{TRAFFIC}/wait")
                assert (refused.status, refused.error["code"]) == (409, "not_recorded")
                await switched(site, 100)
                async with native(site, "kkm-6"):
                    assert kinds(site)[6:] == ["hello", "welcome"]


async def test_a_smaller_limit_forgets_the_oldest():
    async with Site() as site, native(site) as till:
        for number in range(1, 6):
            await till.sell(number)
        assert await switched(site, 2) == {"record": 2, "kept": 2, "forgotten": 11}
        await till.sell(6)
        assert kinds(site) == ["document", "accepted"]


async def test_who_is_connected_goes_on_being_heard_when_all_is_forgotten():
    async with Site() as site, native(site) as till:
        await site.ask("DELETE", TRAFFIC)
        await till.sell(1)
        assert kinds(site) == ["document", "accepted"]
        assert {frame.register_id for frame in site.ofd.received} == {"kkm-1"}


@pytest.mark.parametrize("setting", [0, 50])
async def test_a_reset_goes_back_to_the_setting(setting):
    async with Site(record=setting) as site:
        await switched(site, 7)
        await site.hello("kkm-1")
        await site.ofd.reset()
        assert site.ofd.harness.recording == setting
        assert (await site.get(TRAFFIC)).status == (200 if setting else 409)


async def test_faults_are_told_while_it_is_on():
    async with Site(record=0, faults=LATE) as site:
        await switched(site, 100)
        async with native(site) as till:
            await till.sell(1)
            await till.sell(2)
            struck = [fault.name for frame in site.ofd.received for fault in frame.faults]
            assert struck == ["late", "late"]
            kept = (await switched(site, 0))["kept"]
            site.ofd.inflict(LATE)
            await till.sell(3)
            await till.sell(4)
            assert (await switched(site, 0))["kept"] == kept


async def test_the_limit_has_a_limit():
    async with Site(record=0) as site:
        reply = await site.ask("PUT", TRAFFIC, json={"record": RECORDABLE_MAX + 1})
        assert (reply.status, reply.error["field"]) == (400, "record")
        with pytest.raises(InvalidValue, match="must be 0 to 1000000"):
            site.ofd.record(RECORDABLE_MAX + 1)
        assert await switched(site, 0) == {"record": 0, "kept": 0, "forgotten": 0}
