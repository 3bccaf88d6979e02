"""Native frames to messages and back.

The rule: :meth:`NativeProtocol.parse` returns a message or raises :class:`RemoteProtocolError`, whatever the bytes.
The body of a document is one field more than its content, so the content passes through unread; who needs the
document decodes it (:mod:`fiscal.protocols.content`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fiscal.domain.document import Delivery
from fiscal.domain.messages import Accepted, SubmitDocument
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import ErrorCode, Message
from fiscal.protocols.native import glance, header
from fiscal.protocols.native.header import BODY_SIZE_MAX, HEADER_SIZE, Header, serialize_header
from fiscal.protocols.native.limits import REQUEST_NUMBER_MAX
from fiscal.protocols.native.messages import KIND_OF, TYPE_OF
from fiscal.protocols.submission import body_of_submission, read_acceptance, read_submission
from fiscal.protocols.values import from_map, pack, refuse_unknown, unpack


@dataclass(frozen=True, slots=True)
class NativeProtocol:
    """The native protocol as a session speaks it. ``request_number_max`` is set lower by tests of the wrap only."""

    request_number_max: int = REQUEST_NUMBER_MAX
    name: str = "native"
    header_size: int = HEADER_SIZE

    parse_header = staticmethod(header.parse_header)
    """See :func:`fiscal.protocols.native.header.parse_header`."""

    def number_in(self, data: bytes) -> int | None:
        """See :func:`fiscal.protocols.native.header.number_in`."""
        return header.number_in(data)

    document_in = staticmethod(glance.document_in)
    """See :meth:`fiscal.protocols.base.WireProtocol.document_in`."""

    def parse(self, header: Header, body: bytes) -> Message:
        """The message of this frame; :class:`RemoteProtocolError` unknown_command or bad_request."""
        class_ = TYPE_OF.get(header.kind)
        if class_ is None:
            rule = f"0x{header.kind:02x} stands for no message"
            raise RemoteProtocolError(ErrorCode.UNKNOWN_COMMAND, "header.kind", rule)
        if class_ is SubmitDocument:
            return read_submission(body) or _parse_document(body)
        if class_ is Accepted:
            return read_acceptance(body) or from_map(Accepted, unpack(body, "body"))
        return from_map(class_, unpack(body, "body"))

    def serialize(self, message: Message, number: int) -> bytes:
        """The whole frame; :class:`LocalProtocolError` when it would be larger than FRAME_SIZE_MAX."""
        if type(message) is Accepted:  # first what an operator says most
            return glance.acceptance(message, number)
        kind = KIND_OF[type(message)]
        body = body_of_submission(message) if isinstance(message, SubmitDocument) else pack(message)
        if len(body) > BODY_SIZE_MAX:
            raise LocalProtocolError(f"a message of {len(body)} bytes does not fit into a frame: {BODY_SIZE_MAX} do")
        return serialize_header(kind, len(body), number) + body

    def number_after(self, number: int) -> int:
        """One more; 1 after the last."""
        return number + 1 if number < self.request_number_max else 1


def _parse_document(body: bytes) -> SubmitDocument:
    entries = unpack(body, "body")
    content = entries.pop("content", None)
    if not isinstance(content, bytes):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "content", "must be binary: the content of the document")
    delivery = entries.pop("delivery", None)
    refuse_unknown(entries)
    if delivery is None:
        return SubmitDocument(content=content)
    return SubmitDocument(content=content, delivery=from_map(Delivery, delivery, "delivery"))


NATIVE: Final = NativeProtocol()
"""The protocol as it is."""
