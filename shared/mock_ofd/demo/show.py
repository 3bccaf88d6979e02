"""Shows the demonstration while it runs: a live table on a terminal, plain lines everywhere else.

The rule: both write to standard error only. A display is called whenever the board has changed, as often as that may
be, and decides itself how often it shows something.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Protocol, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.status import CLOUD, TICK
from mock_ofd.demo.board import Board, Row, duration, shop_time

FRAME_S: Final = 0.2
"""The shortest time between two pictures of the table."""
SUMMARY_S: Final = 2.5
"""The time between two lines that tell how everything stands, where there is no table."""
WAITS_MS: Final = 300
"""A customer who waits longer is worth a word."""
STORIES: Final = 6
"""Lines of the story under the table."""

_MODES: Final = {
    RegisterMode.ONLINE: "green",
    RegisterMode.AUTONOMOUS: "yellow",
    RegisterMode.BLOCKED: "red",
    RegisterMode.BLOCKED_AUTONOMOUS: "red",
}


class Display(Protocol):
    """Enter it as a context, and call it with the board."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def show(self, board: Board) -> None: ...


def display_for(stream: TextIO) -> Display:
    """The display that fits the stream."""
    return LiveDisplay(stream) if stream.isatty() else PlainDisplay(stream)


# ------------------------------------------------------------------------------------------------------ plain lines


class PlainDisplay:
    """One line for everything that happens, and now and then one that sums up."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told = 0
        self._summed_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    def show(self, board: Board) -> None:
        for story in board.story[self._told :]:
            self._stream.write(f"[{story.at_s:5.1f} s] {story.shop_time}  {story.text}\n")
            self._summed_at = time.monotonic()
        self._told = len(board.story)
        if time.monotonic() - self._summed_at >= SUMMARY_S:
            self._summed_at = time.monotonic()
            self._stream.write(f"          {shop_time(board.now)}  {summary(board)}\n")
        self._stream.flush()


def summary(board: Board) -> str:
    """How everything stands, in one line."""
    saved, delivered, clouds, queue = board.sums()
    alone = sum(row.progress is not None and row.progress.mode != RegisterMode.ONLINE for row in board.rows.values())
    counts = f"{TICK} {saved}  {TICK}{TICK} {delivered}  {CLOUD} {clouds}  queue {queue}"
    return f"{counts}  autonomous registers {alone}  {board.link}"


# ------------------------------------------------------------------------------------------------------- the table


class LiveDisplay:
    """A table that is drawn over itself again and again."""

    def __init__(self, stream: TextIO) -> None:
        self._live = Live(console=Console(file=stream), auto_refresh=False, redirect_stdout=False)
        self._shown_at = 0.0
        self._board: Board | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._board is not None:
            self._live.update(picture(self._board), refresh=True)
        self._live.stop()

    def show(self, board: Board) -> None:
        self._board = board
        if time.monotonic() - self._shown_at >= FRAME_S:
            self._live.update(picture(board), refresh=True)
            self._shown_at = time.monotonic()


def picture(board: Board) -> Group:
    """The whole picture of this moment."""
    style = "bold red" if board.cut else "green"
    head = Text.assemble((shop_time(board.now), "bold"), "  ", (board.link, style), "  ", (board.operator, "dim"))
    stories = [
        Text(f"{story.shop_time}  {story.text}", style="dim", no_wrap=True, overflow="ellipsis")
        for story in board.story[-STORIES:]
    ]
    return Group(head, _table(board), *stories)


def _table(board: Board) -> Table:
    table = Table(expand=True, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("mode", no_wrap=True)
    for mark in (TICK, TICK + TICK, CLOUD):
        table.add_column(mark, justify="right", no_wrap=True)
    table.add_column("queue", justify="right", no_wrap=True)
    table.add_column("oldest", justify="right", no_wrap=True)
    table.add_column("waits", justify="right", no_wrap=True)
    table.add_column("script", justify="right", no_wrap=True)
    table.add_column("told to the cashier", ratio=1, no_wrap=True, overflow="ellipsis")
    for number, row in board.rows.items():
        table.add_row(str(number), *_cells(row))
    return table


def _cells(row: Row) -> list[Text]:
    progress = row.progress
    if progress is None or row.life in ("killed", "failed"):
        return [Text(row.life, "bold red" if row.life != "starting" else "dim"), *[Text("")] * 7, Text(row.said)]
    mode = RegisterMode(progress.mode)
    return [
        Text(mode.value.replace("_", " "), _MODES[mode]),
        Text(str(progress.saved), "yellow" if progress.saved else "dim"),
        Text(str(progress.delivered), "green"),
        Text(str(progress.clouds)),
        Text(str(progress.queue), "yellow" if progress.queue else "dim"),
        Text("" if progress.oldest_ms is None else duration(progress.oldest_ms)),
        Text(f"{progress.waits_ms / 1_000:.1f} s" if progress.waits_ms >= WAITS_MS else "", "bold yellow"),
        Text(f"{progress.done}/{progress.steps}", "dim"),
        Text(row.said, "bold red" if row.is_grave else ""),
    ]
