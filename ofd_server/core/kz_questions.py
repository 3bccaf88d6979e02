"""Questions over the Kazakhstan protocol: what makes no document and changes no counter.

SYSTEM says that the register is there, INFO tells it everything it needs to go on, REPORT its figures, NOMENCLATURE the
goods, AUTH whether a cashier may sit down.

The rule: a question is answered from the same ledger as everything else and moves no token. It may still add something:
an offline period that the register tells of, the particulars of a device of which nothing was known but its id.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

from fiscal.protocols.kz.checks import warnings_of
from fiscal.protocols.kz.codes import AuthResult, Command, ResultCode
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.nomenclature import nomenclature_of
from fiscal.protocols.kz.service_block import generated_profile
from fiscal.protocols.kz.writing import Fields
from fiscal.time import Instant
from ofd_server.core.decide import Decision
from ofd_server.core.entries import Entry, ProfileChanged
from ofd_server.core.exchange import Found, Need
from ofd_server.core.kz_answers import answer, refusal
from ofd_server.core.kz_desk import Desk
from ofd_server.core.kz_reports import asked_for, information, wants_last_close
from ofd_server.core.kz_service import (
    anomalies_of,
    particulars_in,
    profile_in,
    refused_by,
    service_of,
    told_period,
    worst_of,
    zone_of,
)
from ofd_server.core.state import RegisterState, apply

_REPORTING: Final = frozenset((int(Command.INFO), int(Command.REPORT)))


def decide_question(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, found: Found | None, issued: int
) -> Decision | Need:
    """The answer to a question, and what its message adds to the ledger. ``issued`` is the token to use next."""
    command = request.command
    if command in _REPORTING and found is None and wants_last_close(request, state):
        return Need(last_close=True)
    zone = zone_of(state, desk)
    findings = warnings_of(request, header.version, None, zone)
    refused = worst_of(findings, desk)
    if refused is not None:
        return refused_by(header, command, state, refused)
    entries = _told(desk, header, request, state, at)
    entries.extend(anomalies_of(findings, state.tape.warned, 0, at))
    after = state
    for entry in entries:
        after = apply(after, entry)
    last = None if found is None else found.last_close
    fields: Fields
    code = ResultCode.OK
    match command:
        case Command.INFO:
            fields = information(after, last, at, zone)
        case Command.REPORT:
            fields = asked_for(request, after, last, at, zone)
        case Command.AUTH:
            fields = {"auth": _welcome(request.auth, desk)}
        case Command.NOMENCLATURE:
            regime = profile_in(header, after, desk).taxpayer.taxation
            goods = nomenclature_of(desk.catalogue, request.nomenclature, header.version, zone, regime)
            code, fields = goods.code, {"nomenclature": goods.fields}
        case _:
            fields = {}
    fields |= service_of(desk, header, request, after, at, always=command == Command.INFO)
    if code:
        return Decision(refusal(header, command, code, "no goods with this barcode", fields), (), state)
    outcome = "information" if command in _REPORTING else "noted"
    return Decision(answer(header, command, issued, fields, outcome), tuple(entries), after)


def _told(desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant) -> list[Entry]:
    """What the message says that the ledger did not know."""
    entries: list[Entry] = []
    period = told_period(state, request, at, desk)
    if period.entry is not None:
        entries.append(period.entry)
    if state.profile in (None, generated_profile(header.device_id, desk.zone)):
        profile = particulars_in(request, header.device_id, desk.zone)
        if profile is not None and profile != state.profile:
            entries.append(ProfileChanged(at=at, profile=profile))
    return entries


def _welcome(login: Any, desk: Desk) -> Fields:
    """Whether this cashier is known, told in the same time for a wrong name and a wrong password."""
    cashier = desk.cashiers.get(login.login)
    password = "" if cashier is None else cashier.password
    right = compare_digest(login.password.encode(), password.encode())
    if cashier is None or not right:
        return {"result": int(AuthResult.INVALID_LOGIN_PASSWORD)}
    return {
        "result": int(AuthResult.OK),
        "operator_code": cashier.code,
        "operator_name": cashier.name,
        "roles": cashier.roles,
    }
