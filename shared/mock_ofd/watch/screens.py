"""What all views share, and the plainest of them: a paper.

The rule: a screen reads by itself, shows what it has, and says when the operator is not there; what it shows then is the
last that was known.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Static

from fiscal.time import Instant
from mock_ofd.watch.source import Gone, Refused, Source, part
from mock_ofd.watch.tongues import by_page, say, say_keys
from mock_ofd.watch.words import duration, moment

if TYPE_CHECKING:
    from mock_ofd.watch.app import WatchApp

AGAIN_S: Final = 2.0
"""Seconds until the operator is looked for again."""
DRAWN_S: Final = 0.2
"""Seconds between two drawings, however much changes: over a slow line every drawing has to be sent."""
WIDTHS: Final = (48, 42, 32)


def now_ms() -> Instant:
    """What the clock of this machine says."""
    return time.time_ns() // 1_000_000


class View(Screen[None]):
    """A screen with a line that says where it looks and whether anybody is there."""

    DEFAULT_CSS = """
    View > #head { height: 1; background: $primary; color: $text; }
    View.gone > #head { background: $error; }
    View > .line { height: 1; }
    """

    heading = ""

    def __init__(self) -> None:
        super().__init__()
        self.title_text = say(self.heading)
        say_keys(self._bindings)
        self.gone: tuple[Instant, str] | None = None
        """Since when the operator is not there, and what it looks like."""

    @property
    def source(self) -> Source:
        app: WatchApp = self.app  # type: ignore[assignment]  # these screens have no other
        return app.source

    def put(self, name: str, text: str) -> None:
        """Show a text in its place; a screen that is being closed has no places any more."""
        for place in self.query(f"#{name}").results(Static):
            place.update(text)

    def show_head(self) -> None:
        """What is looked at, and whether it can be seen."""
        self.set_class(self.gone is not None, "gone")
        if self.gone is None:
            self.put("head", f" {self.title_text}   {self.source.url}")
            return
        since, why = self.gone
        for_so_long = duration(max(0, now_ms() - since) // 1_000 * 1_000)
        self.put("head", " ✖ " + say("NO OPERATOR for {time}, trying again — {why}", time=for_so_long, why=why))

    def lose(self, why: object) -> None:
        """The operator is not there."""
        self.gone = (self.gone[0] if self.gone is not None else now_ms(), str(why))
        self.show_head()

    def find(self) -> None:
        """It is there."""
        self.gone = None
        self.show_head()


class PaperView(View):
    """A document as it is printed, or an X-report."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "width", "width"),
        Binding("escape,q,backspace", "app.pop_screen", "back"),
    ]

    def __init__(self, register: str, number: int | None) -> None:
        super().__init__()
        self._register = register
        self._number = number
        self._width = 0
        what = "X-report of {register}" if number is None else "document {number} of {register}"
        self.title_text = say(what, number=number, register=register)

    def compose(self) -> ComposeResult:
        """The paper, and below it what happened to it."""
        yield Static("", id="head", markup=False)
        with VerticalScroll(id="roll"):
            yield Static("", id="paper", markup=False)
            yield Static("", id="history", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Read it."""
        self.show_head()
        self.query_one("#roll").focus()
        self.read()

    @work(exclusive=True)
    async def read(self) -> None:
        """Until it is there."""
        one = f"registers/{part(self._register)}"
        while True:
            try:
                width = WIDTHS[self._width]
                if self._number is None:
                    paper, history = await self.source.text(f"{one}/x-report", format="text", width=width), ""
                else:
                    document = f"{one}/documents/{self._number}"
                    paper = await self.source.text(f"{document}/receipt", format="text", width=width)
                    history = _history(await self.source.get(document))
            except Refused as error:
                paper, history = str(error), ""
            except Gone as error:
                self.lose(error)
                await asyncio.sleep(AGAIN_S)
                continue
            self.find()
            self.put("paper", paper)
            self.put("history", history)
            return

    def action_width(self) -> None:
        """Another paper."""
        self._width = (self._width + 1) % len(WIDTHS)
        self.read()


def _history(document: dict[str, Any]) -> str:
    """What happened to a document, a line for each thing."""
    now = now_ms()
    lines = [f"{moment(document['issued_at'], now):>19}  {by_page('history.issued') or 'issued'}"]
    for each in document["history"]:
        told = by_page(f"history.{each['what']}") or f"{each['what']:<16}{each['text']}"
        lines.append(f"{moment(each['at'], now):>19}  {told}")
    return "\n".join(["", *lines])
