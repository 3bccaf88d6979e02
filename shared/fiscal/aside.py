"""Work that would stop an event loop, done aside: one thread, one piece of work after the other.

Both sides keep what is durable in a file that one thread alone touches. ``run_in_executor`` does that with two futures, a
lock and a condition for each piece of work; this does it with a queue and one call back.

This is the one module under both sides that is no pure code.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """A thread for whoever asks it from an event loop, of whichever loop. It begins with its first work.

    Work whose asker was cancelled before it began is left out; work that has begun is done.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[Any] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    async def do(self, function: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What ``function`` gives, or raises, in the thread. :class:`RuntimeError` when this is closed."""
        if self._is_closed:
            raise RuntimeError(f"{self._name} is closed")
        if self._thread is None:
            # As a daemon: a process that was not told to close ends all the same, as it would by a power cut.
            self._thread = threading.Thread(target=_work_off, args=(self._work,), name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[T] = loop.create_future()
        self._work.put((loop, asked, function, args, named))
        return await asked

    def close(self, *, wait: bool = True) -> None:
        """Take no more work; what was asked is done. ``wait`` until then. Further calls do nothing."""
        self._is_closed = True
        thread, self._thread = self._thread, None
        if thread is not None:
            self._work.put(None)
            if wait:
                thread.join()


def _work_off(work: SimpleQueue[Any]) -> None:
    while (asked := work.get()) is not None:
        _do(*asked)
        del asked  # nothing is kept alive until the next work comes


def _do(
    loop: asyncio.AbstractEventLoop, asked: asyncio.Future[T], function: Callable[..., T], args: Any, named: Any
) -> None:
    if asked.cancelled():
        return
    result: T | None = None
    failed: BaseException | None = None
    try:
        result = function(*args, **named)
    except BaseException as error:  # noqa: BLE001 - told to who asked
        failed = error
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_tell, asked, result, failed)


def _tell(asked: asyncio.Future[Any], result: Any, failed: BaseException | None) -> None:
    if asked.cancelled():
        return
    if failed is None:
        asked.set_result(result)
    else:
        asked.set_exception(failed)


__all__ = ["Aside"]
