"""The bodies of frames: bytes to the message of the version that the header names, and back.

The rule: :func:`parse_request` and :func:`parse_response` return a message that the version's schema allows, or raise
:class:`RemoteProtocolError` with the path of the field, whatever the bytes. A body of one version is never read with
the schema of the other: number 6 of ``OrgRegInfo`` is a number in 2.0.2 and a text in 2.0.3.

What a schema allows: every required field is there, numbers are in range, texts are UTF-8. A value that an enum does not
have makes its field absent, as proto2 has it. Fields that the schema does not know are tolerated and kept: a message
that is written again has them, behind the others.

A schema is loaded when it is first used: a process that never speaks this protocol does not load protobuf.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.kz.header import Version

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
    from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203
    from fiscal.protocols.kz.soundness import Fault, Reader

Request: TypeAlias = "v202.Request | v203.Request"
"""A request of either version; what only one of them has is asked for with ``getattr`` or after a look at the version."""
Response: TypeAlias = "v202.Response | v203.Response"
"""A response of either version."""
ZXReport: TypeAlias = "v202.ZXReport | v203.ZXReport"
"""The counters in a request or a response."""
DateTime: TypeAlias = "v202.DateTime | v203.DateTime"
"""A local time."""
Money: TypeAlias = "v202.Money | v203.Money"
"""A sum."""


class _Schema(NamedTuple):
    request: Reader[v202.Request] | Reader[v203.Request]
    response: Reader[v202.Response] | Reader[v203.Response]


@cache
def _schema(version: int) -> _Schema:
    # Not before they are needed: together tens of milliseconds.
    from fiscal.protocols.kz.soundness import Reader  # noqa: PLC0415

    if version == Version.V202:
        from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202  # noqa: PLC0415

        return _Schema(Reader(v202.Request), Reader(v202.Response))
    if version == Version.V203:
        from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203  # noqa: PLC0415

        return _Schema(Reader(v203.Request), Reader(v203.Response))
    raise LocalProtocolError(f"version {version} of the Kazakhstan protocol is not served")


def load(version: int) -> None:
    """Load the schema of a version now; otherwise the first message of the version waits for it."""
    _schema(version)


def request_type(version: int) -> type[Request]:
    """The class of requests; :class:`LocalProtocolError` for a version that is not served."""
    return _schema(version).request.type


def response_type(version: int) -> type[Response]:
    """The class of responses; :class:`LocalProtocolError` for a version that is not served."""
    return _schema(version).response.type


def parse_request(version: int, body: bytes) -> Request:
    """The request in the body of a frame of this version.

    :class:`RemoteProtocolError` ``bad_request``, or ``unknown_command`` for a number that no command has;
    :func:`fiscal.protocols.kz.codes.result_of` says how to answer either.
    """
    message = _schema(version).request.read(body)
    if isinstance(message, tuple):
        is_command = message.unknown_value and message.field == "command"
        raise _refused(message, ErrorCode.UNKNOWN_COMMAND if is_command else ErrorCode.BAD_REQUEST)
    return message


def parse_response(version: int, body: bytes) -> Response:
    """The response in the body of a frame of this version; :class:`RemoteProtocolError` ``bad_answer``."""
    message = _schema(version).response.read(body)
    if isinstance(message, tuple):
        raise _refused(message, ErrorCode.BAD_ANSWER)
    return message


def serialize(message: Message) -> bytes:
    """The body for a message; :class:`LocalProtocolError` when a required field is missing or a number out of range."""
    from fiscal.protocols.kz.soundness import write  # noqa: PLC0415

    body = write(message)
    if isinstance(body, tuple):
        raise LocalProtocolError(f"{message.DESCRIPTOR.name}: {body.field} {body.rule}")
    return body


def _refused(fault: Fault, code: ErrorCode) -> RemoteProtocolError:
    return RemoteProtocolError(code, fault.field, fault.rule)
