"""What goes back to an HTTP client: JSON, and errors in one form.

The rule: an error of the HTTP interface is ``{"error": {"code", "field", "text"}}`` with a code for machines, whatever
went wrong and wherever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8; values of the domain become maps, binary becomes hexadecimal text."""
    return json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":")).encode()
