"""The message that brings a document, as msgpack: what both the native protocol and HTTP carry, without a detour.

The rule: what is right and packed as we pack it is cut out of the bytes and read by msgspec; for everything else the
fast way says ``None``, and the slow way (msgpack, pydantic) says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import MsgspecError
from msgspec.msgpack import Decoder, Encoder

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.messages import Accepted, SubmitDocument
from fiscal.protocols.content import body_of, content_of
from fiscal.protocols.values import pack

T = TypeVar("T")

_CONTENT_FIRST: Final = b"\x82\xa7content\xc5"
"""How the body of a document with delivery facts begins, if it has 256 to 65,535 bytes: a map of two entries."""
_THEN_DELIVERY: Final = b"\xa8delivery"
_HEAD_SIZE: Final = len(_CONTENT_FIRST) + 2
_BIN_16_MIN: Final = 2**8
_BIN_16_MAX: Final = 2**16 - 1
_encode: Final = Encoder().encode
_decode_delivery: Final = Decoder(Delivery).decode
_decode_accepted: Final = Decoder(Accepted).decode


def body_of_submission(message: SubmitDocument) -> bytes:
    """The body of this message in the canonical form."""
    content, delivery = message.content, message.delivery
    if delivery is ONLINE or delivery == ONLINE:
        return body_of(content)
    if _BIN_16_MIN <= len(content) <= _BIN_16_MAX:
        head = len(content).to_bytes(2, "big")
        return b"%s%s%s%s%s" % (_CONTENT_FIRST, head, content, _THEN_DELIVERY, _encode(delivery))
    return pack({"content": content, "delivery": delivery})


def read_submission(body: bytes) -> SubmitDocument | None:
    """The message in a body that :func:`body_of_submission` made, as nearly every one is; ``None``: look closer."""
    content = content_of(body)
    if content is not None:
        return SubmitDocument(content=content)
    if len(body) <= _BIN_16_MIN or not body.startswith(_CONTENT_FIRST):
        return None
    size = body[10] << 8 | body[11]
    end = _HEAD_SIZE + size
    begin = end + len(_THEN_DELIVERY)
    if size < _BIN_16_MIN or body[end:begin] != _THEN_DELIVERY:
        return None
    delivery = _read(_decode_delivery, body[begin:])
    return None if delivery is None else SubmitDocument(content=body[_HEAD_SIZE:end], delivery=delivery)


def read_acceptance(body: bytes) -> Accepted | None:
    """The acceptance in these bytes, when they are right and packed as we pack; ``None``: look closer."""
    return _read(_decode_accepted, body)


def _read(decode: Callable[[bytes], T], body: bytes) -> T | None:
    """What was packed otherwise than we pack may hold a key twice, which is lost while reading."""
    try:
        value = decode(body)
    except (MsgspecError, ValueError):
        return None
    return value if _encode(value) == body else None


__all__ = ["body_of_submission", "read_acceptance", "read_submission"]
