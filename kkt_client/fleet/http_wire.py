"""HTTP/1.1 of a register of a fleet: one request at a time over one connection that is kept open.

The rule: an answer is what its body says, whatever the status in front of it, as for every register that speaks HTTP; a
status without such a body is no answer at all. Only answers with a Content-Length are read, which is what an operator of
ours sends; whatever else comes ends the conversation, and says so.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fiscal.domain.messages import Answer, AskInformation, Hello, Request, SubmitDocument
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.rest.codec import MediaType, parse_answer, serialize_request
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from fiscal.protocols.submission import body_of_submission
from fiscal.session.connection import ANSWERS
from fiscal.time import Moment
from kkt_client.core.saying import Cause, Said
from kkt_client.fleet.wires import lost, too_late
from kkt_client.transports.http import PATHS

HEAD_SIZE_MAX: Final = 16 * 1024
"""Bytes of the lines before a body: twice what the usual servers send at most."""
_END: Final = b"\r\n\r\n"


class HttpWire:
    """The register's requests to ``host`` (as the Host header has it), and what is answered."""

    keeps_talking = True

    def __init__(self, host: str, limit_s: float) -> None:
        self.limit_s = limit_s
        self._host = host
        self._heads: dict[type, str] = {}
        self._asked: Request | None = None
        self._asked_at: Moment = 0.0
        self._data = b""

    def opened(self, now: Moment) -> None:  # noqa: ARG002 - as the protocol says
        self._data = b""

    def ask(self, request: Request, now: Moment) -> bytes:
        if isinstance(request, Hello):
            self._heads = {kind: self._head(kind, request) for kind in PATHS}
        self._asked, self._asked_at = request, now
        head = self._heads[type(request)]
        if isinstance(request, AskInformation):
            return f"{head}\r\n".encode("latin-1")
        if isinstance(request, SubmitDocument):
            body = body_of_submission(request)
        else:
            body = serialize_request(request, MediaType.MSGPACK)
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body

    def own_answer(self) -> Answer:
        """Everything is a message of this protocol."""
        raise AssertionError("nothing is answered without asking")

    def _head(self, kind: type, hello: Hello) -> str:
        path = PATHS[kind].format(id=quote(hello.register, safe=""))
        method = "GET" if kind is AskInformation else "POST"
        media = MediaType.MSGPACK.value
        return (
            f"{method} /api/v1/{path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {hello.token}\r\n"
            f"Accept: {media}\r\nContent-Type: {media}\r\n"
        )

    def received(self, data: bytes, now: Moment) -> Answer | None:
        self._data = data = self._data + data if self._data else data
        begin = data.find(_END)
        if begin < 0:
            if len(data) > HEAD_SIZE_MAX:
                raise _unexpected(f"an answer with more than {HEAD_SIZE_MAX} bytes before its body")
            return None
        begin += len(_END)
        size, media = _described(data[:begin])
        if len(data) < begin + size:
            return None
        self.look(now)
        request, self._asked, self._data = self._asked, None, b""
        if request is None or len(data) > begin + size:
            raise _unexpected("an answer that nobody has asked for")
        try:
            answer = parse_answer(data[begin:], media)
        except RemoteProtocolError as error:
            status = data[:_STATUS_END].decode("latin-1")
            raise _unexpected(f"{status} is no answer of an operator: {error}") from None
        if type(answer) not in ANSWERS[type(request)]:
            raise _unexpected(f"{type(answer).__name__} is no answer to {type(request).__name__}")
        return answer

    def look(self, now: Moment) -> None:
        if self._asked is not None and now - self._asked_at > self.limit_s:
            asked, self._asked = type(self._asked), None
            raise too_late(asked)


_STATUS_END: Final = len("HTTP/1.1 200")


def _described(head: bytes) -> tuple[int, str]:
    """The size of the body that follows these lines, and its Content-Type."""
    if not head.startswith(b"HTTP/1."):
        raise _unexpected("an answer that is no HTTP/1.1")
    size, media = -1, ""
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        match name.strip().lower():
            case "content-length":
                text = value.strip()
                size = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004
            case "content-type":
                media = value.strip()
            case _:
                pass
    if not 0 <= size <= BODY_SIZE_MAX:
        raise _unexpected(f"an answer without a Content-Length up to {BODY_SIZE_MAX}")
    return size, media


def _unexpected(what: str) -> Exception:
    return lost(Cause(Said.UNEXPECTED_ANSWER, what))


__all__ = ["HttpWire"]
