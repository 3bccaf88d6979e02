"""All registers: figures above, a line or a lamp for each below.

The rule: the whole is read once, then what changes; however much that is, a few drawings a second show it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Input, Static

from mock_ofd.watch.fleet import LAMPS, FleetModel
from mock_ofd.watch.screens import AGAIN_S, DRAWN_S, View, now_ms
from mock_ofd.watch.source import Gone, Refused
from mock_ofd.watch.table import Registers
from mock_ofd.watch.tongues import say
from mock_ofd.watch.words import LOOKS, NOTHING, duration, figure, line

LABEL: Final = 10 + 8
"""Columns left and right of a line of blocks."""


class FleetView(View):
    """All registers."""

    heading = "fleet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "board", "lamps/lines"),
        Binding("f", "filter", "state"),
        Binding("slash", "search", "search", key_display="/"),
        Binding("escape", "clear", "all", show=False),
        Binding("q", "app.quit", "quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.model = FleetModel()
        self._drawn: tuple[int, int] | None = None
        self._ahead = 0
        """How far the operator's clock is ahead of ours."""

    def compose(self) -> ComposeResult:
        """Figures above, registers below."""
        yield Static("", id="head", markup=False)
        yield Static("", id="figures", classes="line", markup=False)
        yield Static("", id="lamps", classes="line")
        yield Static("", id="rates", classes="line", markup=False)
        yield Static("", id="waiting", classes="line", markup=False)
        search = Input(placeholder=say("part of a register's id"), id="search", compact=True)
        search.display = False
        yield search
        yield Registers(self.model)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Read, and draw a few times a second."""
        self.show_head()
        self.query_one(Registers).focus()
        self.set_interval(DRAWN_S, self.draw)
        self.follow()

    @work(exclusive=True)
    async def follow(self) -> None:
        """Read the whole, then what changes; begin again whenever that ends."""
        while True:
            try:
                parts = await self._whole()
                self.model.begin(parts)
                self._ahead = self.model.figures.at - now_ms()
                self.find()
                self.listen()
                async for event in self.source.events("fleet/events", after=parts[0]["cursor"]):
                    if event.name == "gap":
                        break
                    if event.name == "fleet":
                        before = self.model.figures.at
                        self.model.take(event.data)
                        if self.model.figures.at != before:
                            self._ahead = self.model.figures.at - now_ms()
                else:
                    self.lose(say("it ended the stream"))
                    await asyncio.sleep(AGAIN_S)
            except (Gone, Refused) as error:
                self.lose(error)
                await asyncio.sleep(AGAIN_S)

    @work(exclusive=True, group="words")
    async def listen(self) -> None:
        """Hear the registers that live in the operator's process, if there are any."""
        with suppress(Gone, Refused):  # other operators have none; whether this one is there, the fleet's stream tells
            while True:
                for word in (await self.source.get("live/registers"))["items"]:
                    self.model.hear(word)
                async for event in self.source.events("live/events"):
                    if event.name == "gap":
                        break
                    if event.name == "status":
                        self.model.hear(event.data)
                else:
                    return

    async def _whole(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            parts.append(await self.source.get("fleet", after=after))
            after = parts[-1]["next"]
        return parts

    def draw(self) -> None:
        """Draw what has changed; ages change by themselves, once a second is enough for them."""
        if self.gone is not None:
            self.show_head()
        second = now_ms() // 1_000
        if not self.is_current or (self._drawn == (self.model.changes, second)):
            return
        self._drawn = (self.model.changes, second)
        self.show_figures()
        self.query_one(Registers).show(now_ms() + self._ahead)

    def show_figures(self) -> None:
        """The figures of the whole fleet."""
        model = self.model
        figures = model.figures
        oldest = NOTHING if figures.oldest_at is None else duration(now_ms() + self._ahead - figures.oldest_at)
        self.put(
            "figures",
            say(
                "{registers} registers  {documents} documents  {waiting} waiting, oldest {oldest}  {rate} answers/s  {late} late",
                registers=figure(model.size),
                documents=figure(figures.documents),
                waiting=figure(figures.waiting),
                oldest=oldest,
                rate=f"{figures.rate:.0f}",
                late=figure(figures.late),
            ),
        )
        counts = []
        for lamp in LAMPS:
            look = LOOKS[lamp]
            count = f"[{look.colour}]{look.shape}[/] {say(look.word)} {figure(model.lamps.get(lamp, 0))}"
            counts.append(f"[b]»{count}«[/]" if lamp is model.wanted else count)
        self.put("lamps", "  ".join(counts))
        for name, label, values in (("rates", "answers/s", model.rates), ("waiting", "waiting", model.waiting)):
            last = figure(round(values[-1])) if values else NOTHING
            shown = line(values, self.size.width - LABEL)
            self.put(name, f"{say(label):<10}{shown}{last:>8}")

    # --------------------------------------------------------------------------------------------------------- keys

    def action_board(self) -> None:
        """Lamps only, or a line for each."""
        self.query_one(Registers).toggle_board()

    def action_filter(self) -> None:
        """The next state, and after the last one all of them."""
        order = (None, *LAMPS)
        self.model.wanted = order[(order.index(self.model.wanted) + 1) % len(order)]
        self._drawn = None
        self.draw()

    def action_search(self) -> None:
        """Ask for a part of an id."""
        search = self.query_one("#search", Input)
        search.display = True
        search.focus()

    def action_clear(self) -> None:
        """All registers again."""
        self.model.wanted = None
        self.query_one("#search", Input).value = ""
        self._end_search()

    def _end_search(self) -> None:
        search = self.query_one("#search", Input)
        search.display = bool(search.value)
        self.query_one(Registers).focus()
        self._drawn = None
        self.draw()

    def on_input_changed(self, changed: Input.Changed) -> None:
        """Show what fits so far."""
        self.model.needle = changed.value
        self._drawn = None
        self.draw()

    def on_input_submitted(self) -> None:
        """That is all that is asked for."""
        self._end_search()
