"""Orders over HTTP: what they issue, the key that makes them safe to ask again, and what is said when they fail."""

import asyncio

import pytest

from fiscal.domain.messages import RefusalCode, Refused, SubmitDocument
from fiscal.domain.receipt import Operation
from tests.mock_ofd.kkt_service.till import BREAD, Till, until


async def test_a_sale_comes_back_as_a_signed_document():
    async with Till() as till:
        reply = await till.sell(payments={"cash": 100_000})
        (sent,) = till.shop.operator.numbers()
    paper = reply.paper
    assert (paper["number"], paper["kind"], paper["state"], paper["total"]) == (1, "receipt", "delivered", 25_000)
    assert (paper["sign"], paper["qr"]) == (till.shop.operator.sign(1), f"qr:{till.shop.operator.sign(1)}")
    assert (paper["document"]["taken"], paper["document"]["change"]) == (100_000, 75_000)
    told = reply.json
    assert (told["mode"], told["unsent"], told["message"]) == ("online", 0, None)
    assert sent == 1


async def test_every_kind_of_order_issues_its_document():
    async with Till() as till:
        papers = [
            (await till.post("/deposit", {"sum": 100_000})).paper,
            (await till.post("/sell", BREAD)).paper,
            (await till.post("/sell-return", BREAD)).paper,
            (await till.post("/buy", BREAD)).paper,
            (await till.post("/buy-return", BREAD)).paper,
            (await till.post("/withdraw", {"sum": 500})).paper,
            (
                await till.post(
                    "/correct",
                    {
                        "operation": "sell",
                        "total": 700,
                        "reason": "own",
                        "corrected_at": 1_700_000_000_000,
                        "basis": "Акт 7",
                        "payments": {"card": 700},
                        "vat": 12_000,
                    },
                )
            ).paper,
            (await till.post("/z", {"withdraw_cash": True})).paper,
        ]
    kinds = [paper["kind"] for paper in papers]
    assert kinds == ["deposit", *["receipt"] * 4, "withdrawal", "correction", "close_shift"]
    assert [paper["document"]["operation"] for paper in papers[1:5]] == list(map(str, Operation))
    assert [paper["number"] for paper in papers] == list(range(1, 9))
    assert papers[6]["document"]["basis"] == "Акт 7"
    assert papers[7]["document"]["withdraw_cash"] is True
    assert papers[7]["counters"].get("cash_sum", 0) == 0


async def test_what_a_basket_says_stands_on_the_receipt():
    line = {
        "name": "Яблоки",
        "price": 79_990,
        "quantity": 1_375,
        "section": "2",
        "unit": "166",
        "barcode": "2200406012345",
        "discount": 986,
        "vat": 12_000,
        "vat_inside": False,
    }
    order = {
        "items": [line],
        "payments": {"card": 100_000, "cash": 50_000},
        "customer": {"phone": "+77010000000"},
        "cashier": {"code": 7, "name": "Айгуль"},
        "domain": "services",
    }
    async with Till() as till:
        document = (await till.post("/sell", order)).paper["document"]
    (item,) = document["items"]
    assert {name: item[name] for name in ("name", "quantity", "section", "unit", "barcode", "discount")} == {
        name: line[name] for name in ("name", "quantity", "section", "unit", "barcode", "discount")
    }
    assert (item["sum"], item["taxes"]) == (
        109_986,
        [{"rate": 12_000, "base": 109_000, "sum": 13_080, "inside": False}],
    )
    assert (document["total"], document["cashier"]["name"], document["domain"]) == (122_080, "Айгуль", "services")
    assert document["customer"] == {"phone": "+77010000000"}


async def test_one_tax_on_the_whole_receipt():
    async with Till() as till:
        document = (await till.sell(vat="standard", discount=5_000)).paper["document"]
    assert document["total"] == document["taxes"][0]["base"] == 20_000
    assert "taxes" not in document["items"][0]


# ----------------------------------------------------------------------------------------- what comes back


async def test_a_receipt_comes_back_whole_or_in_parts():
    order = {"items": [{"name": "Хлеб", "price": 25_000, "quantity": 2_000}, {"name": "Соль", "price": 9_000}]}
    async with Till() as till:
        sold = (await till.post("/sell", order)).paper
        part = (await till.post("/documents/1/return", {"lines": [{"line": 1, "quantity": 500}]})).paper
        again = await till.post("/sell", order)
        whole = (await till.post(f"/documents/{again.paper['number']}/return", {"customer": {"tax_id": "7"}})).paper
    assert (part["document"]["operation"], part["total"]) == ("sell_return", 12_500)
    assert part["document"]["parent"]["sign"] == sold["sign"]
    assert (whole["total"], whole["document"]["customer"]) == (59_000, {"tax_id": "7"})


async def test_a_return_asked_for_again_is_the_same_although_its_receipt_has_another_sign_by_now():
    async with Till() as till:
        till.shop.operator.down = True
        assert (await till.sell()).paper["autonomous"]
        first = (await till.post("/documents/1/return", key="back")).paper
        till.shop.operator.down = False
        await till.register.sync()
        second = (await till.post("/documents/1/return", key="back")).paper
    assert first["document"] == second["document"]
    assert second["delivered"]


@pytest.mark.parametrize(
    ("path", "body", "failed", "field"),
    [
        ("/documents/9/return", {}, (404, "unknown_document"), "number"),
        ("/documents/0/return", {}, (400, "bad_request"), "number"),
        ("/documents/x/return", {}, (400, "bad_request"), "number"),
        ("/documents/3/return", {}, (422, "invalid_value"), "receipt"),
        ("/documents/2/return", {}, (422, "is_a_return"), "receipt"),
        ("/documents/1/return", {"lines": [{"line": 2}]}, (422, "no_such_line"), "line"),
        ("/documents/1/return", {"lines": [{"line": 1, "quantity": 1_001}]}, (422, "more_than_sold"), "line"),
    ],
)
async def test_what_cannot_come_back(path, body, failed, field):
    async with Till() as till:
        await till.sell()
        await till.post("/documents/1/return")
        await till.sell()
        await till.post("/z")
        path = path.replace("/3/", "/4/")
        reply = await till.post(path, body)
        assert till.register.status().last_number == 4
    assert (reply.failed, reply.error["field"]) == (failed, field)


# ------------------------------------------------------------------------------------------------------- the key


async def test_the_same_key_gives_the_same_document():
    async with Till() as till:
        first, second = await till.sell("order-17"), await till.sell("order-17")
        other = await till.sell("order-18")
        assert till.shop.operator.numbers() == [1, 2]
    assert first.paper == second.paper
    assert other.paper["number"] == 2


async def test_a_key_is_one_for_all_orders():
    async with Till() as till:
        await till.sell("order-17")
        for path, body in (("/sell", {**BREAD, "discount": 1}), ("/buy", BREAD), ("/deposit", {"sum": 5}), ("/z", {})):
            reply = await till.post(path, body, "order-17")
            assert reply.failed == (409, "key_reused")
            assert reply.error["key"] == "order-17"
            assert "number" not in reply.error  # nothing was issued for this order
        assert till.register.status().last_number == 1


async def test_the_same_key_at_the_same_time_is_one_sale():
    async with Till() as till:
        till.shop.operator.delays[SubmitDocument] = 0.1
        replies = await asyncio.gather(*(till.sell("order-17") for _ in range(5)))
        assert till.shop.operator.numbers() == [1]
    assert {reply.paper["number"] for reply in replies} == {1}


async def test_orders_without_a_key_are_orders_of_their_own():
    async with Till() as till:
        assert [(await till.sell()).paper["number"] for _ in range(2)] == [1, 2]


async def test_a_key_may_be_any_text():
    async with Till() as till:
        assert (await till.sell('заказ № 17 / "а"')).paper["number"] == 1
        assert (await till.sell('заказ № 17 / "а"')).paper["number"] == 1
        (found,) = (await till.get("/documents", params={"key": 'заказ № 17 / "а"'})).json["items"]
    assert found["number"] == 1


@pytest.mark.parametrize(
    ("values", "failed"),
    [
        ([""], (400, "bad_request")),
        (["x" * 129], (400, "bad_request")),
        (["a", "b"], (400, "bad_request")),
        ([b"\xff"], (400, "bad_request")),
        ([], (400, "key_required")),
    ],
)
async def test_a_key_that_is_none_is_refused_before_anything_is_sold(values, failed):
    async with Till(require_key=True) as till:
        reply = await raw(till, "/api/v1/deposit", b'{"sum": 5}', values)
        assert till.register.status().last_number == 0
        assert (await till.post("/deposit", {"sum": 5}, "k")).paper["number"] == 1
    assert f"{failed[0]} ".encode() in reply
    assert f'"{failed[1]}","field":"idempotency-key"'.encode() in reply


async def raw(till, path, body, keys):
    """What comes back to a request whose header is written by hand."""
    host, _, port = till.service.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"POST {path} HTTP/1.1".encode(), b"Host: localhost", b"Content-Type: application/json"]
    lines += [b"Connection: close", f"Content-Length: {len(body)}".encode()]
    lines += [b"Idempotency-Key: " + (key if isinstance(key, bytes) else key.encode()) for key in keys]
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


# ----------------------------------------------------------------------------------------------- without the operator


@pytest.mark.requirement("S3-15", "S3-16")
async def test_without_the_operator_the_answer_is_an_autonomous_receipt_and_a_word_for_the_cashier():
    async with Till() as till:
        till.shop.operator.down = True
        reply = await till.sell()
        assert (await till.sell()).json["unsent"] == 2
        till.shop.operator.down = False
        await till.register.sync()
        later = (await till.get("/documents/1")).json
    paper, told = reply.paper, reply.json
    assert (paper["state"], paper["sign"], paper["autonomous_sign"]) == (
        "saved_autonomous",
        None,
        later["autonomous_sign"],
    )
    assert (told["mode"], told["unsent"]) == ("autonomous", 1)
    assert told["message"].startswith("Нет доступа к серверу ОФД (нет соединения)")
    assert (later["state"], later["sign"]) == ("delivered_autonomous", till.shop.operator.sign(1))


@pytest.mark.requirement("S3-03")
async def test_an_operator_that_is_not_paid_is_named_with_its_telephone():
    async with Till() as till:
        await till.sell()
        till.shop.operator.deaf = {SubmitDocument}
        first = await till.sell()
    assert first.paper["autonomous"]
    assert "Касса перешла в автономный режим." in first.json["message"]


# ---------------------------------------------------------------------------------------------------- what goes wrong


async def test_figures_that_do_not_agree_are_named_and_issue_nothing():
    async with Till() as till:
        wrong = await till.sell(payments={"card": 1})
        same = await till.sell(customer={"tax_id": till.shop.whose.profile.taxpayer.tax_id})
        poor = await till.post("/withdraw", {"sum": 100})
        closed = await till.post("/z")
        assert till.register.status().last_number == 0
    assert (wrong.failed, wrong.error["field"]) == ((422, "payments_total"), "payments")
    assert (same.failed, same.error["field"]) == ((422, "same_taxpayer"), "customer.tax_id")
    assert poor.failed == (422, "not_enough_cash")
    assert (poor.error["needed"], poor.error["available"]) == (100, 0)
    assert closed.failed == (422, "shift_not_open")


async def test_a_shift_of_more_than_a_day_needs_its_report_first():
    async with Till() as till:
        await till.sell()
        till.shop.clock.skew_ms = 25 * 3_600_000
        late = await till.sell()
        assert (await till.post("/z")).paper["kind"] == "close_shift"
        assert (await till.sell()).paper["shift"] == 2
    assert late.failed == (422, "shift_expired")


async def test_a_refused_document_has_a_number_and_waits_for_a_person():
    async with Till() as till:
        refusal = Refused(code=RefusalCode.BAD_TOTALS, field="total", text="wrong")
        till.shop.operator.answers.append((SubmitDocument, refusal))
        refused = await till.sell("order-17")
        again = await till.sell("order-17")
        blocked = await till.sell("order-18")
        void = {"decision": "void", "by": "Айгуль", "why": "ошибка"}
        status = (await till.post("/resolve", void)).json
        assert status["blocks"] == []
        fresh = await till.sell("order-18")
        papers = (await till.get("/documents")).json["items"]
    assert refused.failed == again.failed == (409, "document_refused")
    assert (refused.error["number"], refused.error["refusal"], refused.error["field"]) == (1, "bad_totals", "total")
    assert blocked.failed == (423, "register_blocked")
    assert blocked.error["reason"] == "refused_document"
    assert "number" not in blocked.error
    assert fresh.paper["number"] == 2
    assert [paper["kind"] for paper in papers] == ["receipt", "void", "receipt"]


async def test_an_operator_that_answers_blocked_leaves_a_document_with_a_number():
    async with Till() as till:
        await till.sell()
        till.shop.operator.blocked = "долг"
        held = await till.sell("order-17")
        more = await till.sell("order-18")
        till.shop.operator.blocked = ""
        assert (await till.post("/sync")).json == {"sent": 1, "unsent": 0, "mode": "online"}
        after = await till.sell("order-17")
    assert held.failed == more.failed == (423, "register_blocked")
    assert (held.error["reason"], held.error["number"]) == ("by_operator", 2)
    assert "number" not in more.error
    assert after.paper["number"] == 2


async def test_a_disk_without_room_issues_nothing():
    async with Till() as till:
        till.shop.disk.full = True
        reply = await till.sell()
    assert reply.failed == (507, "disk_full")


# ------------------------------------------------------------------------------------------------- callers who leave


async def test_a_caller_who_leaves_takes_nothing_with_him_and_gets_the_document_by_its_key():
    async with Till() as till:
        await till.sell()
        till.shop.operator.delays[SubmitDocument] = 0.15
        leaving = asyncio.create_task(till.sell("order-17"))
        await until(lambda: till.register.status().last_number == 2)
        leaving.cancel()
        await until(lambda: not till.service._desk.serving)
        await until(lambda: till.shop.operator.numbers() == [1, 2] and till.register.status().unsent == 0)
        (left,) = (await till.get("/unfinished")).json["items"]
        found = (await till.sell("order-17")).paper
        assert (await till.get("/unfinished")).json["items"] == []
        assert till.shop.operator.numbers() == [1, 2]
    assert left["number"] == found["number"] == 2


async def test_a_register_that_is_closed_says_so():
    async with Till() as till:
        await till.register.close()
        assert (await till.sell()).failed == (503, "register_closed")
