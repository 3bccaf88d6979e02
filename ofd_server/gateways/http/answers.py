"""What goes back to an HTTP client: JSON, and errors in one form.

The rule: an error of the HTTP interface is ``{"error": {"code", "field", "text"}}`` with a code for machines, whatever
went wrong and wherever.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final

from aiohttp import web

from ofd_server.core.views import plain

_SAFE: Final = {
    "Server": "mock-ofd",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class HttpError(Exception):
    """An answer that is an error of the client's, or of the moment. Raised by handlers, never logged as a failure.

    ``more`` stands beside code, field and text, where an address has more to say of an error.
    """

    def __init__(
        self,
        status: int,
        code: str,
        field: str,
        text: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {field}: {text}")
        self.status = status
        self.code = code
        self.field = field
        self.text = text
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> web.Response:
        """The answer itself."""
        return error_response(self.status, self.code, self.field, self.text, self.headers, self.more)


def error_response(
    status: int,
    code: str,
    field: str,
    text: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> web.Response:
    """An error in the one form."""
    return json_response({"error": {"code": code, "field": field, "text": text, **(more or {})}}, status, headers)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A value as JSON."""
    return body_response(to_json(value), "application/json", status, headers)


def body_response(
    body: bytes, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Bytes of a known type."""
    return web.Response(body=body, status=status, headers={**_SAFE, "Content-Type": content_type, **(headers or {})})


def response_bytes(response: web.Response) -> bytes:
    """The response as the library would write it to a client of HTTP/1.1 who keeps his connection."""
    body = response.body
    assert isinstance(body, bytes), "it was made of bytes"
    return _bytes(_head(f"{response.status} {response.reason}", response.headers.items()), body)


def ok_bytes(body: bytes, content_type: str) -> bytes:
    """The same of ``body_response(body, content_type)``."""
    return _bytes(_ok(content_type), body)


def _bytes(head: bytes, body: bytes) -> bytes:
    return b"%bContent-Length: %d\r\nDate: %b\r\n\r\n%b" % (head, len(body), _date(int(time.time())), body)


def _head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join((f"HTTP/1.1 {status}\r\n", *(f"{name}: {value}\r\n" for name, value in headers))).encode()


@lru_cache(maxsize=16)
def _ok(content_type: str) -> bytes:
    return _head("200 OK", {**_SAFE, "Content-Type": content_type}.items())


@lru_cache(maxsize=1)
def _date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8; values of the domain become maps, binary becomes hexadecimal text."""
    return json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":")).encode()
