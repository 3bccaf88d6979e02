"""What ``mock-ofd kkt`` prints for people; for programs the same facts are in :mod:`kkt_client.core.views`.

The rule: a figure that stands in a text stands in the JSON as well, so nobody has to read it out of a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from fiscal.domain.document import DocumentKind, total_of
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, RegisterMode
from fiscal.domain.money import format_minor
from fiscal.domain.receipt import Receipt
from fiscal.rendering.text import columns
from fiscal.rendering.words import MEANINGS, WORDS
from fiscal.time import Instant, printed
from kkt_client.core.events import Event
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.status import RegisterStatus
from kkt_client.core.verifying import Verdict


def footer(paper: FiscalPaper) -> str:
    """The marks with their meaning in words (S3-28 to S3-30); nothing for an X report, which goes nowhere."""
    if paper.state is None:
        return ""
    text = f"{paper.marks} {MEANINGS[paper.state]}"
    return f"{text}: {paper.refusal}" if paper.refusal else text


_KINDS: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.CORRECTION: "КОРРЕКЦИЯ",
    DocumentKind.DEPOSIT: "ВНЕСЕНИЕ",
    DocumentKind.WITHDRAWAL: "ИЗЪЯТИЕ",
    DocumentKind.CLOSE_SHIFT: "Z-ОТЧЁТ",
    DocumentKind.VOID: "АННУЛИРОВАНИЕ",
    DocumentKind.ANNULMENT: "АННУЛИРОВАНИЕ ЧЕКА",
}

LIST_HEAD: Final = ("№", "Смена", "Дата и время", "Документ", "Сумма", "Признак", "Автономный", "Отметки")
_RIGHT: Final = frozenset(("№", "Смена", "Сумма"))


def list_row(paper: FiscalPaper) -> tuple[str, ...]:
    """A document as one line of ``list``; the marks stand last, as no two terminals draw them equally wide."""
    document = paper.document
    assert document is not None, "an X report is not kept, so it is not listed"
    if isinstance(document, Receipt):
        name = WORDS[paper.profile.country].operations[document.operation]
    else:
        name = _KINDS[DocumentKind.CLOSE_SHIFT if not isinstance(paper, FiscalReceipt) else paper.kind]
    total = total_of(document)
    sign, own = (paper.sign, paper.autonomous_sign) if isinstance(paper, FiscalReceipt) else (None, None)
    return (
        str(document.number),
        str(document.shift),
        printed(document.issued_at, paper.profile.zone),
        name,
        format_minor(total) if total else "",
        sign or "",
        "" if own is None else str(own),
        str(paper.marks),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns that stand under each other; the last one is as long as it is."""
    lines = [head, *rows]
    widths = [max(columns(line[place]) for line in lines) for place in range(len(head))]
    text = ""
    for line in lines:
        cells = []
        for name, width, cell in zip(head, widths, line, strict=True):
            space = " " * (width - columns(cell))
            cells.append(space + cell if name in _RIGHT else cell + space)
        text += "  ".join(cells).rstrip() + "\n"
    return text


# -------------------------------------------------------------------------------------------------------------- status


_MODES: Final[Mapping[RegisterMode, str]] = {
    RegisterMode.ONLINE: "на связи с оператором",
    RegisterMode.AUTONOMOUS: "автономный",
    RegisterMode.BLOCKED: "заблокирована",
    RegisterMode.BLOCKED_AUTONOMOUS: "заблокирована, автономный",
}
_REASONS: Final[Mapping[AutonomousReason, str]] = {
    AutonomousReason.NO_CONNECTION: "нет соединения",
    AutonomousReason.LATE_ANSWER: "ответ не получен вовремя",
    AutonomousReason.LOW_POWER: "недостаточно питания",
    AutonomousReason.UNPAID: "услуги ОФД не оплачены",
    AutonomousReason.QUEUE_NOT_EMPTY: "очередь не передана",
}
_BLOCKS: Final[Mapping[BlockReason, str]] = {
    BlockReason.BY_OPERATOR: "заблокирована оператором",
    BlockReason.REFUSED_DOCUMENT: "оператор отклонил документ, нужно решение (resolve)",
    BlockReason.TOO_LONG_AUTONOMOUS: "автономная работа дольше 72 часов, передайте очередь (sync)",
    BlockReason.MEMORY_BEHIND: "память отстаёт от оператора, нужно решение (resolve adopt)",
    BlockReason.OPERATOR_BEHIND: "оператор отстаёт от памяти, нужно решение (resolve resend)",
    BlockReason.REJECTED_CREDENTIALS: "оператор не признаёт токен (token set)",
}


def status_rows(status: RegisterStatus, zone: str, operator_address: str) -> list[tuple[str, str]]:
    """The status for people: a name and what to say of it."""

    def at(instant: Instant | None) -> str:
        return "" if instant is None else printed(instant, zone)

    rows = [
        ("Касса", status.register_id),
        (
            "Оператор",
            " ".join(part for part in (operator_address, status.operator, status.operator_phone or "") if part),
        ),
        ("Режим", f"{_MODES[status.mode]} с {at(status.since)}"),
    ]
    rows += [("Блокировка", f"{_BLOCKS[b.reason]}: {b.text} ({at(b.since)})") for b in status.blocks]
    if status.period is not None:
        rows.append(("Без связи", f"с {at(status.period.begin)}, {_REASONS[status.period.reason]}"))
    rows += [("Не сообщено", f"период {p.number}: {at(p.begin)} … {at(p.end)}") for p in status.unreported]
    waits = f", старейший от {at(status.oldest_unsent_at)}, первым № {status.head}" if status.unsent else ""
    rows.append(("Не передано", f"{status.unsent}{waits}"))
    if status.last_error:
        rows.append(("Последняя ошибка", status.last_error))
    if status.unfinished:
        rows.append(("Не выданы", ", ".join(map(str, status.unfinished))))
    shift = f"№ {status.shift}, открыта {at(status.shift_opened_at)}" if status.shift_opened_at else "закрыта"
    rows.append(("Смена", f"{shift}, старше 24 часов: снимите Z-отчёт" if status.shift_expired else shift))
    rows.append(("Наличных в кассе", format_minor(status.cash)))
    rows.append(("Документов", f"{status.last_number}, подтверждено до № {status.accepted_number}"))
    return rows


def aligned(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values in two columns."""
    pairs = list(rows)
    width = max((columns(name) for name, _ in pairs), default=0)
    return "".join(f"{name}{' ' * (width - columns(name))}  {value}\n" for name, value in pairs)


# -------------------------------------------------------------------------------------------------------- all the rest


def event_line(event: Event, zone: str) -> str:
    return f"{printed(event.at, zone)}  {event.text}"


def verdict_text(verdict: Verdict) -> str:
    if verdict.damage is None:
        return f"цепочка цела: записей {verdict.records}, документов {verdict.documents}\n"
    damage = verdict.damage
    return (
        f"цепочка повреждена: запись {damage.seq} ({damage.kind}): {damage.why}\n"
        f"до неё цело: записей {verdict.records}, документов {verdict.documents}\n"
    )
