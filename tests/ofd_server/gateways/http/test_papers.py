"""Papers over HTTP: what the ledger holds, drawn as the register prints it."""

import asyncio
import re
import sys
from base64 import b64encode
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from fiscal.domain.document import Delivery
from fiscal.rendering.files import render_file
from ofd_server.gateways.http import papers
from ofd_server.gateways.http.papers import DRAWN_MAX, WIDTHS, Format
from tests.documents import deposit
from tests.ofd_server.site import PROFILE, Site

RECEIPT = "/api/v1/registers/kkm-1/documents/1/receipt"


async def sold(site, **given):
    await site.registered()
    return await site.sold(**given)


async def test_a_receipt_as_a_page():
    async with Site(operator_name="АО «Учебный оператор»") as site:
        answer = await sold(site)
        reply = await site.get(RECEIPT)
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.headers["Content-Disposition"] == 'inline; filename="document-1.html"'
        assert all(each in reply.text for each in (answer["sign"], PROFILE.place, "АО «Учебный оператор»", "<svg"))
        assert answer["qr"].replace("&", "&amp;") in reply.text


async def test_the_page_may_use_its_own_style_and_nothing_else():
    async with Site() as site:
        await sold(site)
        reply = await site.get(RECEIPT)
        (style,) = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
        digest = b64encode(sha256(style.encode()).digest()).decode()
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert f"style-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_receipt_as_text(width):
    async with Site() as site:
        answer = await sold(site)
        reply = await site.get(f"{RECEIPT}?format=text&width={width}")
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert max(map(len, reply.text.splitlines())) <= width
        assert answer["sign"] in reply.text


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_receipt_as_a_picture(width):
    async with Site() as site:
        await sold(site)
        reply = await site.get(f"{RECEIPT}?format=png&width={width}")
        assert reply.headers["Content-Type"] == "image/png"
        assert Image.open(BytesIO(reply.body)).width == 64 + 12 * width


async def test_a_receipt_as_a_pdf():
    async with Site() as site:
        await sold(site)
        reply = await site.get(f"{RECEIPT}?format=pdf")
        assert reply.headers["Content-Type"] == "application/pdf"
        assert reply.headers["Content-Disposition"] == 'inline; filename="document-1.pdf"'
        assert reply.body.startswith(b"%PDF-")
        assert b"Content-Security-Policy" not in reply.body


@pytest.mark.requirement("S3-16", "S3-18")
async def test_an_autonomous_receipt_is_marked_and_shows_both_signs():
    async with Site() as site:
        answer = await sold(site, delivery=Delivery(autonomous=True, autonomous_sign=4711, period=1))
        text = (await site.get(f"{RECEIPT}?format=text")).text
        assert "АВТОНОМНЫЙ" in text
        assert "4711" in text
        assert answer["sign"] in text


@pytest.mark.parametrize(("query", "is_copy"), [("", False), ("&copy=false", False), ("&copy=true", True)])
async def test_a_copy_says_so(query, is_copy):
    async with Site() as site:
        await sold(site)
        assert ("ДУБЛИКАТ" in (await site.get(f"{RECEIPT}?format=text{query}")).text) == is_copy


async def test_a_register_that_never_said_who_it_is():
    async with Site() as site:
        await site.registered(profile=None)
        await site.sold()
        assert "Касса без сведений о владельце" in (await site.get(f"{RECEIPT}?format=text")).text


async def test_other_documents_have_papers_too():
    async with Site() as site:
        await site.registered()
        await site.submit("kkm-1", deposit(1))
        assert "ВНЕСЕНИЕ НАЛИЧНЫХ" in (await site.get(f"{RECEIPT}?format=text")).text


async def test_the_x_report_is_the_shift_as_the_ledger_knows_it():
    async with Site() as site:
        await site.registered()
        empty = await site.get("/api/v1/registers/kkm-1/x-report?format=text")
        assert "X-ОТЧЁТ" in empty.text
        assert "Открыта" not in empty.text
        await site.sold()
        await site.sold()
        reply = await site.get("/api/v1/registers/kkm-1/x-report?format=text")
        assert re.search(r"ПРОДАЖА +чеков: 2", reply.text)
        assert "Открыта" in reply.text
        assert (await site.get("/api/v1/registers/kkm-1/x-report?format=pdf")).body.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/api/v1/registers/kkm-1/documents/2/receipt", 404, "unknown_document", "number"),
        ("/api/v1/registers/nobody/documents/1/receipt", 404, "unknown_document", "number"),
        ("/api/v1/registers/nobody/x-report", 404, "unknown_register", "register"),
        (f"{RECEIPT}?format=docx", 400, "bad_request", "format"),
        (f"{RECEIPT}?format=text&width=40", 400, "bad_request", "width"),
        (f"{RECEIPT}?width=x", 400, "bad_request", "width"),
        (f"{RECEIPT}?copied=true", 400, "bad_request", "copied"),
        ("/api/v1/registers/kkm-1/x-report?copy=true", 400, "bad_request", "copy"),
    ],
)
async def test_what_is_wrong_is_named(path, status, code, field):
    async with Site() as site:
        await sold(site)
        reply = await site.get(path)
        assert (reply.status, reply.error["code"], reply.error["field"]) == (status, code, field)


@pytest.mark.parametrize(("kind", "library"), [("png", "PIL"), ("pdf", "fpdf")])
async def test_without_the_libraries_the_extra_is_named(kind, library, monkeypatch):
    monkeypatch.delitem(sys.modules, f"fiscal.rendering.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    async with Site() as site:
        await sold(site)
        reply = await site.get(f"{RECEIPT}?format={kind}")
        assert (reply.status, reply.error["code"]) == (406, "extra_missing")
        assert "mock-ofd[files]" in reply.error["text"]


async def test_few_are_drawn_at_once(monkeypatch):
    now = most = 0
    loop = asyncio.get_running_loop()

    def step(change):
        nonlocal now, most
        now += change
        most = max(most, now)

    def draw(*given):
        loop.call_soon_threadsafe(step, 1)
        try:
            return render_file(*given)
        finally:
            loop.call_soon_threadsafe(step, -1)

    monkeypatch.setattr("fiscal.rendering.files.render_file", draw)
    async with Site() as site:
        await sold(site)
        replies = await asyncio.gather(*(site.get(f"{RECEIPT}?format=text") for _ in range(10)))
        assert {reply.status for reply in replies} == {200}
        assert 1 <= most <= DRAWN_MAX


async def test_every_kind_is_described():
    async with Site() as site:
        await sold(site)
        paths = (await site.get("/api/v1/openapi.json")).json["paths"]
        described = paths["/api/v1/registers/{register}/documents/{number}/receipt"]["get"]
        came = {
            (await site.get(f"{RECEIPT}?format={kind}")).headers["Content-Type"].partition(";")[0] for kind in Format
        }
        assert set(described["responses"]["200"]["content"]) == came
        (width,) = (each["schema"] for each in described["parameters"] if each["name"] == "width")
        assert width["enum"] == list(WIDTHS)


def test_the_formats_are_the_kinds_of_files():
    from fiscal.rendering.files import FileKind  # noqa: PLC0415 - compared with what is loaded late
    from fiscal.rendering.text import WIDTHS as PRINTED  # noqa: PLC0415

    assert [each.value for each in Format] == [each.value for each in FileKind]
    assert papers.WIDTHS == PRINTED
