"""Whole frames out of a stream of bytes, and frames as bytes; a frame looks the same in both directions.

The rule: the same bytes give the same frames however they are cut into reads, and nothing but
:class:`RemoteProtocolError` comes out of reading. An answer goes to the request whose header it repeats: same version,
device and request number, the token as the rules say (:mod:`fiscal.protocols.kz.numbers`).
"""

from __future__ import annotations

from fiscal.protocols.kz.header import HEADER_SIZE, Header, pack_header, parse_header
from fiscal.wire.reading import FrameReader


def frame_reader() -> FrameReader[Header]:
    """A reader for one connection: ``feed`` it what was read, then ask ``next_frame`` until it returns ``None``.

    A frame is a header and its body. After an error the connection is of no more use; when it ends, ``is_amid_frame``
    tells whether a frame was cut off.
    """
    return FrameReader(HEADER_SIZE, parse_header)


def serialize_frame(version: int, device_id: int, token: int, number: int, body: bytes) -> bytes:
    """The whole frame of a request; :class:`LocalProtocolError` when the body does not fit into one."""
    return pack_header(version, device_id, token, number, len(body)) + body


def serialize_answer(request: Header, token: int, body: bytes) -> bytes:
    """The whole frame of the answer to a request, with the token to use next; :class:`LocalProtocolError` likewise."""
    version, device_id, _, number, _ = request
    return pack_header(version, device_id, token, number, len(body)) + body


def answers(answer: Header, request: Header) -> bool:
    """Whether this can be the answer to that request: same version, device and request number.

    A register that reads another answer has a stale or foreign one before it, and waits on.
    """
    return (answer.version, answer.device_id, answer.number) == (request.version, request.device_id, request.number)
