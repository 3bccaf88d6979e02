"""Bodies of HTTP requests and answers to messages and back.

The rule: JSON and msgpack say the same. What a document's digest covers is always the msgpack form: of a JSON document
the canonical form is kept, of a msgpack one the bytes as they came. Whatever comes, parsing raises
:class:`RemoteProtocolError` and nothing else.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, Final

from msgspec.msgpack import Encoder

from fiscal.domain.document import Delivery
from fiscal.domain.messages import Accepted, Answer, Request, SubmitDocument
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.content import (
    CONTENT_SIZE_MAX,
    decode_content,
    document_from_map,
    encode_content,
)
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from fiscal.protocols.rest.messages import COMMANDS, RESULT_OF, RESULTS
from fiscal.protocols.submission import read_submission
from fiscal.protocols.values import as_map, described, from_map, pack, refuse_unknown, unpack


class MediaType(StrEnum):
    """The two forms of a body."""

    JSON = "application/json"
    MSGPACK = "application/msgpack"


_MEDIA_TYPES: Final = {
    "": MediaType.JSON,
    "application/json": MediaType.JSON,
    "application/msgpack": MediaType.MSGPACK,
    "application/x-msgpack": MediaType.MSGPACK,
    "application/vnd.msgpack": MediaType.MSGPACK,
}

_encode: Final = Encoder().encode
"""Packs an acceptance, whose map has fewer than 15 entries and no text as default, as ``pack`` does."""
_RESULT_ACCEPTED: Final = pack("result") + pack(RESULT_OF[Accepted])
"""How every acceptance begins, behind the byte that says how many entries it has."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def media_type(content_type: str) -> MediaType:
    """The form that a Content-Type names, JSON when it is empty; :class:`RemoteProtocolError` bad_media_type."""
    found = _MEDIA_TYPES.get(content_type) or _MEDIA_TYPES.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        rule = f"must be {MediaType.JSON} or {MediaType.MSGPACK}, is {described(content_type)}"
        raise RemoteProtocolError(ErrorCode.BAD_MEDIA_TYPE, "content-type", rule)
    return found


def parse_request(command: str, body: bytes, content_type: str) -> Request:
    """The request in a body; an empty body is an empty map. :class:`RemoteProtocolError` for everything else:

    unknown_command, too_large, bad_media_type, bad_request.
    """
    class_ = COMMANDS.get(command)
    if class_ is None:
        rule = f"must be one of {', '.join(COMMANDS)}, is {described(command)}"
        raise RemoteProtocolError(ErrorCode.UNKNOWN_COMMAND, "command", rule)
    if class_ is SubmitDocument:
        return parse_document(body, content_type)
    request: Request = from_map(class_, _entries(body, media_type(content_type)))
    return request


def parse_document(body: bytes, content_type: str) -> SubmitDocument:
    """The document and its delivery facts in a body; errors as in :func:`parse_request`."""
    form = media_type(content_type)
    if form is MediaType.MSGPACK and (found := read_submission(body)) is not None:
        return found
    entries = _entries(body, form)
    if "content" not in entries:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "content", "is missing")
    content = entries.pop("content")
    delivery = entries.pop("delivery", {})
    refuse_unknown(entries)
    packed = _content_of_json(content) if form is MediaType.JSON else content
    if not isinstance(packed, bytes):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "content", f"must be binary, is {described(packed)}")
    if len(packed) > CONTENT_SIZE_MAX:
        rule = f"must be at most {CONTENT_SIZE_MAX} bytes as msgpack, is {len(packed)}"
        raise RemoteProtocolError(ErrorCode.TOO_LARGE, "content", rule)
    return SubmitDocument(content=packed, delivery=from_map(Delivery, delivery, "delivery"))


def serialize_request(request: Request, form: MediaType) -> bytes:
    """The body that asks for this; the command goes in the address."""
    if form is MediaType.MSGPACK:
        return pack(request)
    if isinstance(request, SubmitDocument):
        return _json({**as_map(request), "content": decode_content(request.content)})
    return _json(request)


def parse_answer(body: bytes, content_type: str) -> Answer:
    """The answer in a body; :class:`RemoteProtocolError` as in :func:`parse_request`."""
    form = media_type(content_type)
    entries = _entries(body, form)
    result = entries.pop("result", None)
    class_ = RESULTS.get(result) if isinstance(result, str) else None
    if class_ is None:
        rule = f"must be one of {', '.join(RESULTS)}"
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "result", rule)
    if form is MediaType.JSON:
        _binary(entries, "last_digest", _DIGEST, "64 hexadecimal digits")
    answer: Answer = from_map(class_, entries)
    return answer


def serialize_answer(answer: Answer, form: MediaType) -> bytes:
    """The body of an answer: its fields behind ``result``."""
    if form is MediaType.MSGPACK and type(answer) is Accepted:
        written = _encode(answer)
        return bytes((written[0] + 1,)) + _RESULT_ACCEPTED + written[1:]
    entries = {"result": RESULT_OF[type(answer)], **as_map(answer)}
    return pack(entries) if form is MediaType.MSGPACK else _json(entries)


# ----------------------------------------------------------------------------------------------------------- JSON


def _entries(body: bytes, form: MediaType) -> dict[str, Any]:
    if len(body) > BODY_SIZE_MAX:
        rule = f"must be at most {BODY_SIZE_MAX} bytes, is {len(body)}"
        raise RemoteProtocolError(ErrorCode.TOO_LARGE, "body", rule)
    if not body:
        return {}
    if form is MediaType.MSGPACK:
        return unpack(body, "body")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_without_repetition, parse_constant=_no_constant)
    except ValueError as error:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "body", f"is no JSON: {str(error)[:200]}") from None
    except RecursionError:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "body", "is nested too deep") from None
    if not isinstance(value, dict):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "body", f"must be an object, is {described(value)}")
    return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return entries


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _content_of_json(content: Any) -> bytes:
    if not isinstance(content, dict):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, "content", f"must be an object, is {described(content)}")
    for name in ("id", "voids"):
        _binary(content, name, _UUID, "32 hexadecimal digits or a UUID")
    return encode_content(document_from_map(content))


def _binary(entries: dict[str, Any], name: str, pattern: re.Pattern[str], form: str) -> None:
    """Turn hexadecimal text into the bytes that it stands for, where there is any."""
    value = entries.get(name)
    if value is None:
        return
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, name, f"must be {form}, is {described(value)}")
    entries[name] = bytes.fromhex(value.replace("-", ""))


def _json(value: Any) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else as_map(value)
