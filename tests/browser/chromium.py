"""A real Chromium under the eyes of a test: what it complains of, and whom it asks.

The rule: a page under test has nothing to complain of. Every error on its console, every script that fails and every
request to another host ends the test that caused it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = ["--no-sandbox", "--disable-dev-shm-usage"]
"""A container's root has no sandbox to put a browser into, and little shared memory."""
WAIT_MS: Final = 20_000
"""How long a test waits for what has to come: a sale's whole budget, and a machine that has other things to do."""


def chromium_path() -> str:
    """Where the browser is: the variable CHROMIUM, or on the path. Without one the test is skipped, or fails when
    services are demanded.
    """
    named = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    if named is None:
        reason = "no Chromium: install Debian's chromium, or name one in the variable CHROMIUM"
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(reason)
        pytest.skip(reason)
    return named


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched(browser: Browser, base: str, *expected: str, **options: Any) -> AsyncIterator[Page]:
    """A page of its own, which has nothing to complain of at its end, but for complaints with an ``expected`` word."""
    context = await browser.new_context(base_url=base, **{"locale": "ru-RU", **options})
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    try:
        yield page
    finally:
        # A page that reads by itself may be amid an answer that a test has bent; that is no defect of the next test.
        await page.unroute_all(behavior="ignoreErrors")
        await context.close()
    assert [each for each in complaints if not any(word in each for word in expected)] == []
    assert hosts - {""} == {urlsplit(base).netloc}


async def opened(page: Page, path: str = "/") -> Page:
    """The page at this address, ready."""
    await page.goto(path)
    await page.wait_for_selector("html[data-ready]")
    return page


async def settled(page: Page, path: str) -> Page:
    """A register's page that has read the ledger twice, as it does at first: to show it, and when its stream has begun.

    From here on it reads only when it is told to, so that a test knows what the page has seen and what it has not.
    """
    reads: asyncio.Queue[str] = asyncio.Queue()
    page.on("requestfinished", lambda asked: reads.put_nowait(asked.url) if "/documents?" in asked.url else None)
    await opened(page, path)
    async with asyncio.timeout(WAIT_MS / 1_000):
        for _ in range(2):
            await reads.get()
    return page
