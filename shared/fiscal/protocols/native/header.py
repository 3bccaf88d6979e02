"""The header of a native frame: 16 bytes, big-endian, the same in every version.

=======  ====  =======================================================================
offset   size  field
=======  ====  =======================================================================
0        4     magic, the ASCII letters ``MOFD``
4        1     version, 1
5        1     flags: bit 0 is set in an answer, the others are 0
6        2     kind of the message (:class:`~fiscal.protocols.native.messages.Kind`)
8        4     bytes of the body
12       4     request number
=======  ====  =======================================================================

The rule: a header that is wrong ends the session, because nothing after it can be trusted. A kind that nobody knows is
no error of the header: the frame can be skipped and answered.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

import msgspec

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.native.limits import FRAME_SIZE_MAX

MAGIC: Final = b"MOFD"
VERSION: Final = 1
ANSWER_FLAG: Final = 1
ANSWER_KINDS: Final = 0x80
"""Kinds of answers have this bit, so the flag can be checked."""

_LAYOUT = Struct(">4sBBHII")
HEADER_SIZE: Final = _LAYOUT.size
BODY_SIZE_MAX: Final = FRAME_SIZE_MAX - HEADER_SIZE
"""Bytes of a body: what a frame has room for beside its header."""


class Header(msgspec.Struct, frozen=True, gc=False):
    """The header of a frame that passed every check: ``body_size`` is within the limit."""

    is_answer: bool
    kind: int
    body_size: int
    number: int


def parse_header(data: bytes) -> Header:
    """The header in these 16 bytes; :class:`RemoteProtocolError` bad_magic, unsupported_version, bad_flags, too_large."""
    magic, version, flags, kind, body_size, number = _LAYOUT.unpack(data)
    if magic != MAGIC:
        raise RemoteProtocolError(ErrorCode.BAD_MAGIC, "header.magic", f"must be {MAGIC!r}, is {magic!r}")
    if version != VERSION:
        raise RemoteProtocolError(ErrorCode.UNSUPPORTED_VERSION, "header.version", f"must be {VERSION}, is {version}")
    if flags & ~ANSWER_FLAG or (flags == ANSWER_FLAG) is not (kind & ANSWER_KINDS != 0):
        rule = f"0 in a request, {ANSWER_FLAG} in an answer, is {flags} with kind 0x{kind:02x}"
        raise RemoteProtocolError(ErrorCode.BAD_FLAGS, "header.flags", rule)
    if body_size > BODY_SIZE_MAX:
        rule = f"must be at most {BODY_SIZE_MAX} bytes, is {body_size}"
        raise RemoteProtocolError(ErrorCode.TOO_LARGE, "header.length", rule)
    return Header(flags == ANSWER_FLAG, kind, body_size, number)


def number_in(data: bytes) -> int | None:
    """The request number in a header that :func:`parse_header` refused: known unless the peer speaks something else."""
    return int.from_bytes(data[12:16], "big") if data[:4] == MAGIC and data[5] == 0 else None


def serialize_header(kind: int, body_size: int, number: int) -> bytes:
    """The 16 bytes of a header; the values are right, the caller saw to it."""
    return _LAYOUT.pack(MAGIC, VERSION, ANSWER_FLAG if kind & ANSWER_KINDS else 0, kind, body_size, number)
