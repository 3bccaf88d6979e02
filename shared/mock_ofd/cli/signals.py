"""How a command that runs until it is told to end hears of it: SIGTERM and Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


def on_end(stop: Callable[[], None], *, once: bool = False) -> None:
    """Call ``stop`` on the running loop at SIGTERM and SIGINT; ``once`` leaves the second signal to Python.

    Windows has no signals on its loops; there Python's own handlers hand it over. A loop outside the main thread hears no
    signals at all: whoever started the thread ends it.
    """
    loop = asyncio.get_running_loop()

    def heard(number: int) -> None:
        stop()
        if once:
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, heard, number)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        except (RuntimeError, ValueError):
            return
