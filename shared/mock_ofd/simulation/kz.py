"""The Kazakhstan protocol in a simulated world: what a register's documents are behind its wire.

The rule: the product is as it is. What differs from a world of the native protocol is what a check can demand: the wire
carries no numbers and ids, and whole seconds, so a document of the ledger is compared with what the register's own
document becomes on this wire.
"""

from __future__ import annotations

from typing import Final

from fiscal.domain.document import ONLINE, CloseShift, Document
from fiscal.domain.register import RegisterProfile
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

KZ_PORT: Final = 7777


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
