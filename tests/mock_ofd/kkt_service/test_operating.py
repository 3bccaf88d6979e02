"""What looks after a register over HTTP: sending, deciding, what nobody got, the token, the power."""

import asyncio

import pytest

from fiscal.domain.messages import Hello, SubmitDocument
from tests.mock_ofd.kkt_service.till import Till, until


async def test_everything_that_waits_is_sent():
    async with Till() as till:
        till.shop.operator.down = True
        for _ in range(3):
            await till.sell()
        late = await till.post("/sync", {"timeout_s": 0.05})
        till.shop.operator.down = False
        synced = await till.post("/sync")
        assert till.shop.operator.numbers() == [1, 2, 3]
    assert late.failed == (503, "not_delivered")
    assert late.error["text"].startswith("3 documents wait")
    assert synced.json == {"sent": 3, "unsent": 0, "mode": "online"}


async def test_who_does_not_wait_for_the_sending_does_not_stop_it():
    async with Till() as till:
        till.shop.operator.down = True
        await till.sell()
        waiting = asyncio.create_task(till.post("/sync"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        till.shop.operator.down = False
        assert (await till.post("/sync")).json["unsent"] == 0


async def test_what_nobody_has_got_is_listed_until_it_is_dealt_with():
    async with Till() as till:
        await till.sell()
        till.shop.operator.delays[SubmitDocument] = 0.1
        leaving = asyncio.create_task(till.sell())
        await until(lambda: till.register.status().last_number == 2)
        leaving.cancel()
        await until(lambda: till.register.status().unsent == 0)
        (left,) = (await till.get("/unfinished")).json["items"]
        assert (await till.get("/status")).json["unfinished"] == [2]
        assert (await till.post("/unfinished", {"numbers": [2, 7]})).json == {"items": []}
        assert (await till.get("/status")).json["unfinished"] == []
    assert (left["number"], left["state"]) == (2, "delivered")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "retry", "by": " ", "why": "x"}, "by"),
        ({"decision": "retry", "by": "a", "why": "x" * 257}, "why"),
        ({"decision": "forget", "by": "a", "why": "x"}, "decision"),
        ({"decision": "retry", "by": "a"}, "why"),
        ({"decision": "retry", "by": "a", "why": "x", "number": 0}, "number"),
    ],
)
async def test_a_decision_that_is_none(body, field):
    async with Till() as till:
        reply = await till.post("/resolve", body)
    assert (reply.failed, reply.error["field"]) == ((400, "bad_request"), field)


async def test_a_decision_that_nobody_waits_for():
    async with Till() as till:
        reply = await till.post("/resolve", {"decision": "void", "by": "Айгуль", "why": "ошибка"})
    assert reply.failed == (409, "nothing_to_resolve")


async def test_another_token():
    async with Till() as till:
        till.shop.operator.token = "another"
        blocked = await till.sell()
        status = await till.post("/token", {"token": "another"})
        assert "another" not in status.body.decode()
        assert (await till.sell()).paper["delivered"]
        assert till.register.registration.token == "another"
        hellos = [heard.token for heard in till.shop.operator.heard if isinstance(heard, Hello)]
    assert blocked.failed == (423, "register_blocked")
    assert blocked.error["reason"] == "rejected_credentials"
    assert hellos[-1] == "another"


async def test_a_token_that_is_none_is_not_repeated():
    async with Till() as till:
        reply = await till.post("/token", {"token": "s3cret" * 100})
    assert (reply.failed, reply.error["field"]) == ((400, "bad_request"), "token")
    assert "s3cret" not in reply.body.decode()


@pytest.mark.requirement("S3-14")
async def test_too_little_power_for_the_operator():
    async with Till() as till:
        await till.sell()
        assert (await till.post("/low-power", {"low": True})).status == 200
        reply = await till.sell()
        assert reply.paper["autonomous"]
        assert "недостаточно питания" in reply.json["message"]
        assert till.shop.operator.numbers() == [1]
        await till.post("/low-power", {"low": False})
        await till.post("/sync")
        assert till.shop.operator.numbers() == [1, 2]
