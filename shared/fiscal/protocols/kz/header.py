"""The header of a frame: 18 bytes, little-endian, the same in both directions and in every version.

=======  ====  ===========================================================================
offset   size  field
=======  ====  ===========================================================================
0        2     APPCODE, 0x81A2: the bytes A2 81
2        2     VERSION, the decimal digits of the version: 203 is 2.0.3
4        4     SIZE of the whole frame, these 18 bytes included
8        4     ID of the device, given by the operator
12       4     TOKEN: an answer carries the one to use next
16       2     REQNUM, one more with each request
=======  ====  ===========================================================================

(Kazakhstan protocol 2.0.2, 2.2.) The rule: a header that is wrong ends the session without an answer, because nothing
in it can be trusted, not even where the next frame begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from struct import Struct
from types import MappingProxyType
from typing import Final, NamedTuple

from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import ErrorCode

APPCODE: Final = 0x81A2

_LAYOUT = Struct("<HHIIIH")
HEADER_SIZE: Final = _LAYOUT.size
FRAME_SIZE_MAX: Final = 1024 * 1024
"""Bytes of a frame, its header included; the protocol names no limit. A ticket of 500 items of 1 KB, with its whole paper
as text, stays below 700 KB, and a nomenclature of 5,000 elements too."""
BODY_SIZE_MAX: Final = FRAME_SIZE_MAX - HEADER_SIZE
"""Bytes of a body: what a frame has room for beside its header."""


class Version(IntEnum):
    """The versions that are served."""

    V202 = 202
    V203 = 203


KNOWN_VERSIONS: Final[Mapping[int, str]] = MappingProxyType(
    {124: "1.2.4", Version.V202: "2.0.2", Version.V203: "2.0.3", 204: "2.0.4"}
)
"""Versions seen on the wire by their numbers: 1.2.4 and 2.0.4 have registers, and messages that we do not speak."""

_SERVED: Final = frozenset(map(int, Version))
_SERVED_TEXT: Final = " or ".join(f"{version:d} ({KNOWN_VERSIONS[version]})" for version in Version)


class Header(NamedTuple):
    """The header of a frame that passed every check: ``body_size`` is within the limit, ``version`` is served."""

    version: int
    device_id: int
    token: int
    number: int
    """REQNUM."""
    body_size: int


def parse_header(data: bytes) -> Header:
    """The header in these 18 bytes; :class:`RemoteProtocolError` bad_magic, unsupported_version, truncated, too_large.

    ``truncated`` is a SIZE that ends the frame within its own header.
    """
    appcode, version, size, device_id, token, number = _LAYOUT.unpack(data)
    if appcode != APPCODE:
        rule = f"must be 0x{APPCODE:04X}, is 0x{appcode:04X}"
        raise RemoteProtocolError(ErrorCode.BAD_MAGIC, "header.appcode", rule)
    if version not in _SERVED:
        known = KNOWN_VERSIONS.get(version)
        rule = f"must be {_SERVED_TEXT}, is {version}" + (f" ({known}), which is not served" if known else "")
        raise RemoteProtocolError(ErrorCode.UNSUPPORTED_VERSION, "header.version", rule)
    if size < HEADER_SIZE:
        rule = f"counts the header and must be at least {HEADER_SIZE}, is {size}"
        raise RemoteProtocolError(ErrorCode.TRUNCATED, "header.size", rule)
    if size > FRAME_SIZE_MAX:
        rule = f"must be at most {FRAME_SIZE_MAX} bytes, is {size}"
        raise RemoteProtocolError(ErrorCode.TOO_LARGE, "header.size", rule)
    return Header(version, device_id, token, number, size - HEADER_SIZE)


def serialize_header(header: Header) -> bytes:
    """The 18 bytes; :class:`LocalProtocolError` when the body does not fit into a frame.

    The other values are right, the caller saw to it.
    """
    return pack_header(*header)


def pack_header(version: int, device_id: int, token: int, number: int, body_size: int) -> bytes:
    """The same of a header that nobody needs as a value."""
    if body_size > BODY_SIZE_MAX:
        raise LocalProtocolError(f"a body of {body_size} bytes does not fit into a frame: {BODY_SIZE_MAX} do")
    return _LAYOUT.pack(APPCODE, version, HEADER_SIZE + body_size, device_id, token, number)
