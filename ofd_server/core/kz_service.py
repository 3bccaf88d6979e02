"""What every message of the Kazakhstan protocol has beside its command: offline periods, warnings, the service block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.register import Country, RegisterProfile
from fiscal.domain.taxes import legal_rates
from fiscal.protocols.kz.checksum import checksum_of, has_right_checksum
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.service_block import (
    binded_taxation,
    generated_profile,
    last_document,
    offline_period_of,
    profile_of,
    response_reg_info,
)
from fiscal.protocols.kz.writing import Fields
from fiscal.time import Instant, to_local
from ofd_server.core.decide import Decision
from ofd_server.core.entries import Anomaly, AnomalyCode, PeriodRecorded
from ofd_server.core.kz_answers import refusal
from ofd_server.core.kz_desk import BLOCKS, Checksum, Desk
from ofd_server.core.state import RegisterState

PERIOD_STEP_MS: Final = 60_000
"""An offline period that grew by no more is not recorded anew: a register tells of it in every message of its return."""
ATTEMPT_MS: Final = 60_000
"""An offline period begins with the first attempt that fails, and its document was issued up to this long before."""


class Told(NamedTuple):
    """The offline period that a message tells of: its number, the entry that records it if it says anything new, and
    from when until when it was.
    """

    number: int | None = None
    entry: PeriodRecorded | None = None
    times: tuple[Instant, Instant] | None = None

    def covers(self, issued_at: Instant) -> bool:
        """Whether a document of this moment was issued in it, or is the one whose first attempt began it."""
        return self.times is not None and self.times[0] - ATTEMPT_MS <= issued_at <= self.times[1]


NOTHING_TOLD: Final = Told()


def zone_of(state: RegisterState, desk: Desk) -> str:
    """The zone of the times that this register writes."""
    return desk.zone if state.profile is None else state.profile.zone


def told_period(state: RegisterState, request: Any, at: Instant, desk: Desk) -> Told:
    """The offline period in a message. The same begin as the last one is the same period; any other is the next one."""
    times = offline_period_of(request.service, zone_of(state, desk)) if request.HasField("service") else None
    return NOTHING_TOLD if times is None else told(state, times, at)


def told(state: RegisterState, times: tuple[Instant, Instant], at: Instant) -> Told:
    """What a message says that tells of this period, whose end is behind its begin."""
    begin, end = times
    last = state.last_period
    if last is None or last.begin != begin:
        number = 1 if last is None else last.number + 1
    elif end - last.end <= PERIOD_STEP_MS:
        return Told(last.number, None, times)
    else:
        number = last.number
    reason = AutonomousReason.NO_CONNECTION
    return Told(number, PeriodRecorded(at=at, period=number, begin=begin, end=end, reason=reason), times)


def particulars_in(request: Any, device_id: int, zone: str) -> RegisterProfile | None:
    """What a request says of its device; ``None`` when it says nothing."""
    if not request.HasField("service") or not request.service.HasField("reg_info"):
        return None
    return profile_of(request.service.reg_info, device_id, zone)


# --------------------------------------------------------------------------------------------------------- findings


def shift_findings(request: Any, shift: int) -> list[Finding]:
    """Whether the message tells another shift than the current one."""
    block = BLOCKS[request.command]
    told = getattr(request, block).fr_shift_number
    if told in {0, shift}:
        return []
    return [Finding("shift_number", f"{block}.fr_shift_number", f"is {told}, the current shift is {shift}")]


def checksum_findings(request: Any, desk: Desk) -> list[Finding]:
    """What is wrong with the checksum of the Z-report that a register closes its shift with, if anybody is to look."""
    if desk.checksum is Checksum.IGNORE or not request.close_shift.HasField("z_report"):
        return []
    report = request.close_shift.z_report
    if has_right_checksum(report):
        return []
    text = f"must be {checksum_of(report)}, is {report.checksum!r}"
    return [Finding("z_checksum", "close_shift.z_report.checksum", text)]


def worst_of(findings: Sequence[Finding], desk: Desk) -> Finding | None:
    """The finding that refuses the message: the first that does so by itself, or under full strictness any."""
    for finding in findings:
        if desk.full or finding.is_refusal or (finding.rule == "z_checksum" and desk.checksum is Checksum.REFUSE):
            return finding
    return None


def anomalies_of(findings: Sequence[Finding], warned: Sequence[str], number: int, at: Instant) -> tuple[Anomaly, ...]:
    """Anomalies for the findings of which the register was not warned before, one for each rule."""
    if not findings:
        return ()
    fresh = {finding.rule: finding for finding in reversed(findings) if finding.rule not in warned}
    return tuple(
        Anomaly(at=at, code=AnomalyCode.KZ_WARNING, text=f"{one.rule}: {one.field}: {one.text}", number=number)
        for one in reversed(fresh.values())
    )


def refused_by(header: Header, command: int, state: RegisterState, finding: Finding) -> Decision:
    """A refusal by a rule of the protocol."""
    return Decision(refusal(header, command, finding.code, f"{finding.field}: {finding.text}"), (), state)


# ------------------------------------------------------------------------------------------------------------ answers


def profile_in(header: Header, state: RegisterState, desk: Desk) -> RegisterProfile:
    """The register's profile, or the one that is made up for a device of which nobody told anything."""
    return state.profile or generated_profile(header.device_id, desk.zone)


def service_of(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, always: bool = False
) -> Fields:
    """The service block of an answer, if the message asks for something in it, or ``always``."""
    if not always and not request.HasField("service"):
        return {}
    service = request.service
    fields: Fields = {}
    if always or service.get_reg_info:
        profile = profile_in(header, state, desk)
        fields["reg_info"] = response_reg_info(profile, header.device_id, header.version)
    if service.get_binded_taxation:
        rates = legal_rates(Country.KZ, to_local(at, zone_of(state, desk)).date())
        fields["binded_taxation"] = binded_taxation(profile_in(header, state, desk), rates)
    if always and state.tape.last_number:
        fields["last_document_info"] = last_document(state.tape.shift.number, state.tape.last_number)
    return {"service": fields} if fields else {}
