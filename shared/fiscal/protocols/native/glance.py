"""What an operator reads and writes most, known at a glance: a document that comes alone, and its acceptance.

The rule: what is made here of bytes, or of a value, is what :mod:`fiscal.protocols.native.codec` makes of it; everything
that is not plainly one of these two is left to that.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from msgspec.msgpack import Encoder

from fiscal.domain.messages import Accepted, SubmitDocument
from fiscal.protocols.native.header import HEADER_SIZE, serialize_header
from fiscal.protocols.native.limits import FRAME_SIZE_MAX
from fiscal.protocols.native.messages import KIND_OF

_ONLY_CONTENT: Final = b"\x81\xa7content\xc5"
"""How the body of an online document of 256 to 65,535 bytes begins: a map of one entry, its key, ``bin 16``."""
_BIN_16_MIN: Final = 2**8
_LAYOUT: Final = Struct(">8sII10sH")
"""The begin of such a frame: its header up to the length, length, number, what is above, the size of the content."""
_BEGIN_SIZE: Final = _LAYOUT.size
_SMALLEST: Final = _BEGIN_SIZE + _BIN_16_MIN
_read: Final = _LAYOUT.unpack_from

_DOCUMENT: Final = serialize_header(KIND_OF[SubmitDocument], 0, 0)[:8]
_ACCEPTED: Final = serialize_header(KIND_OF[Accepted], 0, 0)[:8]
_write: Final = Struct(">8sII").pack
_encode: Final = Encoder().encode
"""Packs a message whose fields have no more than 15 names and no text as default: the same bytes as ``pack``."""


def document_in(data: bytes, number: int) -> SubmitDocument | None:
    """See :meth:`fiscal.protocols.base.WireProtocol.document_in`."""
    size = len(data)
    if not _SMALLEST <= size <= FRAME_SIZE_MAX:
        return None
    begin, body_size, its_number, name, content_size = _read(data)
    if (
        its_number != number
        or body_size != size - HEADER_SIZE
        or content_size != size - _BEGIN_SIZE
        or begin != _DOCUMENT
        or name != _ONLY_CONTENT
    ):
        return None
    return SubmitDocument(content=data[_BEGIN_SIZE:])


def acceptance(message: Accepted, number: int) -> bytes:
    """The whole frame; a frame has room for every acceptance."""
    body = _encode(message)
    return _write(_ACCEPTED, len(body), number) + body
