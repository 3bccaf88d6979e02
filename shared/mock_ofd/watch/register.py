"""One register: what the operator knows of it, what it last said itself, its documents with their marks.

The rule: the two voices are kept apart, because they may disagree; what nobody said is unknown.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Static

from mock_ofd.watch.marks import judge
from mock_ofd.watch.screens import AGAIN_S, DRAWN_S, PaperView, View, now_ms
from mock_ofd.watch.source import Gone, Refused, part
from mock_ofd.watch.words import NOTHING, UNKNOWN, duration, figure, moment, money

SHOWN: Final = 100
"""Documents that are shown at first, the newest, and as many more for each wish."""
PAGE_MAX: Final = 500
"""Documents that the operator tells at once."""
COLUMNS: Final = (
    ("№", 7),
    ("document", 13),
    ("total", 14),
    ("marks", 5),
    ("sign", 12),
    ("own sign", 10),
    ("delivered", 9),
)


class RegisterScreen(View):
    """One register."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "x_report", "X-report"),
        Binding("m", "more", "more"),
        Binding("c", "link('cut')", "cut"),
        Binding("s", "link('slow')", "slow"),
        Binding("r", "link('up')", "restore"),
        Binding("l", "lose", "lose an answer"),
        Binding("p", "pay", "pay/not"),
        Binding("escape,q,backspace", "app.pop_screen", "back"),
    ]
    DEFAULT_CSS = """
    RegisterScreen > #facts { height: auto; max-height: 8; }
    RegisterScreen > #wrong { height: auto; max-height: 3; color: $text-error; }
    RegisterScreen > DataTable { height: 1fr; }
    """

    def __init__(self, register: str) -> None:
        super().__init__()
        self.register = register
        self.title_text = f"register {register}"
        self._one = f"registers/{part(register)}"
        self._news = asyncio.Event()
        self._wanted = SHOWN
        self._is_whole = False
        """Whether there is no document older than those that are shown."""
        self._held: dict[int, dict[str, Any]] = {}
        self._own: dict[int, dict[str, Any]] = {}
        self._shown: dict[int, tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        """What is known above, documents below."""
        yield Static("", id="head", markup=False)
        yield Static("", id="facts", markup=False)
        yield Static("", id="wrong", markup=False)
        yield DataTable(id="documents", cursor_type="row", zebra_stripes=True, cell_padding=0)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Read, and read again whenever something happens."""
        self.show_head()
        self.set_interval(1.0, self.show_head)
        table = self.query_one(DataTable)
        for name, width in COLUMNS:
            table.add_column(name.rjust(width) if name == "total" else name, width=width + 1, key=name)
        table.focus()
        self.read()
        self.listen(f"events?register={part(self.register)}")

    # ------------------------------------------------------------------------------------------------------- reading

    @work
    async def listen(self, path: str) -> None:
        """Whatever the stream tells is a reason to read."""
        while True:
            try:
                async for _ in self.source.events(path):
                    self._news.set()
            except Refused:
                return  # there is no such stream: registers of other processes have no voice of their own
            except Gone as error:
                self.lose(error)
            await asyncio.sleep(AGAIN_S)

    @work
    async def read(self) -> None:
        """Read now, and once for all that happens in a moment."""
        listens = False
        while True:
            self._news.clear()
            try:
                # The register's word first: what it calls delivered then, the ledger holds when it is asked after it.
                live = await self._live()
                register = await self.source.get(self._one)
                documents = await self._documents()
                self.find()
                self.show(register, documents, live)
                if live is not None and not listens:
                    self.listen(f"live/events?register={part(self.register)}")
                    listens = True
            except Refused as error:
                self.put("facts", str(error))
            except Gone as error:
                self.lose(error)
                await asyncio.sleep(AGAIN_S)
                continue
            await self._news.wait()
            await asyncio.sleep(DRAWN_S)

    async def _documents(self) -> list[dict[str, Any]]:
        """As many of the newest as are wanted; each page begins where the one before it ended."""
        documents: list[dict[str, Any]] = []
        place: dict[str, int] = {}
        while len(documents) < self._wanted:
            limit = min(PAGE_MAX, self._wanted - len(documents))
            page = await self.source.get("documents", register=self.register, limit=limit, **place)
            documents += page["items"]
            self._is_whole = page["next"] is None
            if self._is_whole:
                break
            place = {"before": page["next"]}
        return documents

    async def _live(self) -> dict[str, Any] | None:
        """What the register itself says, where it lives in the operator's process."""
        try:
            return await self.source.get(f"live/{self._one}")
        except Refused:
            return None

    # ------------------------------------------------------------------------------------------------------- showing

    def show(self, register: dict[str, Any], documents: list[dict[str, Any]], live: dict[str, Any] | None) -> None:
        """Everything that was read."""
        self._held = {each["number"]: each for each in documents}
        self._own = {} if live is None else {each["number"]: each for each in live["documents"]}
        status = None if live is None else live["status"]
        self.put("facts", "\n".join(facts_of(register, status, now_ms())))
        wrong = []
        rows: dict[int, tuple[str, ...]] = {}
        oldest_held = 0 if self._is_whole else min(self._held, default=0)
        for number in sorted({*self._held, *(each for each in self._own if each > oldest_held)}, reverse=True):
            held, own = self._held.get(number), self._own.get(number)
            judged = judge(held, own)
            if judged.wrong:
                wrong.append(f"document {number}: {judged.wrong}")
            rows[number] = row_of(held, own, str(judged.marks) or "✕")
        self.put("wrong", "\n".join(wrong))
        self._show_rows(rows)

    def _show_rows(self, rows: dict[int, tuple[str, ...]]) -> None:
        """Only what has changed; the cursor stays on its document."""
        table = next(iter(self.query(DataTable)), None)
        if table is None:
            return  # the screen is being closed
        if list(rows) == list(self._shown):
            for number, row in rows.items():
                for (name, _), now, before in zip(COLUMNS, row, self._shown[number], strict=True):
                    if now != before:
                        table.update_cell(str(number), name, now)
        else:
            chosen = self._chosen()
            table.clear()
            for number, row in rows.items():
                table.add_row(*row, key=str(number))
            if chosen in rows and next(iter(self._shown), None) != chosen:
                table.move_cursor(row=list(rows).index(chosen))
        self._shown = rows

    def _chosen(self) -> int:
        """The document under the cursor; 0 for none."""
        place = self.query_one(DataTable).cursor_row
        numbers = list(self._shown)
        return numbers[place] if 0 <= place < len(numbers) else 0

    # --------------------------------------------------------------------------------------------------------- keys

    def on_data_table_row_selected(self) -> None:
        """See the paper."""
        number = self._chosen()
        if number in self._held:
            self.app.push_screen(PaperView(self.register, number))
        elif number:
            self.notify("it is still in its register's memory; the operator has no paper of it", severity="warning")

    def action_more(self) -> None:
        """See older documents too."""
        if self._is_whole:
            self.notify(f"these are all {figure(len(self._shown))} documents")
            return
        self._wanted += SHOWN
        self._news.set()

    def action_x_report(self) -> None:
        """The shift so far."""
        self.app.push_screen(PaperView(self.register, None))

    @work
    async def action_link(self, state: str) -> None:
        """Cut the link, slow it down, mend it."""
        await self._change("PUT", "link", {"state": state})

    @work
    async def action_lose(self) -> None:
        """Lose the answer to the next document."""
        await self._change("POST", "link/lose-answer")

    @work
    async def action_pay(self) -> None:
        """Stop paying the operator, or pay again."""
        try:
            link = await self.source.get(f"{self._one}/link")
        except (Gone, Refused) as error:
            self.notify(str(error), severity="error")
            return
        await self._change("POST", "unpaid" if link["paid"] else "paid")

    async def _change(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        try:
            await self.source.change(method, f"{self._one}/{path}", body)
            link = await self.source.get(f"{self._one}/link")
        except (Gone, Refused) as error:
            self.notify(str(error), severity="error")
            return
        lost = ", the next answer is lost" if link["lose_next_answer"] else ""
        self.notify(f"link: {link['state']}{lost}{'' if link['paid'] else ', unpaid'}")
        self._news.set()


def facts_of(register: dict[str, Any], status: dict[str, Any] | None, now: int) -> list[str]:
    """What is known of a register, a line for each voice. ``status`` is its own word, where it can be heard now."""
    shift = register["shift"]
    since = f", open since {moment(shift['opened_at'], now)}" if shift["open"] else ", closed"
    reason = f" ({register['reason']})" if register["reason"] else ""
    session = "connected" if register["connected"] else "no session"
    last = moment(register["last_issued_at"], now)
    counters = register["counters"]
    cash, revenue = money(counters.get("cash_sum", 0)), money(counters.get("revenue", 0))
    lines = [
        f"operator  {register['standing']}{reason}, {session}, {figure(register['last_number'])} documents, last at {last}",
        f"shift     {shift['number']}{since}, cash {cash}, revenue {revenue}",
        *_said(register["reported"], now),
    ]
    if status is not None:
        lines += _says(status, now)
    lines += [f"stuck     {reason['text']}" for reason in register["stuck"]]
    return lines


def _said(reported: dict[str, Any] | None, now: int) -> list[str]:
    if reported is None:
        return [f"it said   {UNKNOWN}"]
    since, oldest, head = reported["since"], reported["oldest_unsent_at"], reported["head"]
    mode = reported["mode"].replace("_", ", ") + (f" since {moment(since, now)}" if since else "")
    lines = [f"it said   at {moment(reported['at'], now)}: {mode}"]
    if reported["unsent"]:
        first = f", the first is document {head}" if head else ""
        waits = f" since {moment(oldest, now)}" if oldest else ""
        lines.append(f"          {figure(reported['unsent'])} waiting{waits}{first}")
    return lines


def _says(status: dict[str, Any], now: int) -> list[str]:
    since = moment(status["since"], now)
    lines = [f"it says   {status['mode'].replace('_', ', ')} since {since}, {figure(status['unsent'])} waiting"]
    if status["head"] is not None:
        next_s = status["next_attempt_s"]
        following = "now" if next_s is None else f"in {duration(round(next_s * 1_000))}"
        error = f" ({status['last_error']})" if status["last_error"] else ""
        lines.append(f"          document {status['head']} tried {status['attempts']} times{error}, again {following}")
    return lines


def row_of(held: dict[str, Any] | None, own: dict[str, Any] | None, marks: str) -> tuple[str, ...]:
    """A document as a line of the table."""
    told = held or own
    assert told is not None, "somebody told of it"
    own_sign = next((each["autonomous_sign"] for each in (held, own) if each and each["autonomous_sign"]), None)
    delay = None if held is None else max(0, held["received_at"] - held["issued_at"])
    return (
        figure(told["number"]),
        told["operation"] or told["kind"],
        f"{money(told['total']):>14}",
        marks,
        told["sign"] or NOTHING,
        NOTHING if own_sign is None else str(own_sign),
        "not yet" if delay is None else duration(delay),
    )
