"""Answers that a fault plan wants, in the words and on the envelope of the Kazakhstan protocol.

The rule: the code that a plan names is taken at its word: a number or a name of the protocol's own table, or a word of
:class:`RefusalCode`, which has its number here. What the protocol has no number for is INCORRECT_REQUEST_DATA with the
code in its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fiscal.domain.messages import Blocked, RefusalCode, Refused, TryLater
from fiscal.faults.answers import ForeignRefusal, Reply, other_sign, shifted
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.frames import serialize_answer
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_response, serialize
from fiscal.protocols.kz.numbers import NUMBER_MAX
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import BLOCKED_TEXT, KzAnswer, of_refused, refusal

_DEVICE_ID_MAX: Final = 2**32 - 1
_TOKEN_MAX: Final = 2**32 - 1

_CODES: Final[Mapping[RefusalCode, ResultCode]] = {
    RefusalCode.UNKNOWN_REGISTER: ResultCode.UNKNOWN_ID,
    RefusalCode.WRONG_TOKEN: ResultCode.INVALID_TOKEN,
    RefusalCode.BAD_REQUEST: ResultCode.PROTOCOL_ERROR,
    RefusalCode.UNKNOWN_COMMAND: ResultCode.UNKNOWN_COMMAND,
}
"""Refusals that the protocol has a number for beside those of the operator's own rules."""


def answer_for(exchange: KzExchange, reply: Reply) -> KzAnswer:
    """The reply of a plan as this exchange's answer. Has an effect on the wire only: nothing of it is kept."""
    exchange.read()
    header = exchange.header
    command = Command.RESERVED if exchange.command is None else exchange.command
    match reply:
        case TryLater():
            return exchange.later()
        case Blocked(reason=reason):
            text = reason or BLOCKED_TEXT
            ad = {"info": {"type": AdType.INFO, "version": 1}, "text": text}
            return refusal(header, command, ResultCode.BLOCKED, text, {"service": {"ticket_ads": [ad]}})
        case ForeignRefusal(code, text):
            return _foreign(header, command, code, text)
        case Refused() if reply.code in _CODES:
            return refusal(header, command, _CODES[reply.code], reply.text)
        case Refused():
            return of_refused(header, command, reply)
        case _:
            raise AssertionError(f"no plan makes {reply}")


def _foreign(header: Header, command: int, code: str, text: str) -> KzAnswer:
    if code.isascii() and code.isdigit() and int(code) <= ResultCode.UNKNOWN_ERROR:
        return refusal(header, command, int(code), text)
    if code.upper() in ResultCode.__members__:
        return refusal(header, command, ResultCode[code.upper()], text)
    return refusal(header, command, ResultCode.INCORRECT_REQUEST_DATA, f"{code}: {text}")


def frame_for(
    exchange: KzExchange,
    said: KzAnswer,
    *,
    number_offset: int = 0,
    wrong_token: bool = False,
    another: int | None = None,
) -> bytes:
    """The whole frame of an answer with what is wrong about its envelope; :class:`LocalProtocolError` for a large one.

    ``another`` is the draw of an answer that is another register's: its device id, and the sign of its ticket.
    """
    header, token, body = exchange.header, said.token, said.body
    if number_offset:
        header = header._replace(number=shifted(header.number, number_offset, 0, NUMBER_MAX))
    if wrong_token:
        token = shifted(token, 1, 1, _TOKEN_MAX)
    if another is not None:
        header = header._replace(device_id=shifted(header.device_id, 1 + another % 1_000, 1, _DEVICE_ID_MAX))
        body = _of_another(header.version, body, another)
    return serialize_answer(header, token, body)


def _of_another(version: int, body: bytes, draw: int) -> bytes:
    response: Any = parse_response(version, body)
    if not response.HasField("ticket"):
        return body
    ticket = response.ticket
    sign = ticket.ticket_number
    ticket.ticket_number = other_sign(sign, draw)
    if ticket.HasField("qr_code"):
        ticket.qr_code = ticket.qr_code.replace(sign.encode(), ticket.ticket_number.encode())
    return serialize(response)
