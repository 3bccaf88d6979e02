"""The registers as lines: as many as there are, of which only those on the screen are ever drawn.

The rule: a drawing costs what the screen is high, never what the fleet is large.
"""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fiscal.time import Instant
from mock_ofd.watch.fleet import FleetModel, Row
from mock_ofd.watch.tongues import say, say_keys
from mock_ofd.watch.words import LOOKS, UNKNOWN, duration, figure

HEAD: Final = Style(bold=True, underline=True)
CHOSEN: Final = Style(reverse=True)
COLUMNS: Final = ("register", "state", "documents", "waiting", "oldest", "heard")
AGO: Final = 11
"""Columns of a duration; what does not fit is told without its smaller unit."""


class Registers(ScrollView, can_focus=True):
    """One register on each line, or one lamp in each place; the chosen one opens with Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(0, -1)", "up", show=False),
        Binding("down,j", "move(0, 1)", "down", show=False),
        Binding("left,h", "move(-1, 0)", "left", show=False),
        Binding("right,l", "move(1, 0)", "right", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "jump(0)", "first", show=False),
        Binding("end", "jump(-1)", "last", show=False),
        Binding("enter", "open", "open"),
    ]
    DEFAULT_CSS = "Registers { height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"

    class Opened(Message):
        """Somebody wants to see this register."""

        def __init__(self, register: str) -> None:
            super().__init__()
            self.register = register

    def __init__(self, model: FleetModel) -> None:
        super().__init__(id="registers")
        say_keys(self._bindings)
        self.model = model
        self.now: Instant = 0
        self.is_board = False
        """Whether there are only lamps, many on a line."""
        self._chosen: str | None = None
        self._cursor = 0

    @property
    def chosen(self) -> Row | None:
        """The register under the cursor."""
        rows = self.model.rows()
        return rows[self._cursor] if self._cursor < len(rows) else None

    @property
    def across(self) -> int:
        """How many registers stand on a line."""
        return max(1, self.scrollable_content_region.width // 2) if self.is_board else 1

    @property
    def _above(self) -> int:
        """Lines of the head."""
        return 0 if self.is_board else 1

    # ------------------------------------------------------------------------------------------------------ changing

    def show(self, now: Instant) -> None:
        """Draw what is so now; the cursor stays on its register."""
        self.now = now
        rows = self.model.rows()
        place = next((at for at, row in enumerate(rows) if row.id == self._chosen), None)
        self._cursor = min(self._cursor if place is None else place, max(0, len(rows) - 1))
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        lines = -(-len(self.model.rows()) // self.across) + self._above
        self.virtual_size = Size(self.scrollable_content_region.width, lines)

    def on_resize(self) -> None:
        """As many lamps as there is room for."""
        self._measure()

    def toggle_board(self) -> None:
        """Lines or lamps."""
        self.is_board = not self.is_board
        self._measure()
        self._follow()

    def action_move(self, across: int, down: int) -> None:
        """One register on."""
        self.action_jump(min(max(0, self._cursor + across + down * self.across), len(self.model.rows()) - 1))

    def action_page(self, pages: int) -> None:
        """A screen on."""
        height = max(1, self.size.height - self._above)
        self.action_move(0, pages * height)

    def action_jump(self, place: int) -> None:
        """The register at a place; -1 is the last one."""
        rows = self.model.rows()
        self._cursor = max(0, len(rows) - 1 if place < 0 else place)
        self._chosen = rows[self._cursor].id if rows else None
        self._follow()

    def _follow(self) -> None:
        line = self._cursor // self.across
        # The head goes with the first line, so that it is there when the first register is.
        top, height = (0, 1 + self._above) if line == 0 else (line + self._above, 1)
        self.scroll_to_region(Region(0, top, 1, height), animate=False, force=True)
        self.refresh()

    def action_open(self) -> None:
        """See the register under the cursor."""
        if (row := self.chosen) is not None:
            self.post_message(self.Opened(row.id))

    # ------------------------------------------------------------------------------------------------------- drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        line = y + self.scroll_offset.y - self._above
        if line < 0:
            return Strip([Segment(_columns("", *(say(name) for name in COLUMNS)), HEAD)])
        rows = self.model.rows()
        first = line * self.across
        if first >= len(rows):
            return Strip.blank(self.size.width)
        if self.is_board:
            return Strip([self._lamp(rows[at], at) for at in range(first, min(first + self.across, len(rows)))])
        return Strip(self._line(rows[first], first)).adjust_cell_length(self.size.width)

    def _lamp(self, row: Row, at: int) -> Segment:
        look = LOOKS[row.lamp]
        style = Style.parse(look.colour)
        return Segment(f"{look.shape} ", style + CHOSEN if at == self._cursor else style)

    def _line(self, row: Row, at: int) -> list[Segment]:
        look = LOOKS[row.lamp]
        chosen = CHOSEN if at == self._cursor else Style()
        text = _columns(
            "",
            row.id,
            say(look.word),
            figure(row.documents),
            say(UNKNOWN) if row.waiting is None else figure(row.waiting),
            self._ago(row.oldest_at),
            self._ago(row.heard_at),
        )
        lamp = Style.parse(look.colour)
        return [Segment(f"{look.shape} ", lamp + chosen), Segment(text[2:], chosen)]

    def _ago(self, at: Instant | None) -> str:
        shown = "–" if at is None else duration(self.now - at)
        return shown if len(shown) <= AGO else " ".join(shown.split()[:2])


def _columns(lamp: str, register: str, state: str, documents: str, waiting: str, oldest: str, heard: str) -> str:
    return f"{lamp:<2}{register[:22]:<23}{state:<11}{documents:>11}{waiting:>10}{oldest:>11}{heard:>11}"  # 79 columns
