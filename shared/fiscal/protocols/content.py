"""The business content of a document as bytes: what the digest covers, what both sides keep for ever.

The canonical form is a msgpack map: first ``kind``, then the fields of the document's class in their order, fields
with their default value left out, names of counters sorted. Two byte forms that decode to equal values are the same
document; so a client that packs otherwise is understood, and a re-sent document is compared by meaning.

There are two readers. The fast one (msgspec) takes what is right and packs to the same bytes again, which nearly every
content does; the slow one (msgpack, pydantic) takes all the rest, and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import MsgspecError
from msgspec.msgpack import Decoder, Encoder
from msgspec.structs import fields

from fiscal.domain.document import TYPE_OF, Document, DocumentKind, kind_of
from fiscal.domain.receipt import Item
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.values import fields_of, from_map, is_value, pack, unpack

CONTENT_SIZE_MAX: Final = 255 * 1024
"""Bytes of a content: what fits into a native frame of 256 KiB beside the delivery facts, whichever way it came."""

_CLASSES: Final[Mapping[Any, type[Document]]] = {kind.value: class_ for kind, class_ in TYPE_OF.items()}


def encode_content(document: Document) -> bytes:
    """The document in the canonical form; equal documents give equal bytes."""
    written = _short(_encode_sorted(document))
    if _DEFAULT_UNIT in written or _DEFAULT_SECTION in written:
        return pack(document)  # msgspec leaves out a default only when it is the very same text
    return written


def encode_part(item: Item) -> bytes:
    """A line of a receipt as it stands in the canonical form of one."""
    written = _encode_sorted(item)
    if _DEFAULT_UNIT in written or _DEFAULT_SECTION in written:
        return pack(item)
    return written


def decode_content(content: bytes) -> Document:
    """The document in these bytes; :class:`RemoteProtocolError` ``bad_request`` with the field and the rule."""
    return read_fast(content) or document_from_map(unpack(content, "content"))


_decode: Final = Decoder(Document).decode
_encode: Final = Encoder().encode
_encode_sorted: Final = Encoder(order="deterministic").encode
_MAP_16: Final = b"\xde\x00"
_FIX_MAP_MAX: Final = 15
_SHORT_MAPS: Final = tuple(bytes((0x80 | size,)) for size in range(_FIX_MAP_MAX + 1))
_DEFAULT_UNIT, _DEFAULT_SECTION = (
    _encode(entry.name) + _encode(entry.default) for entry in fields(Item) if entry.name in {"unit", "section"}
)
"""How the two texts with a default are written that are no constants of the language: in every line of a receipt."""


def _short(written: bytes) -> bytes:
    """msgspec takes the long form of a size wherever a class has more fields than the short one can say."""
    if written.startswith(_MAP_16) and written[2] <= _FIX_MAP_MAX:
        return _SHORT_MAPS[written[2]] + written[3:]
    return written


def read_fast(content: bytes) -> Document | None:
    """The document in these bytes when they are right and packed as msgpack packs; ``None``: look closer.

    The second condition is the way to see repeated keys, which are lost while reading.
    """
    try:
        document: Document = _decode(content)
    except (MsgspecError, ValueError, RecursionError):
        return None
    return document if _short(_encode(document)) == content else None


_ONLY_CONTENT: Final = b"\x81\xa7content\xc5"
"""How the body of an online document of 256 to 65,535 bytes begins: a map of one entry, its key, ``bin 16``."""
_BIN_16_MIN: Final = 2**8
_BIN_16_MAX: Final = 2**16 - 1
_ONLY_CONTENT_SIZE: Final = len(_ONLY_CONTENT) + 2


def body_of(content: bytes) -> bytes:
    """The body, in msgpack, of a request that brings this content and no delivery facts."""
    if _BIN_16_MIN <= len(content) <= _BIN_16_MAX:
        return b"%s%s%s" % (_ONLY_CONTENT, len(content).to_bytes(2, "big"), content)
    return pack({"content": content})


def content_of(body: bytes) -> bytes | None:
    """The content in a body that :func:`body_of` made, as nearly every one is; ``None``: look closer.

    What is cut out here is what unpacking would give.
    """
    if (
        len(body) > _BIN_16_MIN
        and body.startswith(_ONLY_CONTENT)
        and body[10] << 8 | body[11] == len(body) - _ONLY_CONTENT_SIZE
    ):
        return body[_ONLY_CONTENT_SIZE:]
    return None


def document_from_map(entries: dict[str, Any]) -> Document:
    """The document in this map, which loses its ``kind``; errors as in :func:`decode_content`."""
    kind = entries.pop("kind", None)
    class_ = _CLASSES.get(kind) if isinstance(kind, str) else None
    if class_ is None:
        rule = "must be one of " + ", ".join(kind.value for kind in DocumentKind)
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "kind", rule)
    return from_map(class_, entries)


def same_content(ours: bytes, theirs: bytes) -> bool:
    """Whether both are the same document (semantics 1.2); :class:`RemoteProtocolError` when one is no document."""
    return ours == theirs or decode_content(ours) == decode_content(theirs)


def content_difference(ours: bytes, theirs: bytes) -> list[str]:
    """Every field that differs, as "total: 100 != 200", ours first; empty for the same document.

    :class:`RemoteProtocolError` when one is no document.
    """
    left, right = (dict(_leaves(decode_content(content), "")) for content in (ours, theirs))
    return [
        f"{path}: {left.get(path, 'absent')} != {right.get(path, 'absent')}"
        for path in dict.fromkeys((*left, *right))
        if left.get(path) != right.get(path)
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every plain value inside a document, with its path, as text."""
    if is_value(value):
        if path == "":
            yield "kind", kind_of(value)
        for name in fields_of(type(value)):
            yield from _leaves(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _leaves(part, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}")
    elif isinstance(value, bytes):
        yield path, value.hex()
    elif value is not None:
        yield path, str(value)
