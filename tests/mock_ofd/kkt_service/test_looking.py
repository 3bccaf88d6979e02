"""What can be seen of a register over HTTP: status, documents and their pages, papers, reports, the proof."""

import pytest

from fiscal.domain.messages import RefusalCode, Refused, SubmitDocument
from tests.mock_ofd.kkt_service.till import Till


async def test_the_status_is_that_of_the_register():
    async with Till(operator="native://127.0.0.1:7790") as till:
        await till.sell()
        status = (await till.get("/status")).json
    assert (status["register"], status["operator"]) == ("kkt-1", "native://127.0.0.1:7790")
    assert (status["operator_name"], status["operator_phone"]) == ("Транстелеком", "1702")
    assert (status["mode"], status["cash"], status["last_number"], status["unfinished"]) == ("online", 25_000, 1, [])


def numbers(reply):
    return [paper["number"] for paper in reply.json["items"]], reply.json["next"]


async def test_documents_come_in_pages_either_way():
    async with Till() as till:
        for _ in range(5):
            await till.sell()
        assert numbers(await till.get("/documents")) == ([5, 4, 3, 2, 1], None)
        assert numbers(await till.get("/documents?limit=2")) == ([5, 4], 4)
        assert numbers(await till.get("/documents?limit=2&before=4")) == ([3, 2], 2)
        assert numbers(await till.get("/documents?limit=2&before=2")) == ([1], None)
        assert numbers(await till.get("/documents?before=0")) == ([], None)
        assert numbers(await till.get("/documents?before=99&limit=1")) == ([5], 5)
        assert numbers(await till.get("/documents?after=0&limit=3")) == ([1, 2, 3], 3)
        assert numbers(await till.get("/documents?after=3&limit=2")) == ([4, 5], None)
        assert numbers(await till.get("/documents?after=5")) == ([], None)


async def test_a_void_and_what_it_stands_for_are_on_one_page():
    async with Till() as till:
        till.shop.operator.answers.append((SubmitDocument, Refused(code=RefusalCode.BAD_TOTALS, text="wrong")))
        await till.sell()
        await till.post("/resolve", {"decision": "void", "by": "Айгуль", "why": "ошибка"})
        await till.sell()
        assert numbers(await till.get("/documents?limit=1")) == ([2], 2)
        assert numbers(await till.get("/documents?limit=1&before=2")) == ([1, 1], None)
        assert numbers(await till.get("/documents?limit=1&after=0")) == ([1, 1], 1)
        assert (await till.get("/documents/1")).json["kind"] == "void"


async def test_a_document_is_found_by_its_number_and_by_its_key():
    async with Till() as till:
        sold = (await till.sell("order-17")).paper
        assert (await till.get("/documents/1")).json == sold
        assert (await till.get("/documents?key=order-17")).json == {"items": [sold], "next": None}
        assert (await till.get("/documents?key=order-18")).json == {"items": [], "next": None}
        assert (await till.get("/documents/2")).failed == (404, "unknown_document")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("before=-1", "before"),
        ("before=3&after=3", "after"),
        ("before=3&key=a", "after"),
        ("key=", "key"),
        ("page=2", "page"),
    ],
)
async def test_a_query_that_is_not_right(query, field):
    async with Till() as till:
        reply = await till.get(f"/documents?{query}")
    assert (reply.failed, reply.error["field"]) == ((400, "bad_request"), field)


async def test_papers_as_files():
    async with Till() as till:
        await till.sell()
        text = await till.get("/documents/1/receipt?format=text&width=32")
        copy = await till.get("/documents/1/receipt?format=text&copy=true")
        page = await till.get("/documents/1/receipt")
        x = await till.get("/x/receipt?format=text")
        assert (await till.get("/documents/1/receipt?width=33")).failed == (400, "bad_request")
        assert (await till.get("/documents/1/receipt?format=docx")).failed == (400, "bad_request")
        assert (await till.get("/documents/2/receipt")).failed == (404, "unknown_document")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert all(len(line) <= 32 for line in text.body.decode().splitlines())
    assert "Транстелеком" in text.body.decode()
    assert "ДУБЛИКАТ" in copy.body.decode()
    assert "ДУБЛИКАТ" not in text.body.decode()
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Disposition"] == 'inline; filename="document-1.html"'
    assert "X-ОТЧЁТ" in x.body.decode().upper().replace("Х", "X")


async def test_an_x_report_is_no_document():
    async with Till() as till:
        await till.sell()
        report = (await till.get("/x")).json
        assert till.register.status().last_number == 1
    assert (report["kind"], report["number"], report["document"]) == ("x_report", None, None)
    assert report["counters"]["operations.sell.sum"] == 25_000


async def test_the_memory_is_proved():
    async with Till() as till:
        await till.sell()
        verdict = (await till.get("/verify")).json
    assert (verdict["whole"], verdict["documents"], verdict["damage"]) == (True, 1, None)


async def test_looking_at_a_register_that_is_closed():
    async with Till() as till:
        await till.register.close()
        assert (await till.get("/documents/1")).failed == (503, "register_closed")
