"""The page of the fleet: what a frame takes in a real browser, with five thousand lamps and a thousand changes a second.

Every change is a status report of a register that goes through its lane and turns its lamp. The time between two frames
of the screen is taken in the page by ``requestAnimationFrame``; the reference is the same page while nothing changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import cycle
from statistics import median
from typing import Final

from playwright.async_api import Page, async_playwright

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from ofd_server import OfdServer
from ofd_server.core.administration import add
from ofd_server.lane import Session
from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.traffic import percentile
from tests.browser.chromium import FLAGS, chromium_path

LAMPS: Final = 5_000
CHANGES: Final = 1_000
"""Changes in a second."""
STEP_S: Final = 0.02
SECONDS: Final = 8.0
QUICK_S: Final = 3.0
AIM_MS: Final = 50.0
FRAMES: Final = """seconds => new Promise((resolve) => {
  const times = [];
  const frame = (now) => {
    times.push(now);
    if (now - times[0] < seconds * 1000) requestAnimationFrame(frame);
    else resolve(times.slice(1).map((time, index) => time - times[index]));
  };
  requestAnimationFrame(frame);
})"""


def run(quick: bool) -> list[Figure]:
    """The figure of a frame."""
    return asyncio.run(_run(QUICK_S if quick else SECONDS, 1 if quick else 3))


async def _run(seconds: float, rounds: int) -> list[Figure]:
    async with OfdServer(http="127.0.0.1:0", native="off", kz="off") as server, async_playwright() as playwright:
        for number in range(LAMPS):
            await server.service.administer(_id(number), add(_id(number), "token-of-it", None))
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="ru-RU")
            await page.goto(f"http://{server.http_address}/")
            await page.wait_for_selector(f'#lamps[data-drawn="{LAMPS}"]')
            still: list[float] = []
            busy: list[float] = []
            worst: list[float] = []
            for _ in range(rounds):
                still.append(median(await _frames(page, seconds)))
                changing = asyncio.create_task(_change(server))
                times = await _frames(page, seconds)
                changing.cancel()
                busy.append(median(times))
                worst.append(percentile(sorted(times), 0.99))
            turned = await page.evaluate("document.querySelector('.legend').textContent")
        finally:
            await browser.close()
    return [
        Figure(
            name=f"frame of the page, {LAMPS:,} lamps, {CHANGES:,} changes a second",
            unit="ms",
            measured=Rounds(tuple(busy)),
            against="the same page while nothing changes",
            reference=Rounds(tuple(still)),
            aims=(Aim("at most", AIM_MS, "figure"),),
            notes=(f"p99 of the frames {max(worst):.3g} ms; at the end {turned}",),
        )
    ]


async def _frames(page: Page, seconds: float) -> Sequence[float]:
    times: list[float] = await page.evaluate(FRAMES, seconds)
    return times


def _id(number: int) -> str:
    return f"kkm-{number:05d}"


async def _change(server: OfdServer) -> None:
    """Every register in turn says that it went autonomous, then that it came back."""
    service = server.service
    sessions = [Session("native", "", lambda _: None, _id(number)) for number in range(LAMPS)]
    modes = cycle([RegisterMode.AUTONOMOUS] * LAMPS + [RegisterMode.ONLINE] * LAMPS)
    loop = asyncio.get_running_loop()
    due = loop.time()
    for session, mode in zip(cycle(sessions), modes, strict=False):
        service.handle(session, ReportStatus(unsent=int(mode is RegisterMode.AUTONOMOUS), mode=mode), lambda _: None)
        due += 1 / CHANGES
        if due - loop.time() > STEP_S:
            await asyncio.sleep(due - loop.time())
