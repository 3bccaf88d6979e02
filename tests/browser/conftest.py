"""One browser and one shop for each file of tests, on one loop."""

import pytest_asyncio

from mock_ofd.demo.live_shop import live_shop
from tests.browser.chromium import chromium
from tests.ofd_server.site import Site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(browser, tmp_path_factory):
    """The address of an operator with five registers in its process."""
    async with live_shop(tmp_path_factory.mktemp("shop"), seed=7, kz="off") as addresses:
        yield addresses["http"]


@pytest_asyncio.fixture(loop_scope="module")
async def site(browser):
    """An operator whose registers are elsewhere."""
    async with Site() as started:
        yield started
