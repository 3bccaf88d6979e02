"""``python -m tests.docs.screenshots``: docs/images/page-*.png, the main views of the page as a browser shows them.

The rule: what is seen has happened. An operator and its registers are started, things are sold, a link is cut; then the
pictures are taken.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from mock_ofd.demo.live_shop import live_shop
from ofd_server import OfdServer
from ofd_server.core.administration import add, set_standing
from ofd_server.core.entries import Standing
from ofd_server.lane import Session
from tests.browser.chromium import chromium, opened
from tests.docs.pages import DOCS

IMAGES: Final = DOCS / "images"
LAMPS: Final = 1_500
SIZE: Final = {"width": 1200, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


async def fleet(browser: Browser) -> None:
    """Fifteen hundred registers, of which some are in trouble."""
    async with OfdServer(http="127.0.0.1:0", native="off", kz="off") as server:
        service = server.service
        for number in range(LAMPS):
            name = f"kkm-{number:04d}"
            await service.administer(name, add(name, "token-of-it", None))
        context = await browser.new_context(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
        page = await opened(await context.new_page(), f"http://{server.http_address}/")
        for second in range(12):
            for number in range(LAMPS):
                if number % 3 == second % 3 or second == 0:
                    is_autonomous = number % 11 == 0 or 400 <= number < 400 + 20 * second
                    mode = RegisterMode.AUTONOMOUS if is_autonomous else RegisterMode.ONLINE
                    report = ReportStatus(
                        unsent=second if is_autonomous else 0,
                        mode=mode,
                        oldest_unsent_at=server.clock.now() - 40_000 if is_autonomous else None,
                    )
                    session = Session("native", "", lambda _: None, f"kkm-{number:04d}")
                    service.handle(session, report, lambda _: None)
            await asyncio.sleep(1)
        for number in range(7, LAMPS, 97):
            await service.administer(f"kkm-{number:04d}", set_standing(Standing.BLOCKED, "picture"))
        await page.wait_for_timeout(1_500)
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
