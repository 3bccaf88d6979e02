"""A plain sale, judged, signed and counted in one look: what nearly every document is.

The rule: :func:`decide_plain` gives what :func:`ofd_server.core.documents.decide_documents` would give for the same
document, or ``None`` for everything that is refused, noticed or otherwise has to be looked at closely. So every refusal
and every anomaly has its words in one place, and this file has none.
"""

from __future__ import annotations

from typing import Final

from fiscal.domain.document import ONLINE, Delivery, Document, DocumentKind
from fiscal.domain.messages import Accepted
from fiscal.domain.money import MINOR_PER_MAJOR
from fiscal.domain.receipt import Receipt
from fiscal.domain.register import Country
from fiscal.domain.shift import SHIFT_MAX_MS, tally
from fiscal.domain.signs import Signer, digest_of
from fiscal.domain.tally import look
from fiscal.errors import InvalidValue
from fiscal.time import Instant, compact
from ofd_server.core.decide import Decision
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, Tape

# In CPython 3.11 a look-up in an enumeration costs as much as a call, and these are needed for every document.
_RECEIPT: Final = DocumentKind.RECEIPT
_KAZAKHSTAN: Final = Country.KZ


def decide_plain(
    state: RegisterState,
    document: Document,
    content: bytes,
    delivery: Delivery,
    received_at: Instant,
    protocol: str,
    rules: Rules,
    signer: Signer,
) -> Decision | None:
    """The decision on a document of a register in good standing, whose autonomous sign is new; ``None``: look closer."""
    tape, profile = state.tape, state.profile
    autonomous, alone_sign, period = False, None, None
    highest = tape.last_autonomous_sign
    if delivery is not ONLINE:
        autonomous, alone_sign, period = delivery.autonomous, delivery.autonomous_sign, delivery.period
        if autonomous:
            told = state.last_period
            if (
                alone_sign is None
                or alone_sign <= highest
                or (period is not None and (told is None or period > told.number))
            ):
                return None
            highest = alone_sign
        elif alone_sign is not None or period is not None:
            return None
    shift = tape.shift
    opened_at = shift.opened_at
    if type(document) is not Receipt or opened_at is None:
        return None
    if profile is None:
        rnm, zone = state.id, "UTC"
    elif profile.country is _KAZAKHSTAN and not rules.qr.address:
        rnm, zone = profile.rnm, profile.zone
    else:
        return None
    number, issued_at, total = document.number, document.issued_at, document.total
    if (
        number != tape.last_number + 1
        or document.id <= tape.last_id
        or document.shift != shift.number
        or issued_at < tape.last_issued_at
        or not -rules.ahead_max_ms <= received_at - issued_at <= rules.past_max_ms
        or issued_at - opened_at > SHIFT_MAX_MS
        or document.customer is not None
    ):
        return None
    seen = look(document, autonomous)
    if seen is None:
        return None
    after = tally(shift, seen)
    if after is None:
        return None
    digest = digest_of(content)
    try:
        sign = signer.sign(state.id, number, digest)
    except InvalidValue:
        return None
    key_id = signer.key.id
    # As qr_kz() does it, spelled out.
    minor = total % MINOR_PER_MAJOR
    qr = (
        f"{rules.receipt_url}?i={sign}&f={rnm}&s={total // MINOR_PER_MAJOR}.{minor // 10}{minor % 10}"
        f"&t={compact(issued_at, zone)}"
    )
    entry = DocumentRecorded(
        received_at, content, document, _RECEIPT, digest, protocol, sign, key_id, autonomous, alone_sign, period
    )
    return Decision(
        Accepted(number=number, at=received_at, sign=sign, qr=qr, key=key_id),
        (entry,),
        RegisterState(
            state.id,
            state.version + 1,
            state.token_digest,
            state.standing,
            state.reason,
            profile,
            state.registered_at,
            state.last_period,
            Tape(
                number,
                document.id,
                digest,
                issued_at,
                highest,
                tape.complete,
                after,
                tape.exchange,
                tape.warned,
            ),
            state.holder,
        ),
    )
