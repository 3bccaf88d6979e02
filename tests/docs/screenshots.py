"""``python -m tests.docs.screenshots``: docs/images/page-*.png, the main views of the page as a browser shows them.

The rule: what is seen has happened. An operator and its registers are started, things are sold, a link is cut; then the
pictures are taken.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from pathlib import Path
from random import Random
from typing import Final

from playwright.async_api import Browser, Page

from fiscal.domain.document import Delivery, Document
from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus, SubmitDocument
from fiscal.protocols.content import encode_content
from mock_ofd.demo.live_shop import live_shop
from ofd_server import OfdServer
from ofd_server.core.administration import add, set_standing
from ofd_server.core.entries import Standing
from ofd_server.lane import Session
from tests.browser.chromium import chromium, opened
from tests.docs.pages import DOCS
from tests.ofd_server.twins import Till

IMAGES: Final = DOCS / "images"
LAMPS: Final = 1_500
SECONDS: Final = 80
"""How long the fleet trades before its picture is taken."""
STREET: Final = range(400, 640)
"""Registers whose link is cut for a while."""
SENT_A_SECOND: Final = 0.04
"""The part of the street that sends a document in a second, once its link is back."""
SIZE: Final = {"width": 1200, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


class Counter:
    """A register of the fleet: what it sells goes to the operator at once, or waits until its link is whole again."""

    def __init__(self, server: OfdServer, name: str) -> None:
        self.name = name
        self._server = server
        self._till = Till()
        self._session = Session("native", "", lambda _: None, name)
        self._waiting: deque[tuple[Document, Delivery]] = deque()

    def sell(self, *, is_cut: bool) -> None:
        """A sale, which waits while the link is cut, and behind those that wait already."""
        is_autonomous = is_cut or bool(self._waiting)
        sign = 100_000 + self._till.number if is_autonomous else None
        delivery = Delivery(autonomous=is_autonomous, autonomous_sign=sign)
        self._waiting.append((self._till.sale(delivery, issued_at=self._server.clock.now()), delivery))
        if not is_autonomous:
            self.send()

    def send(self) -> None:
        """The document that has waited longest, and how many wait after it."""
        if self._waiting:
            document, delivery = self._waiting.popleft()
            self._ask(SubmitDocument(content=encode_content(document), delivery=delivery))

    def tell(self) -> None:
        """How it does."""
        waits = len(self._waiting)
        mode = RegisterMode.AUTONOMOUS if waits else RegisterMode.ONLINE
        oldest = self._waiting[0][0].issued_at if waits else None
        self._ask(ReportStatus(unsent=waits, mode=mode, oldest_unsent_at=oldest))

    def _ask(self, request: SubmitDocument | ReportStatus) -> None:
        self._server.service.handle(self._session, request, lambda _: None)


async def fleet(browser: Browser) -> None:
    """Fifteen hundred registers that sell; a street of them has lost its link, and sends what waited when it is back."""
    async with OfdServer(http="127.0.0.1:0", native="off", kz="off") as server:
        counters = [Counter(server, f"kkm-{number:04d}") for number in range(LAMPS)]
        for counter in counters:
            await server.service.administer(counter.name, add(counter.name, "token-of-it", None))
            counter.tell()
        context = await browser.new_context(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
        page = await opened(await context.new_page(), f"http://{server.http_address}/")
        chance = Random(4)
        for number in range(7, LAMPS, 97):
            await server.service.administer(f"kkm-{number:04d}", set_standing(Standing.BLOCKED, "picture"))
        for second in range(SECONDS):
            is_cut = SECONDS // 4 <= second < SECONDS // 2
            for number in sorted(chance.sample(range(LAMPS), 100 + 80 * (second % 20 < 10) + chance.randrange(60))):
                if number % 97 != 7:
                    counters[number].sell(is_cut=is_cut and number in STREET)
            for number in STREET:
                if not is_cut and chance.random() < SENT_A_SECOND:
                    counters[number].send()
                counters[number].tell()
            await asyncio.sleep(1)
        await page.screenshot(path=IMAGES / "page-fleet.png")
        await context.close()


async def register(browser: Browser, folder: Path) -> None:
    """A register whose link was cut in the middle of the day."""
    async with live_shop(folder, seed=3, kz="off") as addresses:
        context = await browser.new_context(viewport=SIZE, locale="ru-RU", base_url=addresses["http"])  # type: ignore[arg-type]
        page = await opened(await context.new_page(), "/#/register/alma-bazar-1")
        await _press(page, "sell", "sell", "return", "sell")
        await page.click("#link-cut")
        await _press(page, "sell", "sell")
        await page.wait_for_timeout(1_200)
        await page.screenshot(path=IMAGES / "page-register.png", full_page=True)
        await page.click("#link-up")
        await page.wait_for_selector('#documents tr:first-child .ticks[data-ticks="2"][data-cloud="yes"]')
        await page.click("#documents tr:first-child a")
        await page.wait_for_selector("#history")
        await page.wait_for_timeout(500)
        await page.screenshot(path=IMAGES / "page-receipt.png", full_page=True)
        await context.close()
        phone = await browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            locale="kk-KZ",
            color_scheme="dark",
            base_url=addresses["http"],
        )
        page = await opened(await phone.new_page(), "/#/register/alma-bazar-1")
        await page.wait_for_timeout(500)
        await page.screenshot(path=IMAGES / "page-phone.png")
        await phone.close()


async def _press(page: Page, *keys: str) -> None:
    for key in keys:
        rows = await page.locator("#documents tr").count()
        await page.click(f"#till-{key}")
        await page.wait_for_function("rows => document.querySelectorAll('#documents tr').length > rows", arg=rows)


async def main() -> None:
    """All pictures."""
    async with chromium() as browser:
        await fleet(browser)
        with tempfile.TemporaryDirectory() as folder:
            await register(browser, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
