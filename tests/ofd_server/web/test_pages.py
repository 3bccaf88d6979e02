"""The page behind a QR code, and the page at the root: what they say, and what they do not let in."""

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.receipt import Item
from fiscal.errors import StorageError
from tests.documents import item
from tests.ofd_server.site import Site


class Tags(HTMLParser):
    """Names of all tags, with their attributes, and the text of style sheets."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.styles = [], []
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_data(self, data):
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag):
        self._in_style = False


async def page(site, qr_or_path):
    path = qr_or_path.removeprefix(site.url)
    reply = await site.get(path)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return reply


async def test_a_genuine_receipt_is_shown_as_printed():
    async with Site() as site:
        await site.registered()
        answer = await site.sold(items=(item(12_345, 2_000, name="Хлеб «Бородинский»"),))
        reply = await page(site, answer["qr"])
        assert reply.status == 200
        for text in ("Чек подлинный", "Хлеб «Бородинский»", "246,90", answer["sign"], "ТОО «Ромашка»", "<svg"):
            assert text in reply.text
        assert "АВТОНОМНЫЙ" not in reply.text


async def test_an_altered_receipt_is_shown_with_what_was_altered():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold())["qr"]
        reply = await page(site, qr.replace("s=100.00", "s=1.00"))
        assert reply.status == 200
        assert "Чек изменён" in reply.text
        assert "Сумма: в коде 1.00, у оператора 100.00" in reply.text
        assert "Чек подлинный" not in reply.text


async def test_an_unknown_receipt():
    async with Site() as site:
        reply = await page(site, "/r?i=1&f=2&s=3&t=20260101T1200")
        assert (reply.status, "Чек не найден" in reply.text) == (404, True)
        assert 'slip"' not in reply.text


async def test_an_autonomous_receipt_says_so():
    async with Site() as site:
        await site.registered()
        answer = await site.sold(delivery=Delivery(autonomous=True, autonomous_sign=4711))
        text = (await page(site, answer["qr"])).text
        assert "АВТОНОМНЫЙ" in text
        assert "4711" in text
        assert answer["sign"] in text


async def test_a_receipt_of_a_register_that_never_told_who_it_is():
    async with Site() as site:
        await site.registered(profile=None)
        qr = (await site.sold())["qr"]
        reply = await page(site, qr)
        assert "Чек подлинный" in reply.text
        assert "Касса без сведений о владельце" in reply.text


@pytest.mark.parametrize("query", ["", "?i=1", "?i=x&f=2&s=3&t=20260101T1200", "?i=1&f=2&s=3&t=soon", "?i=1&i=2"])
async def test_an_address_that_carries_no_code(query):
    async with Site() as site:
        reply = await page(site, f"/r{query}")
        assert (reply.status, "Код не прочитан" in reply.text) == (400, True)


async def test_no_ledger_no_verdict():
    async with Site() as site:

        async def fails():
            raise StorageError("gone")

        site.ofd.journal.registers = fails
        reply = await page(site, "/r?i=1&f=2&s=3&t=20260101T1200")
        assert (reply.status, "Нет ответа" in reply.text) == (503, True)


async def test_what_others_wrote_is_text_and_nothing_else():
    async with Site() as site:
        evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
        await site.registered()
        line = Item(name=evil, price=100, quantity=1000, sum=100)
        qr = (await site.sold(items=(line,)))["qr"]
        tags = Tags((await page(site, qr)).text)
        names = {name for name, _ in tags.tags}
        assert not names & {"script", "img", "iframe", "link", "object", "embed"}
        assert not [attrs for _, attrs in tags.tags if any(name.startswith("on") or name == "style" for name in attrs)]


@pytest.mark.parametrize("path", ["/addresses", "/r"])
async def test_the_policy_allows_the_one_style_sheet_and_nothing_else(path):
    async with Site() as site:
        reply = await page(site, path)
        (style,) = Tags(reply.text).styles
        digest = b64encode(sha256(style.encode()).digest()).decode()
        policy = reply.headers["Content-Security-Policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert reply.headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_of_addresses_leads_everywhere():
    async with Site(operator_name="Оператор & Ко") as site:
        reply = await page(site, "/addresses")
        assert "Оператор &amp; Ко" in reply.text
        for name, attrs in Tags(reply.text).tags:
            if name == "a" and attrs["href"] != "/api/v1/events":
                assert (await site.get(attrs["href"])).status == 200


async def test_a_receipt_is_checked_by_hand_without_a_script():
    async with Site() as site:
        await site.registered()
        query = (await site.sold())["qr"].partition("?")[2]
        tags = Tags((await page(site, "/addresses")).text).tags
        form = next(attrs for name, attrs in tags if name == "form")
        fields = [attrs["name"] for name, attrs in tags if name == "input"]
        assert fields == [pair.partition("=")[0] for pair in query.split("&")]
        assert "Чек подлинный" in (await page(site, f"{form['action']}?{query}&more=1")).text
