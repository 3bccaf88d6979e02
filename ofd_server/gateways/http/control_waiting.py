"""Requests that wait for something to happen, so that a test need not ask again and again.

The rule: whoever waits costs the operator nothing else: there is a bound on how many may, each ends when its time is over,
when its client goes and when the operator stops, and between two looks it rests longer than a look takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from ofd_server.gateways.http.answers import HttpError
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import Call

T = TypeVar("T")

WITHIN_MAX_S: Final = 60
"""Seconds that a request waits at most: proxies and clients give up after a minute."""
WAITS_MAX: Final = 100
"""Requests that wait at a time: each looks whenever something happens."""
REST: Final = 4
"""Between two looks lies so many times what a look took."""


class Waits:
    """All that wait; ``stopping`` is set when the operator ends."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._count = 0

    async def until(self, call: Call, happening: Coroutine[Any, Any, T]) -> T | None:
        """What comes of it; ``None`` when the client went or the operator stops first. :class:`HttpError` 503 when too many
        wait.
        """
        if self._count >= WAITS_MAX:
            happening.close()
            text = f"{WAITS_MAX} requests wait, and no more are allowed"
            raise HttpError(503, "too_many_waits", "", text, headers={"Retry-After": "1"})
        self._count += 1
        looking = asyncio.ensure_future(happening)
        ends = [asyncio.ensure_future(event.wait()) for event in (gone(call.request), self._stopping)]
        try:
            await asyncio.wait((looking, *ends), return_when=asyncio.FIRST_COMPLETED)
            return looking.result() if looking.done() else None
        finally:
            self._count -= 1
            for task in (looking, *ends):
                task.cancel()


async def seen(look: Callable[[], bool], news: asyncio.Event, within_s: float) -> bool:
    """Look whenever there is news, until ``look`` says yes or the time is over; what it said last."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        news.clear()
        began = loop.time()
        if look():
            return True
        looked = loop.time()
        if looked >= end:
            return False
        await asyncio.sleep(min(end - looked, REST * (looked - began)))
        try:
            async with asyncio.timeout_at(end):
                await news.wait()
        except TimeoutError:
            continue  # one last look
