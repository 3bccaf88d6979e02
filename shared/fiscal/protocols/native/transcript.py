"""Native frames in words. A document is told field by field, as its content says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import replace

from fiscal.domain.limits import TOKEN_MAX
from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.content import decode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE, Header, parse_header, serialize_header
from fiscal.protocols.native.messages import Kind
from fiscal.protocols.transcript import HIDDEN, Told

_TOKEN: Final = re.compile(rb"\xa5token(?:[\xa0-\xbf]|\xd9.|\xda..|\xdb....)", re.DOTALL)
"""The name of the token in msgpack, and how the text behind it begins."""


@dataclass(frozen=True, slots=True)
class NativeTranscript:
    """See :class:`fiscal.protocols.transcript.Transcript`."""

    name: str = NATIVE.name
    header_size: int = HEADER_SIZE
    times: frozenset[str] = frozenset(("at",))
    signs: frozenset[str] = frozenset(("sign", "qr", "key"))

    def parse_header(self, data: bytes) -> Header:
        """See :func:`fiscal.protocols.native.header.parse_header`."""
        return parse_header(data)

    def tell(self, header: Header, body: bytes, *, is_answer: bool) -> Told:  # noqa: ARG002 - the header says it, too
        """The message of the frame, with its kind's own word."""
        message = NATIVE.parse(header, body)
        what = Kind(header.kind).name.lower()
        register = None
        fields = _plain(message)
        if isinstance(message, Hello):
            fields["token"], register = HIDDEN, message.register
        elif isinstance(message, SubmitDocument):
            fields = {"document": _document(message.content), **fields}
            del fields["content"]
        return Told(what, header.number, register, fields)

    def conceal(self, header: Header, body: bytes, *, is_answer: bool) -> bytes:  # noqa: ARG002 - as above
        """A hello is written anew with a token of asterisks; every other frame has no secret."""
        frame = serialize_header(header.kind, len(body), header.number) + body
        if header.kind != Kind.HELLO:
            return frame
        try:
            return self.with_token(header, body, HIDDEN)
        except RemoteProtocolError:
            return self.conceal_rest(frame)

    def conceal_rest(self, data: bytes) -> bytes:
        """Whatever stands behind the name of a token until the text ends is blanked."""
        parts, at = [], 0
        for found in _TOKEN.finditer(data):
            begin = found.end()
            if begin < at:
                continue
            end = min(begin + _text_size(found[0][6:]), len(data))
            parts += [data[at:begin], b"*" * (end - begin)]
            at = end
        return b"".join((*parts, data[at:]))

    def holder(self, header: Header, body: bytes) -> str | None:
        """The register of a hello."""
        if header.kind != Kind.HELLO:
            return None
        message = NATIVE.parse(header, body)
        assert isinstance(message, Hello), "a kind stands for one message"
        return message.register

    def with_token(self, header: Header, body: bytes, token: str) -> bytes:
        """A hello with this token."""
        message = NATIVE.parse(header, body)
        assert isinstance(message, Hello), "only a hello carries a token"
        if not 1 <= len(token) <= TOKEN_MAX:
            raise InvalidValue("token", f"must have 1 to {TOKEN_MAX} characters, has {len(token)}", "wrong_length")
        return NATIVE.serialize(replace(message, token=token), header.number)

    def next_token(self, header: Header) -> str | None:  # noqa: ARG002 - the token of a register stays
        """There is none: a register keeps its token."""
        return None


def _text_size(head: bytes) -> int:
    """Bytes of the msgpack text that begins so."""
    if len(head) == 1:
        return head[0] & 0x1F
    return int.from_bytes(head[1:], "big")


def _document(content: bytes) -> Any:
    """The document in words; the bytes of what is none."""
    try:
        return _plain(decode_content(content))
    except RemoteProtocolError:
        return content.hex()


def _plain(value: Any) -> dict[str, Any]:
    """A value as maps, lists, texts and numbers; bytes as hexadecimal digits."""
    plain: dict[str, Any] = _without_bytes(to_builtins(value, builtin_types=(bytes,)))
    return plain


def _without_bytes(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case dict():
            return {name: _without_bytes(part) for name, part in value.items()}
        case list() | tuple():
            return [_without_bytes(part) for part in value]
        case _:
            return value


NATIVE_TRANSCRIPT: Final = NativeTranscript()
"""The only one that is needed."""
