"""Answers over the Kazakhstan protocol: a result code, the block of the command, and the token to use next.

The rule: an error carries back the token that it came with, so that a register which saves whatever token it reads
keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fiscal.domain.messages import RefusalCode, Refused
from fiscal.protocols.kz.checksum import checksum_of
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import response_type
from fiscal.protocols.kz.writing import Fields
from ofd_server.core.decide import OwnAnswer
from ofd_server.core.state import RegisterState

TEXT_MAX: Final = 512
"""Characters of a result's text: a line or two for the person at the register."""
BLOCKED_TEXT: Final = "Касса заблокирована оператором"
"""What a blocked register shows when whoever blocked it gave no reason."""

OUTCOMES: Final[Mapping[int, str]] = {
    ResultCode.OK: "noted",
    ResultCode.BLOCKED: "blocked",
    ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE: "trylater",
}
"""The word in the figures for a result code; every other is a refusal."""

CODES: Final[Mapping[RefusalCode, ResultCode]] = {
    RefusalCode.NOT_ENOUGH_CASH: ResultCode.NOT_ENOUGH_CASH,
    RefusalCode.SAME_TAXPAYER_AND_CUSTOMER: ResultCode.SAME_TAXPAYER_AND_CUSTOMER,
    RefusalCode.SHIFT_EXPIRED: ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED,
}
"""Refusals of the operator's own rules that the protocol has a code for; every other is INCORRECT_REQUEST_DATA."""


def _body(version: int, **fields: Any) -> bytes:
    class_: Any = response_type(version)
    response = class_(**fields)
    if "report" in fields and response.report.zx_report.ticket_operations:
        report = response.report.zx_report
        report.checksum = checksum_of(report)
    written: bytes = response.SerializeToString()
    return written


class KzAnswer(OwnAnswer):
    """The body of an answer, with its result ``code`` and the token for its header."""

    __slots__ = ("body", "code", "token")

    def __init__(self, code: int, token: int, body: bytes, outcome: str) -> None:
        self.outcome = outcome
        self.code = code
        self.token = token
        self.body = body


def answer(header: Header, command: int, token: int, fields: Fields, outcome: str = "noted") -> KzAnswer:
    """A good answer: ``fields`` are its blocks, ``token`` the one to use next."""
    body = _body(header.version, command=command, result={"result_code": 0}, **fields)
    return KzAnswer(ResultCode.OK, token, body, outcome)


_GOOD_TICKET: Final = b"\x08\x01\x12\x02\x08\x00\x1a"
"""How the usual answer to a ticket begins: the command, the result code 0, and the tag of the ticket's block."""


_SEVEN_BITS: Final = 0x7F
_SIZES: Final = tuple(bytes((size,)) for size in range(_SEVEN_BITS + 1))


def _sized(data: bytes) -> bytes:
    """These bytes behind their number, as protobuf has it."""
    size = len(data)
    if size <= _SEVEN_BITS:
        return _SIZES[size] + data
    head = b""
    while size > _SEVEN_BITS:
        head += bytes((size & _SEVEN_BITS | 0x80,))
        size >>= 7
    return head + bytes((size,)) + data


def ticket_answer(token: int, sign: str, qr: str) -> KzAnswer:
    """As :func:`answer`, to a ticket that asks for nothing but its sign and its link, in a quarter of the time."""
    block = b"\n" + _sized(sign.encode()) + b"\x12" + _sized(qr.encode())
    return KzAnswer(ResultCode.OK, token, _GOOD_TICKET + _sized(block), "accepted")


def refusal(header: Header, command: int, code: int, text: str, fields: Fields | None = None) -> KzAnswer:
    """A result code other than 0, with its reason in words, and the token that the request came with."""
    result = {"result_code": code, "result_text": text[:TEXT_MAX]}
    body = _body(header.version, command=command, result=result, **(fields or {}))
    return KzAnswer(code, header.token, body, OUTCOMES.get(code, "refused"))


def of_refused(header: Header, command: int, refused: Refused) -> KzAnswer:
    """What the operator's own rules refuse."""
    code = CODES.get(refused.code, ResultCode.INCORRECT_REQUEST_DATA)
    return refusal(header, command, code, f"{refused.field}: {refused.text}" if refused.field else refused.text)


def blocked(header: Header, command: int, state: RegisterState) -> KzAnswer:
    """A blocked register is told why in a ticket ad of type INFO, which it shows (2.0.2, 5.4)."""
    text = state.reason or BLOCKED_TEXT
    ad = {"info": {"type": AdType.INFO, "version": state.version}, "text": text}
    return refusal(header, command, ResultCode.BLOCKED, text, {"service": {"ticket_ads": [ad]}})


def unavailable(header: Header, command: int | None) -> KzAnswer:
    """Nothing was taken; the register sends the same packet again."""
    command = Command.RESERVED if command is None else command
    return refusal(header, command, ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE, "come again in a moment")
