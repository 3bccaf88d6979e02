"""Looking up the receipt behind a QR code, and what of the ledger can be printed, for the interface and for the page.

The rule: a sign leads back to its number by arithmetic (:meth:`fiscal.domain.signs.Signer.numbers_of`), so a look-up
reads one document for each key and register, however many documents there are. The names of registers are read when
somebody asks for the first receipt, and followed from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fiscal.domain.counters import begin_shift
from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.domain.shift import Report, ReportKind
from ofd_server.core.documents import qr_text
from ofd_server.core.entries import DocumentRecorded, ProfileChanged, Registered
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.core.verify import NOT_FOUND, Claim, Verdict, Verification, carries, judge, judge_first
from ofd_server.ports import DocumentFilter, Happened
from ofd_server.service import Service

if TYPE_CHECKING:
    from fiscal.rendering.values import Printed
    from fiscal.time import Instant

NOBODY: Final = RegisterProfile(
    taxpayer=Taxpayer(name="Касса без сведений о владельце", tax_id="—"), place="—", rnm="—", serial="—", zone="UTC"
)
"""Stands on papers of a register that never told who it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found under a claim: the verdict, and the document when there is one to show."""

    verification: Verification
    entry: DocumentRecorded | None = None
    profile: RegisterProfile | None = None


class Directory:
    """Which registers a name on a receipt can mean: an id, a registration number, or a fiscal drive."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._names: dict[str, set[str]] = {}
        self._reading = asyncio.Lock()
        self._follows = False
        self._is_open = False

    async def ids_of(self, name: str) -> Iterable[str]:
        """Ids of the registers that this name may mean, a register's own id first.

        Raises :class:`StorageError` when the ledger cannot be asked.
        """
        if not self._is_open:
            await self._open()
        return (name, *sorted(self._names.get(name, set()) - {name}))

    async def _open(self) -> None:
        async with self._reading:
            if self._is_open:
                return
            if not self._follows:
                # Followed first, read then: what changes in between is noticed twice, never missed.
                self._service.observe(self._follow)
                self._follows = True
            await self._service.following()
            for register_id in await self._service.journal.registers():
                state = await self._service.state_of(register_id)
                if state is not None:
                    self._learn(register_id, state.profile)
            self._is_open = True

    def _follow(self, happened: Happened) -> None:
        entry = happened.entry
        if isinstance(entry, Registered | ProfileChanged):
            self._learn(happened.register_id, entry.profile)
        elif happened.what == "reset":
            self._names.clear()

    def _learn(self, register_id: str, profile: RegisterProfile | None) -> None:
        """Earlier names stay: receipts that carry them are still in people's pockets."""
        if profile is None:
            return
        for name in (profile.rnm, profile.fn_serial):
            if name:
                self._names.setdefault(name, set()).add(register_id)


class Receipts:
    """The receipts of the ledger by what their QR codes say."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._directory = Directory(service)

    async def find(self, claim: Claim) -> Found:
        """The verdict on a claim; raises :class:`StorageError` when the ledger cannot be asked."""
        found: list[Found] = []
        for register_id in await self._directory.ids_of(claim.register):
            one = await self._of(register_id, claim)
            if one is not None:
                found.append(one)
        best = judge_first(each.verification for each in found)
        return next((each for each in found if each.verification is best), Found(NOT_FOUND))

    async def _of(self, register_id: str, claim: Claim) -> Found | None:
        state = await self._service.state_of(register_id)
        entry = None if state is None else await self._document(register_id, claim.sign)
        if state is None or entry is None:
            return None
        verification = judge(claim, register_id, state.profile, entry)
        if verification.verdict is Verdict.UNKNOWN:
            return None
        return Found(verification, entry, state.profile)

    async def _document(self, register_id: str, sign: str) -> DocumentRecorded | None:
        journal = self._service.journal
        for number in self._service.signer.numbers_of(sign, register_id):
            stored = await journal.document(register_id, number) if number else None
            if stored is not None and isinstance(stored.entry, DocumentRecorded) and carries(stored.entry, sign):
                return stored.entry
        if not 0 < int(sign) <= AUTONOMOUS_SIGN_MAX:
            return None
        wanted = DocumentFilter(register_id=register_id, autonomous_sign=int(sign), limit=1)
        for stored in await journal.documents(wanted):
            if isinstance(stored.entry, DocumentRecorded) and carries(stored.entry, sign):
                return stored.entry
        return None


def paper_of(
    register_id: str, profile: RegisterProfile | None, entry: DocumentRecorded, rules: Rules, *, copy: bool = False
) -> Printed:
    """What the ledger holds, as it is printed; ``copy`` marks it as one."""
    from fiscal.rendering.values import delivered_state, printed  # noqa: PLC0415 - a server starts without it

    qr = None if entry.sign is None else qr_text(register_id, profile, entry.document, entry.sign, rules)
    return printed(
        entry.document,
        profile or NOBODY,
        delivered_state(autonomous=entry.autonomous),
        sign=entry.sign,
        autonomous_sign=entry.autonomous_sign,
        qr=qr,
        copy=copy,
        operator=rules.operator_name,
    )


def x_report_of(state: RegisterState, rules: Rules, now: Instant) -> Printed:
    """The shift so far, as the ledger knows it; between two shifts the figures that the next one will begin with."""
    from fiscal.rendering.values import PrintedReport  # noqa: PLC0415 - as above

    shift = state.tape.shift
    counters = dict(shift.counters) if shift.is_open else begin_shift(shift.counters)
    report = Report(ReportKind.X, shift.number, shift.opened_at, now, counters)
    return PrintedReport(report=report, profile=state.profile or NOBODY, operator=rules.operator_name)
