"""What the register tells the cashier and whoever watches it. Every event has happened and is durable.

The rule: an event is told once, when the records that it follows from are on the disk; opening a memory again tells
nothing of what was before. ``at`` is the register's clock, ``said`` the code of what ``text`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState
from fiscal.domain.status import Marks, marks
from fiscal.time import Instant
from kkt_client.core.records import AnomalyCode
from kkt_client.core.saying import Said, about


@dataclass(frozen=True, slots=True)
class WentAutonomous:
    """The register works without the operator from here on; told once per transition, with the reason (S3-15).

    ``operator`` and ``phone`` say whom to call (S3-03), as far as they are known.
    """

    at: Instant
    reason: AutonomousReason
    operator: str = ""
    phone: str | None = None

    @property
    def said(self) -> Said:
        return about(self.reason)

    @property
    def text(self) -> str:
        return cashier_text(self.reason, self.operator, self.phone)


@dataclass(frozen=True, slots=True)
class CameBack:
    """The queue is sent: the register is online again (S3-06). ``since`` is when it went autonomous."""

    at: Instant
    since: Instant

    said: ClassVar[Said] = Said.CAME_BACK

    @property
    def text(self) -> str:
        return "Связь с сервером ОФД восстановлена, очередь передана. Автономный режим окончен."


@dataclass(frozen=True, slots=True)
class WasBlocked:
    """The register stopped selling, or has one more reason to."""

    at: Instant
    reason: BlockReason
    detail: str

    @property
    def said(self) -> Said:
        return about(self.reason)

    @property
    def text(self) -> str:
        return f"{_BLOCKED[self.reason]} {self.detail}".rstrip()


@dataclass(frozen=True, slots=True)
class WasUnblocked:
    """Nothing keeps the register from selling any more."""

    at: Instant

    said: ClassVar[Said] = Said.UNBLOCKED

    @property
    def text(self) -> str:
        return "Блокировка кассы снята."


@dataclass(frozen=True, slots=True)
class PersonNeeded:
    """Something will not get better by itself: ``number`` is the document that waits for a decision, if it is one."""

    at: Instant
    said: Said
    detail: str
    number: int | None = None

    @property
    def text(self) -> str:
        return f"Требуется решение: {self.detail}"


@dataclass(frozen=True, slots=True)
class DocumentMoved:
    """A document is in another state; ``marks`` are what the cashier sees now (S3-28 to S3-30)."""

    at: Instant
    number: int
    kind: DocumentKind
    state: DocumentState
    sign: str | None = None
    autonomous_sign: int | None = None

    @property
    def marks(self) -> Marks:
        return marks(self.state)

    said: ClassVar[Said] = Said.DOCUMENT_MOVED

    @property
    def text(self) -> str:
        return f"Документ {self.number}: {self.marks}"


@dataclass(frozen=True, slots=True)
class AnomalyNoted:
    """Something odd was recorded; nothing stopped because of it."""

    at: Instant
    code: AnomalyCode
    detail: str
    number: int | None = None

    @property
    def said(self) -> Said:
        return about(self.code)

    @property
    def text(self) -> str:
        return f"Замечено ({self.code}): {self.detail}"


@dataclass(frozen=True, slots=True)
class EventsMissed:
    """The reader was too slow: ``count`` events before the next one were dropped."""

    at: Instant
    count: int

    said: ClassVar[Said] = Said.EVENTS_MISSED

    @property
    def text(self) -> str:
        return f"Пропущено событий: {self.count}"


Event = (
    WentAutonomous | CameBack | WasBlocked | WasUnblocked | PersonNeeded | DocumentMoved | AnomalyNoted | EventsMissed
)

_WHY: Final[Mapping[AutonomousReason, str]] = {
    AutonomousReason.NO_CONNECTION: "нет соединения",
    AutonomousReason.LATE_ANSWER: "ответ не получен вовремя",
    AutonomousReason.LOW_POWER: "недостаточно питания для обмена с сервером",
    AutonomousReason.UNPAID: "сервер не отвечает ни на один запрос, услуги ОФД, вероятно, не оплачены",
    AutonomousReason.QUEUE_NOT_EMPTY: "очередь ещё не передана",
}
_BLOCKED: Final[Mapping[BlockReason, str]] = {
    BlockReason.BY_OPERATOR: "Касса заблокирована оператором.",
    BlockReason.REFUSED_DOCUMENT: "Документ отклонён оператором, касса ждёт решения.",
    BlockReason.TOO_LONG_AUTONOMOUS: "Автономная работа дольше 72 часов, касса заблокирована до передачи очереди.",
    BlockReason.MEMORY_BEHIND: "Фискальная память отстаёт от данных оператора.",
    BlockReason.OPERATOR_BEHIND: "Данные оператора отстают от фискальной памяти.",
    BlockReason.REJECTED_CREDENTIALS: "Оператор не узнаёт кассу: номер или токен не приняты.",
}


def cashier_text(reason: AutonomousReason, operator: str, phone: str | None) -> str:
    """What the cashier reads when the register goes autonomous; for an unpaid operator, whom to call as well."""
    text = f"Нет доступа к серверу ОФД ({_WHY[reason]}). Касса перешла в автономный режим."
    if reason is AutonomousReason.UNPAID:
        whom = f" ОФД {operator}" if operator else " ОФД"
        text += f" Оплата услуг:{whom}" + (f", телефон {phone}." if phone else ".")
    return text
