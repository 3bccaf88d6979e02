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
from mock_ofd.watch.tongues import by_page, label, said, say
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
        self.title_text = say("register {id}", id=register)
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
            shown = say(name)
            table.add_column(shown.rjust(width) if name == "total" else shown, width=width + 1, key=name)
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
                wrong.append(say("document {number}: {wrong}", number=number, wrong=say(judged.wrong)))
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
            self.notify(
                say("it is still in its register's memory; the operator has no paper of it"), severity="warning"
            )

    def action_more(self) -> None:
        """See older documents too."""
        if self._is_whole:
            self.notify(say("these are all {n} documents", n=figure(len(self._shown))))
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
        self.notify(link_words(link))
        self._news.set()


def link_words(link: dict[str, Any]) -> str:
    """How a link is, as the operator says."""
    told = [by_page(f"link.is_{link['state']}") or f"link: {link['state']}."]
    if link["lose_next_answer"]:
        told.append(by_page("link.is_losing") or "The next answer is lost.")
    if not link["paid"]:
        told.append(by_page("link.is_unpaid") or "It is unpaid.")
    return " ".join(told).replace("{delay}", duration(link["delay_ms"] or 0))


def facts_of(register: dict[str, Any], status: dict[str, Any] | None, now: int) -> list[str]:
    """What is known of a register, a line for each voice. ``status`` is its own word, where it can be heard now."""
    shift, counters = register["shift"], register["counters"]
    standing = by_page(f"standing.{register['standing']}") or register["standing"]
    knows = say(
        "{standing}, {session}, {n} documents, last at {at}",
        standing=standing + (f" ({register['reason']})" if register["reason"] else ""),
        session=say("connected" if register["connected"] else "no session"),
        n=figure(register["last_number"]),
        at=moment(register["last_issued_at"], now),
    )
    is_open = "{n}, open since {at}, cash {cash}, revenue {revenue}"
    turn = say(
        is_open if shift["open"] else "{n}, closed, cash {cash}, revenue {revenue}",
        n=shift["number"],
        at=moment(shift["opened_at"], now),
        cash=money(counters.get("cash_sum", 0)),
        revenue=money(counters.get("revenue", 0)),
    )
    lines = [label("operator") + knows, label("shift") + turn, *_said(register["reported"], now)]
    if status is not None:
        lines += _says(status, now)
    return lines + [label("stuck") + _reason(reason, register["reported"]) for reason in register["stuck"]]


def _reason(reason: dict[str, str], reported: dict[str, Any] | None) -> str:
    told = by_page(f"stuck.{reason['code']}")
    if told is None or reported is None:
        return told or reason["text"]
    what = {"reported": "stuck", "unsent": "last_error"}.get(reason["code"])
    return f"{told}: {said(reported[what + '_code'], reported[what])}" if what and reported[what] else told


def _mode(mode: str) -> str:
    return by_page(f"mode.{mode}") or mode.replace("_", ", ")


def _said(reported: dict[str, Any] | None, now: int) -> list[str]:
    if reported is None:
        return [label("it said") + say(UNKNOWN)]
    since, oldest, head = reported["since"], reported["oldest_unsent_at"], reported["head"]
    mode = _mode(reported["mode"])
    if since:
        mode = say("{mode} since {since}", mode=mode, since=moment(since, now))
    lines = [label("it said") + say("at {at}: {mode}", at=moment(reported["at"], now), mode=mode)]
    if reported["unsent"]:
        waits = "{n} waiting since {since}" if oldest else "{n} waiting"
        first = ", " + say("the first is document {number}", number=head) if head else ""
        lines.append(label("") + say(waits, n=figure(reported["unsent"]), since=moment(oldest, now)) + first)
    return lines


def _says(status: dict[str, Any], now: int) -> list[str]:
    mode = say("{mode} since {since}", mode=_mode(status["mode"]), since=moment(status["since"], now))
    lines = [f"{label('it says')}{mode}, {say('{n} waiting', n=figure(status['unsent']))}"]
    if status["head"] is not None:
        next_s = status["next_attempt_s"]
        following = say("now") if next_s is None else say("in {time}", time=duration(round(next_s * 1_000)))
        error = said(status.get("last_error_code"), status["last_error"])
        tried = "document {number} tried {n} times"
        text = f"{tried} ({{error}}), again {{next}}" if error else f"{tried}, again {{next}}"
        told = say(text, number=status["head"], n=status["attempts"], error=error, next=following)
        lines.append(label("") + told)
    return lines


def row_of(held: dict[str, Any] | None, own: dict[str, Any] | None, marks: str) -> tuple[str, ...]:
    """A document as a line of the table."""
    told = held or own
    assert told is not None, "somebody told of it"
    own_sign = next((each["autonomous_sign"] for each in (held, own) if each and each["autonomous_sign"]), None)
    delay = None if held is None else max(0, held["received_at"] - held["issued_at"])
    return (
        figure(told["number"]),
        say(told["operation"] or told["kind"]),
        f"{money(told['total']):>14}",
        marks,
        told["sign"] or NOTHING,
        NOTHING if own_sign is None else str(own_sign),
        say("not yet") if delay is None else duration(delay),
    )
