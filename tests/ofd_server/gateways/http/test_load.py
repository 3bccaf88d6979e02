"""What waits ahead of the commit, as HTTP tells it."""

from fiscal.domain.document import Delivery
from fiscal.time import SECOND
from tests.documents import receipt
from tests.ofd_server.site import Site


async def test_the_queue_is_told_second_by_second():
    async with Site() as site:
        empty = (await site.get("/api/v1/load")).json
        assert empty == {
            "paced": True,
            "storm": False,
            "queue": 0,
            "rate": None,
            "waiting": 0,
            "put_off": 0,
            "seconds": [],
        }
        await site.hello()
        await site.submit("kkm-1", receipt(1))
        (second,) = (await site.get("/api/v1/load")).json["seconds"]
        assert second == {"at": site.clock.now() // SECOND * SECOND, "queue_peak": 1}
        metrics = (await site.get("/metrics")).text
        assert "mock_ofd_documents_ahead_peak 1.0" in metrics


async def test_an_operator_that_does_not_pace_tells_its_queue_too():
    async with Site(admission="none") as site:
        told = (await site.get("/api/v1/load")).json
        assert (told["paced"], told["storm"], told["waiting"]) == (False, False, 0)


async def test_a_rate_that_is_known_is_told():
    async with Site() as site:
        site.ofd.service.admission.committed(512, 10.0, 10.5, 600)
        assert (await site.get("/api/v1/load")).json["rate"] == 1_024.0


async def test_a_register_over_http_hears_when_to_come():
    async with Site() as site:
        await site.hello()
        site.ofd.service._committer._taken = 2_000
        reply = await site.submit("kkm-1", receipt(1), Delivery(autonomous=True, autonomous_sign=1, period=1))
        assert reply.status == 503
        assert reply.json["result"] == "try_later"
        assert int(reply.headers["Retry-After"]) == -(-reply.json["delay_ms"] // 1_000)
        told = (await site.get("/api/v1/load")).json
        assert (told["storm"], told["waiting"], told["put_off"]) == (True, 1, 1)
