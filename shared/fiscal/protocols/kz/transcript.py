"""Frames of the Kazakhstan protocol in words: field by field under the schema's own names.

The rule: sums are told as tenge and tiyn ("480.00"), local times without a zone, numbers of an enum by their names. The
token, which every header carries, and login and password of a cashier are secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.header import HEADER_SIZE, Header, parse_header, serialize_header
from fiscal.protocols.kz.messages import parse_request, parse_response, serialize
from fiscal.protocols.kz.numbers import parse_token
from fiscal.protocols.transcript import HIDDEN, Told

if TYPE_CHECKING:
    from google.protobuf.message import Message

_APPCODE: Final = b"\xa2\x81"
_TOKEN: Final = slice(12, 16)
"""Where the token stands in a header."""
_NO_TOKEN: Final = bytes(4)
_SECRETS: Final = ("login", "password")
_TIMES: Final = (
    "date_time",
    "open_shift_time",
    "close_shift_time",
    "begin_time",
    "end_time",
    "created_time",
)


@dataclass(frozen=True, slots=True)
class KzTranscript:
    """See :class:`fiscal.protocols.transcript.Transcript`."""

    name: str = "kz"
    header_size: int = HEADER_SIZE
    times: frozenset[str] = frozenset(_TIMES)
    signs: frozenset[str] = frozenset(("ticket_number", "qr_code"))

    def parse_header(self, data: bytes) -> Header:
        """See :func:`fiscal.protocols.kz.header.parse_header`."""
        return parse_header(data)

    def tell(self, header: Header, body: bytes, *, is_answer: bool) -> Told:
        """The message of the frame, with the word for its command; the register is the id of the device."""
        message = parse_response(header.version, body) if is_answer else parse_request(header.version, body)
        fields = _plain(message)
        if is_answer:
            code = message.result.result_code  # type: ignore[union-attr]  # every response has it
            fields["result"] = {"code": _result(code), **fields["result"]}
        for secret in _SECRETS:
            if secret in fields.get("auth", ()):
                fields["auth"][secret] = HIDDEN
        what = Command(message.command).name.lower()
        del fields["command"]
        return Told(what, header.number, str(header.device_id), {"version": header.version, **fields})

    def conceal(self, header: Header, body: bytes, *, is_answer: bool) -> bytes:
        """The token becomes 0, which is never one; the message of a cashier's login is written anew."""
        if not is_answer:
            try:
                request = parse_request(header.version, body)
            except RemoteProtocolError:
                return self.conceal_rest(serialize_header(header) + body)
            if request.HasField("auth"):
                request.auth.login = request.auth.password = HIDDEN
                body = serialize(request)
        return serialize_header(header._replace(token=0, body_size=len(body))) + body

    def conceal_rest(self, data: bytes) -> bytes:
        """The token of a header is blanked, and all that follows it: what cannot be read may be a login."""
        if not data.startswith(_APPCODE):
            return data
        blanked = data[: _TOKEN.start] + _NO_TOKEN[: len(data[_TOKEN])] + data[_TOKEN.stop : HEADER_SIZE]
        return blanked + bytes(len(data) - len(blanked))

    def holder(self, header: Header, body: bytes) -> str | None:  # noqa: ARG002 - the header says it all
        """The device: every request carries its token."""
        return str(header.device_id)

    def with_token(self, header: Header, body: bytes, token: str) -> bytes:
        """The request with this token, which is a number."""
        return serialize_header(header._replace(token=parse_token(token))) + body

    def next_token(self, header: Header) -> str | None:
        """The token in the header of an answer."""
        return str(header.token) if header.token else None


def _result(code: int) -> str:
    """The word for a result code, or the number of one that nobody knows."""
    try:
        return ResultCode(code).name.lower()
    except ValueError:
        return str(code)


def _plain(message: Message) -> dict[str, Any]:
    """A message as maps, lists, texts and numbers."""
    return {
        field.name: [_value(field, part) for part in value] if field.is_repeated else _value(field, value)
        for field, value in message.ListFields()
    }


def _value(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return _message(field.message_type.name, value)
    if field.enum_type is not None:
        return field.enum_type.values_by_number[value].name
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def _message(type_name: str, value: Any) -> Any:
    match type_name:
        case "Money":
            return f"{value.bills}.{value.coins:02}"
        case "DateTime":
            date, time = value.date, value.time
            return f"{date.year:04}-{date.month:02}-{date.day:02}T{time.hour:02}:{time.minute:02}:{time.second:02}"
        case _:
            return _plain(value)


KZ_TRANSCRIPT: Final = KzTranscript()
"""The only one that is needed."""
