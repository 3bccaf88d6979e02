"""The watcher itself: its screens, its end.

The rule: it ends at once and cleanly, on ``q``, on Ctrl-C and on SIGTERM, and leaves the terminal as it was.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from mock_ofd.watch.overview import FleetView
from mock_ofd.watch.register import RegisterScreen
from mock_ofd.watch.source import Source
from mock_ofd.watch.table import Registers


class WatchApp(App[None]):
    """``mock-ofd watch``."""

    TITLE = "mock-ofd watch"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
    ]

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.is_terminated = False
        """Whether it was a signal that ended it, and no key."""

    async def on_mount(self) -> None:
        """Begin with the fleet."""
        await self.source.__aenter__()
        with suppress(NotImplementedError, ValueError):  # Windows, or a thread: there it is ended in another way
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)
        self.push_screen(FleetView())

    async def on_unmount(self) -> None:
        """Let go of the operator."""
        await self.source.__aexit__(None, None, None)

    async def action_quit(self) -> None:
        """That is all."""
        self.exit()

    def _terminate(self) -> None:
        self.is_terminated = True
        self.exit()

    def on_registers_opened(self, opened: Registers.Opened) -> None:
        """See one register."""
        self.push_screen(RegisterScreen(opened.register))
