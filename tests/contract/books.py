"""What the tests write into a ledger: entries of every kind, and the states that follow from them."""

from __future__ import annotations

from typing import Any, Final

from fiscal.domain.document import CloseShift, Document, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.register import Country, RegisterProfile, Taxpayer
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from fiscal.time import Instant
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    DocumentRecorded,
    Entry,
    Exchanged,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
    StandingChanged,
    TakenOver,
    TokenReset,
)
from ofd_server.core.state import RegisterState, apply, register_from
from ofd_server.ports import Append, BatchTimes, Note, NoteKind
from tests.documents import ONE_OF_EACH, T0

PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО Береке", tax_id="123456789013"),
    place="Алматы, ул. Абая, 1",
    rnm="010100000013",
    serial="SWK0001",
)
PROFILE_RU: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ООО Ромашка", tax_id="7707083893"),
    place="Москва",
    rnm="0000000001033397",
    serial="00001",
    country=Country.RU,
    zone="Europe/Moscow",
    fn_serial="9999078900001341",
)


def recorded(document: Document, **given: Any) -> DocumentRecorded:
    """The entry of a document; what is not given follows from it."""
    content = encode_content(document)
    kind = kind_of(document)
    signed = carries_sign(kind)
    given = {
        "received_at": document.issued_at + 100,
        "content": content,
        "document": document,
        "kind": kind,
        "digest": digest_of(content),
        "protocol": "native",
        "sign": f"1000{document.number:08}" if signed else None,
        "key_id": "k1" if signed else None,
        "autonomous": False,
        "autonomous_sign": None,
        "period": None,
        **given,
    }
    return DocumentRecorded(**given)


def registered(at: Instant = T0, token: bytes = b"\x01" * 32, **given: Any) -> Registered:
    return Registered(at=at, token_digest=token, **given)


def anomaly(code: AnomalyCode = AnomalyCode.CONFLICT, number: int = 0, text: str = "differs") -> Anomaly:
    return Anomaly(at=T0, code=code, text=text, number=number)


def period(number: int = 1, end: Instant = T0 + 60_000) -> PeriodRecorded:
    return PeriodRecorded(at=T0 + 1, period=number, begin=T0, end=end, reason=AutonomousReason.NO_CONNECTION)


def mark(number: int, sign: int | None = 7, period: int | None = 1) -> MadeAutonomous:
    return MadeAutonomous(at=T0 + 5, number=number, autonomous_sign=sign, period=period)


EXCHANGED: Final = Exchanged(
    issued=2**32 - 1, token=1, reqnum=65_535, command=6, number=1, answer=b"\x08\x06\x12\x02\x08\x00"
)
EVERY_KIND: Final[tuple[Entry, ...]] = (
    registered(profile=PROFILE, last_number=0, last_shift=0),
    *(recorded(document) for document in ONE_OF_EACH),
    recorded(ONE_OF_EACH[0], autonomous=True, autonomous_sign=2**31 - 1, period=3),
    recorded(ONE_OF_EACH[0], anomalies=(anomaly(AnomalyCode.VERY_OLD, 1), anomaly(AnomalyCode.CLOCK_BACKWARDS, 1))),
    recorded(ONE_OF_EACH[2], exchange=EXCHANGED),
    recorded(
        ONE_OF_EACH[0],
        protocol="kz",
        exchange=EXCHANGED._replace(issued=None, answer=b""),
        anomalies=(anomaly(AnomalyCode.KZ_WARNING, 1, "service_missing: service: is missing"),),
    ),
    mark(1),
    mark(1, None, None),
    period(),
    anomaly(),
    anomaly(AnomalyCode.MARK_AFTER_CLOSE, 1, ""),
    TokenReset(at=T0, token_digest=b"\x02" * 32),
    ProfileChanged(at=T0, profile=PROFILE_RU),
    StandingChanged(at=T0, standing=Standing.BLOCKED, reason="нет договора"),
    StandingChanged(at=T0, standing=Standing.GOOD),
    TakenOver(at=T0, node="n1"),
    TakenOver(at=T0, node=""),
)


class Book:
    """One register: what was appended to it, and where it stands."""

    def __init__(self, register_id: str = "kkm-1") -> None:
        self.id = register_id
        self.state: RegisterState | None = None
        self.entries: list[Entry] = []
        self._documents: dict[int, Document] = {}

    @property
    def version(self) -> int:
        return 0 if self.state is None else self.state.version

    def append(self, *entries: Entry, snapshot: bool = False) -> Append:
        """The append of these entries to what this book holds already, and they are written into it."""
        expected = self.version
        for entry in entries:
            self._write(entry)
        assert self.state is not None
        return Append(self.id, expected, entries, self.state, snapshot)

    def _write(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self.state is None:
            assert isinstance(entry, Registered)
            self.state = register_from(self.id, entry)
            return
        about = None
        if isinstance(entry, DocumentRecorded):
            self._documents[entry.number] = entry.document
        elif isinstance(entry, MadeAutonomous):
            about = self._documents.get(entry.number)
        self.state = apply(self.state, entry, about)

    def register(self, **given: Any) -> Append:
        return self.append(registered(**given))

    def add(self, document: Document, **given: Any) -> Append:
        """The append of a document, with a snapshot where it closes the shift, as the service does it."""
        return self.append(recorded(document, **given), snapshot=isinstance(document, CloseShift))


def note(register_id: str, number: int, kind: NoteKind = NoteKind.RESENT, at: Instant = T0) -> Note:
    return Note(register_id, number, kind, at)


def times(first: int, last: int, at: Instant = T0) -> BatchTimes:
    return BatchTimes(first, last, at, at + 1, at + 2)
