"""The ledger over HTTP: pages, one document and its history, anomalies, verification."""

import json
from dataclasses import replace

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.messages import SubmitDocument
from fiscal.domain.receipt import Operation
from fiscal.domain.register import Country
from fiscal.protocols.content import encode_content
from fiscal.protocols.rest.codec import MediaType, serialize_request
from fiscal.time import HOUR, MINUTE
from tests.documents import T0, deposit, receipt
from tests.ofd_server.site import PROFILE, Site


async def busy(site):
    """Two registers: five receipts of one, of them a return and two autonomous; one of the other."""
    await site.registered()
    await site.registered("kkm-2", profile=None)
    await site.sold()
    await site.sold(issued_at=T0 + 1)
    await site.sold(issued_at=T0 + 2, operation=Operation.SELL_RETURN)
    await site.sold("kkm-2")
    for sign in (101, 102):
        delivery = Delivery(autonomous=True, autonomous_sign=sign, period=1)
        await site.sold(issued_at=T0 - HOUR, delivery=delivery)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [5, 4, 1, 3, 2, 1]),
        ("register=kkm-1", [5, 4, 3, 2, 1]),
        ("register=kkm-2", [1]),
        ("register=nobody", []),
        ("kind=receipt&limit=2", [5, 4]),
        ("kind=deposit", []),
        ("operation=sell_return", [3]),
        ("autonomous=true", [5, 4]),
        ("autonomous=false&register=kkm-1", [3, 2, 1]),
        ("autonomous_sign=102", [5]),
        ("shift=1&register=kkm-2", [1]),
        ("shift=2", []),
        ("number=1", [1, 1]),
        (f"issued_from={T0 + 1}&issued_until={T0 + 1}", [2]),
        ("after=0", [1, 2, 3, 1, 4, 5]),
    ],
)
async def test_documents_by_every_filter(query, numbers):
    async with Site() as site:
        await busy(site)
        page = (await site.get(f"/api/v1/documents?{query}")).json
        assert [row["number"] for row in page["items"]] == numbers


async def test_documents_by_their_sign():
    async with Site() as site:
        await busy(site)
        sign = (await site.get("/api/v1/documents")).json["items"][2]["sign"]
        (found,) = (await site.get(f"/api/v1/documents?sign={sign}")).json["items"]
        assert (found["register"], found["number"]) == ("kkm-2", 1)


@pytest.mark.parametrize(("order", "start"), [("before", None), ("after", 0)])
async def test_pages_neither_repeat_nor_miss(order, start):
    async with Site() as site:
        await busy(site)
        found, cursor = [], start
        while True:
            query = "limit=2" if cursor is None else f"limit=2&{order}={cursor}"
            page = (await site.get(f"/api/v1/documents?{query}")).json
            found += [row["seq"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(found) == 6
        assert found == sorted(found, reverse=order == "before")


@pytest.mark.parametrize(
    "query",
    ["kind=x", "operation=x", "autonomous=maybe", "limit=0", "limit=501", "before=-1", "sign=x", "what=1", "register="],
)
async def test_a_wrong_filter_is_refused_by_name(query):
    async with Site() as site:
        reply = await site.get(f"/api/v1/documents?{query}")
        assert (reply.status, reply.error["field"]) == (400, query.partition("=")[0])


async def test_one_document_with_its_content_and_its_history():
    async with Site() as site:
        await site.registered()
        answer = await site.sold()
        await site.submit("kkm-1", receipt())
        marked = Delivery(autonomous=True, autonomous_sign=7, period=None)
        await site.submit("kkm-1", receipt(), marked)
        await site.submit("kkm-1", receipt(total=1, payments=()))
        shown = (await site.get("/api/v1/registers/kkm-1/documents/1")).json
        assert shown["content"] == {"kind": "receipt", **_plain(receipt())}
        assert (shown["sign"], shown["qr"], shown["key"]) == (answer["sign"], answer["qr"], answer["key"])
        assert (shown["autonomous"], shown["autonomous_sign"]) == (True, 7)
        words = [line["what"] for line in shown["history"]]
        assert sorted(words) == [
            "anomaly",
            "answered",
            "committed",
            "decided",
            "made_autonomous",
            "received",
            "resent",
            "resent",
            "resent",
        ]
        assert words[:4] == ["received", "decided", "committed", "answered"]


def _plain(document):
    body = serialize_request(SubmitDocument(content=encode_content(document)), MediaType.JSON)
    return json.loads(body)["content"]


async def test_a_document_without_a_sign_has_no_code():
    async with Site() as site:
        await site.registered()
        await site.submit("kkm-1", deposit())
        shown = (await site.get("/api/v1/registers/kkm-1/documents/1")).json
        assert (shown["sign"], shown["qr"], shown["operation"], shown["total"]) == (None, None, None, 50_000)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("registers/kkm-1/documents/2", 404, "unknown_document"),
        ("registers/nobody/documents/1", 404, "unknown_document"),
        ("registers/kkm-1/documents/0", 400, "bad_request"),
        ("registers/kkm-1/documents/x", 400, "bad_request"),
        ("registers/kkm-1/documents/99999999999", 400, "bad_request"),
        ("documents/kkm-1/2/export", 404, "unknown_document"),
    ],
)
async def test_a_document_that_is_not_there(path, status, code):
    async with Site() as site:
        await site.registered()
        await site.sold()
        reply = await site.get(f"/api/v1/{path}")
        assert (reply.status, reply.error["code"]) == (status, code)


async def test_anomalies_by_register_and_code_and_page():
    async with Site() as site:
        await site.registered()
        await site.sold()
        await site.sold(issued_at=T0 - MINUTE)
        await site.sold(issued_at=T0 - 2 * MINUTE)
        await site.submit("kkm-1", receipt(1, total=1, payments=()))
        await site.registered("kkm-2", accepted_number=9, accepted_shift=1)
        page = (await site.get("/api/v1/anomalies")).json
        codes = [row["code"] for row in page["items"]]
        assert codes == ["came_with_history", "conflict", "clock_backwards", "clock_backwards"]
        assert [row["number"] for row in page["items"]] == [0, 1, 3, 2]
        assert "total: 10000 != 1" in page["items"][1]["text"]

        only = (await site.get("/api/v1/anomalies?code=clock_backwards&limit=1")).json
        assert [row["number"] for row in only["items"]] == [3]
        rest = (await site.get(f"/api/v1/anomalies?code=clock_backwards&before={only['next']}")).json
        assert [row["number"] for row in rest["items"]] == [2]
        assert [row["register"] for row in (await site.get("/api/v1/anomalies?register=kkm-2")).json["items"]] == [
            "kkm-2"
        ]
        assert (await site.get("/api/v1/anomalies?code=x")).status == 400


# ----------------------------------------------------------------------------------------------------- verification


def query_of(qr):
    return qr.partition("?")[2]


async def test_a_genuine_receipt_by_the_text_of_its_code_and_by_its_parts():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold())["qr"]
        by_parts = (await site.get(f"/api/v1/verify?{query_of(qr)}")).json
        by_text = (await site.get("/api/v1/verify", params={"qr": qr})).json
        assert by_parts == by_text == {"verdict": "genuine", "reasons": [], "register": "kkm-1", "number": 1}


async def test_an_altered_receipt_says_what_was_altered():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold())["qr"]
        reply = await site.get("/api/v1/verify", params={"qr": qr.replace("s=100.00", "s=900.00")})
        assert reply.json["verdict"] == "altered"
        (reason,) = reply.json["reasons"]
        assert (reason["field"], reason["claimed"], reason["recorded"]) == ("sum", "900.00", "100.00")


async def test_a_receipt_of_a_register_that_never_told_who_it_is():
    async with Site() as site:
        await site.registered(profile=None)
        qr = (await site.sold())["qr"]
        assert (await site.get("/api/v1/verify", params={"qr": qr})).json["verdict"] == "genuine"


async def test_a_russian_receipt():
    async with Site() as site:
        russian = replace(PROFILE, country=Country.RU, zone="Europe/Moscow", fn_serial="9999078900001234")
        await site.registered(profile=russian)
        qr = (await site.sold())["qr"]
        assert "fn=9999078900001234" in qr
        assert (await site.get("/api/v1/verify", params={"qr": qr})).json["verdict"] == "genuine"
        by_parts = await site.get(f"/api/v1/verify?{qr}")
        assert by_parts.json["verdict"] == "genuine"
        moved = (await site.get("/api/v1/verify", params={"qr": qr.replace("&i=1&", "&i=2&")})).json
        assert [reason["field"] for reason in moved["reasons"]] == ["number"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "i"),
        ("i=1&f=2&s=3", "t"),
        ("i=1&f=2&s=3&t=yesterday", "time"),
        ("i=1&f=2&s=3.005&t=20260101T1200", "sum"),
        ("i=x&f=2&s=3&t=20260101T1200", "i"),
        ("i=1&f=&s=3&t=20260101T1200", "register"),
        ("qr=hello", "qr"),
        ("fn=1&fp=2&s=3&t=20260101T1200", "i"),
        ("z=1", "z"),
    ],
)
async def test_what_is_no_code_is_refused_by_name(query, field):
    async with Site() as site:
        reply = await site.get(f"/api/v1/verify?{query}")
        assert (reply.status, reply.error["field"]) == (400, field)


async def test_an_export_proves_itself_to_another_operator():
    async with Site() as site:
        await site.registered()
        await site.sold()
        export = (await site.get("/api/v1/documents/kkm-1/1/export")).json
    async with Site() as elsewhere:
        reply = await elsewhere.post("/api/v1/verify", json=export)
        assert reply.json == {"verdict": "genuine", "reasons": [], "register": "kkm-1", "number": 1}
        for change, verdict in (
            ({"register": "kkm-2"}, "altered"),
            ({"sign": "123456789012"}, "altered"),
            ({"content": export["content"].replace("cd2710", "cd2711")}, "altered"),
            ({"content": "00"}, "altered"),
            ({"key": "another"}, "unknown"),
        ):
            reply = await elsewhere.post("/api/v1/verify", json={**export, **change})
            assert reply.json["verdict"] == verdict, change
        for change, field in (({"content": "0"}, "content"), ({"sign": None}, "sign"), ({"more": 1}, "more")):
            reply = await elsewhere.post("/api/v1/verify", json={**export, **change})
            assert (reply.status, reply.error["field"]) == (400, field)
