"""The Kazakhstan protocol in a simulated world: the product's gateway under trouble, and what its documents are there.

The rule: the product is as it is. What differs from a world of the native protocol is what a check can demand: the wire
carries no numbers and ids, and whole seconds, so a document of the ledger is compared with what the register's own
document becomes on this wire.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from fiscal.domain.document import ONLINE, CloseShift, Document
from fiscal.domain.messages import TryLater
from fiscal.domain.register import RegisterProfile
from fiscal.faults.answers import instead
from fiscal.faults.effects import Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Ending, bend, passage
from fiscal.protocols.content import encode_content
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.header import Version
from fiscal.protocols.kz.messages import parse_request
from fiscal.protocols.kz.placements import placement_of
from fiscal.protocols.kz.reports import close_shift_of
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.tickets import receipt_of
from kkt_client.core.kz_messages import Caller, document_request
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.gateways.faulty import _Bent
from ofd_server.gateways.kz import KzConversation, KzGateway, Owed
from ofd_server.lane import Session

KZ_PORT: Final = 7777
MS: Final = 1_000


class TroubledConversation(KzConversation):
    """A connection whose requests and answers are lost, late, or cut in half, as a fault plan says."""

    def __init__(self, run: FaultRun, gateway: KzGateway) -> None:
        super().__init__(gateway)
        self._run = run
        self._outbound = _Bent(self._go_out)

    def connection_lost(self, exc: Exception | None) -> None:
        self._outbound.cancel()
        super().connection_lost(exc)

    def _ask(self, session: Session, owed: Owed) -> None:
        effects = self._run.applied(Point.BEFORE_COMMIT, self._situation(owed))
        if not passage(effects).goes_on:
            self.owed.remove(owed)
        elif isinstance(instead(effects), TryLater):
            self.reply(owed, owed.exchange.later())
        else:
            began = asyncio.get_running_loop().time()
            self.service.handle(session, owed.exchange, partial(self._reply_bent, owed, began))

    def _reply_bent(self, owed: Owed, began: float, answer: KzAnswer | TryLater | None) -> None:
        elapsed_ms = round((asyncio.get_running_loop().time() - began) * MS)
        situation = self._situation(owed, elapsed_ms)
        effects = self._run.applied(Point.AFTER_COMMIT, situation)
        half = self._run.applied(Point.HALF_ANSWER, situation)
        passes, self._write = self._write, lambda: None  # type: ignore[method-assign]
        try:
            self.reply(owed, answer)
        finally:
            self._write = passes  # type: ignore[method-assign]
        data, owed.data = owed.data or b"", b""
        self._write()
        if data:
            self._outbound.put(bend(data, effects, half))

    def _go_out(self, thing: bytes | Ending) -> None:
        if self.transport.is_closing():
            return
        if isinstance(thing, Ending):
            self.transport.abort()
        else:
            self.transport.write(thing)

    def _situation(self, owed: Owed, elapsed_ms: int = 0) -> Situation:
        exchange = owed.exchange
        limit_ms = round(self.service.answer_timeout_s * MS)
        now = self.gateway.clock.now()
        return Situation(exchange.register_id, "kz", "document", now, elapsed_ms, answer_limit_ms=limit_ms)


def carried(document: Document, profile: RegisterProfile, entry: DocumentRecorded) -> bytes | None:
    """The content that this document has behind the wire, in the place that the ledger gave it; ``None`` for none."""
    caller = Caller(Version.V203, 1, profile)
    request = parse_request(caller.version, document_request(caller, document, ONLINE, None).body)
    theirs = entry.document
    given = Given(theirs.id, theirs.number, theirs.shift, profile.zone, caller.version)
    found: Document | Finding
    match request.command:
        case Command.TICKET:
            found = receipt_of(request.ticket, given)
        case Command.MONEY_PLACEMENT:
            found = placement_of(request.money_placement, given)
        case _:
            assert isinstance(theirs, CloseShift), "the kinds were compared before"
            found = close_shift_of(request.close_shift, given, theirs.opened_at, theirs.counters)
    return None if isinstance(found, Finding) else encode_content(found)
