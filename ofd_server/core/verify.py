"""Is this receipt genuine? What a QR code claims against what the ledger holds (semantics 5.2).

The rule: genuine is what agrees in everything that was claimed; altered is a right sign with another sum or time, and
the reasons name both figures; unknown is everything else, and says no more than that, so that guessing teaches nothing.
Signs are compared in constant time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl

from fiscal.domain.document import total_of
from fiscal.domain.limits import CODE_MAX, REGISTER_ID_MAX
from fiscal.domain.money import format_minor, parse_minor
from fiscal.domain.register import RegisterProfile
from fiscal.domain.signs import Signer, digest_of
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.content import decode_content
from fiscal.time import compact
from ofd_server.core.entries import DocumentRecorded

QR_MAX: Final = 1024
"""Characters of a QR code's text; ours have about a hundred."""

_TIME = re.compile(r"[0-9]{8}T[0-9]{4}(?:[0-9]{2})?")
_KZ: Final = ("i", "f", "s", "t")


class Verdict(StrEnum):
    """What can be said of a receipt."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a word for machines, the field that it is about, a sentence, and both figures where there are two."""

    code: str
    field: str
    text: str
    claimed: str = ""
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict with its reasons; register and number only when the receipt was found."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    register: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a QR code says: the sign, the register (its id, its RNM, or its fiscal drive), the sum, the local time.

    ``number`` is told by Russian codes only.
    """

    sign: str
    register: str
    total: int
    time: str
    number: int | None = None


def claim_of(sign: str, register: str, total: str, time: str, number: str | None = None) -> Claim:
    """The claim of these texts; :class:`InvalidValue` names the one that cannot stand in a QR code."""
    if not (sign.isascii() and sign.isdigit() and len(sign) <= CODE_MAX):
        raise InvalidValue("sign", "must be digits")
    if not 0 < len(register) <= REGISTER_ID_MAX:
        raise InvalidValue("register", f"must have 1 to {REGISTER_ID_MAX} characters")
    if not _TIME.fullmatch(time):
        raise InvalidValue("time", "must be YYYYMMDDThhmmss, or without seconds")
    if number is not None and not (number.isascii() and number.isdigit() and len(number) <= 10):  # noqa: PLR2004 - a 31-bit number
        raise InvalidValue("number", "must be a document number")
    try:
        minor = parse_minor(total)
    except InvalidValue as error:
        raise InvalidValue("sum", error.rule, error.code) from None
    return Claim(sign=sign, register=register, total=minor, time=time, number=None if number is None else int(number))


def parse_qr(text: str) -> Claim:
    """The claim in a QR code's text, in the form of either country; :class:`InvalidValue` for anything else."""
    if len(text) > QR_MAX:
        raise InvalidValue("qr", f"must have at most {QR_MAX} characters")
    _, mark, query = text.strip().rpartition("?")
    pairs = dict(parse_qsl(query if mark else text.strip(), keep_blank_values=True))
    if {"fn", "fp", "i", "s", "t"} <= pairs.keys():
        return claim_of(pairs["fp"], pairs["fn"], pairs["s"], pairs["t"], pairs["i"])
    if pairs.keys() >= set(_KZ):
        return claim_of(pairs["i"], pairs["f"], pairs["s"], pairs["t"])
    raise InvalidValue("qr", "must carry i, f, s, t (Kazakhstan) or t, s, fn, i, fp, n (Russia)")


def unknown(code: str, text: str) -> Verification:
    """Nothing can be said, and why."""
    return Verification(Verdict.UNKNOWN, (Reason(code, "", text),))


NOT_FOUND: Final = unknown("not_found", "the ledger holds no receipt with this sign of this register")
"""The one answer for a wrong register, a wrong sign and a receipt that was not delivered yet."""


def carries(entry: DocumentRecorded, sign: str) -> bool:
    """Whether this is one of the document's signs, the operator's or the register's own."""
    given = sign.encode()
    own = str(entry.autonomous_sign).encode()
    by_operator = entry.sign is not None and compare_digest(entry.sign.encode(), given)
    by_register = entry.autonomous_sign is not None and compare_digest(own, given)
    return by_operator or by_register


def judge(claim: Claim, register_id: str, profile: RegisterProfile | None, entry: DocumentRecorded) -> Verification:
    """What the ledger's document says of the claim; the document was found by the claim's sign."""
    if not carries(entry, claim.sign):
        return NOT_FOUND
    zone = "UTC" if profile is None else profile.zone
    reasons = tuple(_differences(claim, entry, zone))
    verdict = Verdict.ALTERED if reasons else Verdict.GENUINE
    return Verification(verdict, reasons, register_id, entry.number)


def _differs(field: str, claimed: str, recorded: str) -> Reason:
    return Reason(field, field, f"{claimed} is claimed, {recorded} is recorded", claimed, recorded)


def _differences(claim: Claim, entry: DocumentRecorded, zone: str) -> Iterator[Reason]:
    total = total_of(entry.document)
    if claim.total != total:
        yield _differs("sum", format_minor(claim.total), format_minor(total))
    time = compact(entry.document.issued_at, zone)
    if claim.time != time[: len(claim.time)]:
        yield _differs("time", claim.time, time)
    if claim.number is not None and claim.number != entry.number:
        yield _differs("number", str(claim.number), str(entry.number))


def judge_first(found: Iterable[Verification]) -> Verification:
    """The best of what several registers of one name gave."""
    best = NOT_FOUND
    for verification in found:
        if verification.verdict is Verdict.GENUINE:
            return verification
        if verification.verdict is Verdict.ALTERED:
            best = verification
    return best


def verify_export(register_id: str, content: bytes, sign: str, key_id: str, signer: Signer) -> Verification:
    """Whether the sign belongs to this content: with the key alone, no ledger is asked."""
    try:
        document = decode_content(content)
    except RemoteProtocolError as error:
        reason = Reason("not_a_document", error.field, error.text)
        return Verification(Verdict.ALTERED, (reason,), register_id)
    if not signer.knows(key_id):
        return unknown("unknown_key", f"the key {key_id!r} is not known here")
    if signer.verify(sign, register_id, document.number, digest_of(content), key_id):
        return Verification(Verdict.GENUINE, (), register_id, document.number)
    text = "the sign does not belong to this register, number and content"
    return Verification(Verdict.ALTERED, (Reason("sign", "sign", text),), register_id, document.number)
