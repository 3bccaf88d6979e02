"""X and Z reports over the Kazakhstan protocol, from the same counters as every other protocol's."""

from __future__ import annotations

from typing import Any, Final

from fiscal.domain.counters import begin_shift
from fiscal.domain.document import CloseShift
from fiscal.domain.shift import Report, ReportKind
from fiscal.protocols.kz.codes import Command, ReportType
from fiscal.protocols.kz.reports import empty_report_fields, report_block, report_fields
from fiscal.protocols.kz.writing import Fields, date_time_fields
from fiscal.time import Instant
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.state import RegisterState

_FIRST_SHIFT: Final = 1


def wants_last_close(request: Any, state: RegisterState) -> bool:
    """Whether the answer needs the register's last Z-report, and there may be one."""
    shift = state.tape.shift
    if request.command == Command.INFO:
        return shift.number > 0 and not shift.is_open
    return request.report.report == ReportType.Z and shift.number > (1 if shift.is_open else 0)


def current(state: RegisterState, at: Instant) -> Report:
    """The X-report of the open shift; of a shift that nobody has opened yet, what it would begin with."""
    shift = state.tape.shift
    if shift.is_open:
        return Report(ReportKind.X, shift.number, shift.opened_at, at, shift.counters)
    return Report(ReportKind.X, shift.next_number, None, at, begin_shift(shift.counters))


def closing(state: RegisterState, entry: DocumentRecorded) -> Report:
    """The Z-report of the document that closed the shift, ``state`` being the one right after it."""
    document = entry.document
    assert isinstance(document, CloseShift)
    shift = state.tape.shift
    figures = shift.counters if shift.number == document.shift and not shift.is_open else document.counters
    return Report(ReportKind.Z, document.shift, document.opened_at, document.issued_at, figures)


def block(report: Report, zone: str) -> Fields:
    """The report block of an answer."""
    return {"report": report_block(report.kind, report_fields(report, zone))}


def information(state: RegisterState, last: DocumentRecorded | None, at: Instant, zone: str) -> Fields:
    """The report of COMMAND_INFO: X while the shift is open, else the last Z, which of a new register is an empty one."""
    if state.tape.shift.is_open:
        return block(current(state, at), zone)
    if last is not None:
        return block(closing(state, last), zone)
    shift = max(state.tape.shift.number, _FIRST_SHIFT)
    return {"report": report_block(ReportKind.Z, empty_report_fields(date_time_fields(at, zone), shift))}


def asked_for(request: Any, state: RegisterState, last: DocumentRecorded | None, at: Instant, zone: str) -> Fields:
    """The report of COMMAND_REPORT; Z before any Z is empty, its shift 0 and its date that of the request (3.8)."""
    if request.report.report == ReportType.X:
        return block(current(state, at), zone)
    if last is not None:
        return block(closing(state, last), zone)
    date, time = request.report.date_time.date, request.report.date_time.time
    asked: Fields = {
        "date": {"year": date.year, "month": date.month, "day": date.day},
        "time": {"hour": time.hour, "minute": time.minute, "second": time.second},
    }
    return {"report": report_block(ReportKind.Z, empty_report_fields(asked, 0))}
