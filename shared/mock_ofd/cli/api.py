"""A running operator as the commands see it: its HTTP interface, asked with the standard library alone.

The rule: whatever goes wrong is one :class:`ApiError` with the exit code that it deserves; the token goes in a header
and never into a text. Proxies of the environment are not asked: the operator is usually on this machine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from fiscal.errors import FiscalError
from mock_ofd.cli.exits import Exit
from ofd_server.config import ENV_PREFIX

URL_VARIABLE: Final = ENV_PREFIX + "URL"
TOKEN_VARIABLE: Final = ENV_PREFIX + "API_TOKEN"
DEFAULT_URL: Final = "http://127.0.0.1:8080"
TIMEOUT_S: Final = 10.0
"""Seconds until an answer must be there: a page of registers read from a slow disk takes one."""
PAGE: Final = 200

_CODES: Final[Mapping[int, Exit]] = {
    404: Exit.NOT_FOUND,
    406: Exit.NOT_INSTALLED,
    408: Exit.UNREACHABLE,
    503: Exit.UNREACHABLE,
}
_SERVER_ERROR: Final = 500


class ApiError(FiscalError):
    """The operator was not reached, or refused; ``code`` is the exit code."""

    def __init__(self, code: Exit, text: str) -> None:
        super().__init__(text)
        self.code = code


class _NoRedirect(HTTPRedirectHandler):
    """A token must not follow a redirection to somebody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Api:
    """The interface under ``url``; every method raises :class:`ApiError`."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self.url = (url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ApiError(Exit.USAGE, f"--url must be http://HOST:PORT, is {self.url!r}")
        self._token = token or os.environ.get(TOKEN_VARIABLE) or None
        self._opener = build_opener(ProxyHandler({}), _NoRedirect())

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read something."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(asked)}" if asked else path)

    def file(self, path: str, **query: Any) -> bytes:
        """Read a file as it is."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._bytes("GET", f"{path}?{urlencode(asked)}")

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Change something."""
        return self._ask("POST", path, body or {})

    def delete(self, path: str) -> dict[str, Any]:
        """Remove something."""
        return self._ask("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of every page, as the pages come."""
        after: int | None = None
        while True:
            page = self.get(path, after=after, limit=PAGE, **query)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._read(self._bytes(method, path, body))

    def _bytes(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        request = Request(f"{self.url}/api/v1/{path}", method=method)  # noqa: S310 - the scheme was looked at
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                read: bytes = response.read()
                return read
        except HTTPError as error:
            with error:
                raise self._refused(error.code, error.read()) from None
        except (URLError, OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ApiError(Exit.UNREACHABLE, f"{self.url} was not reached: {reason}") from None

    def _read(self, body: bytes) -> dict[str, Any]:
        try:
            value = json.loads(body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ApiError(Exit.UNREACHABLE, f"{self.url} answers, but is no mock-ofd")
        return value

    def _refused(self, status: int, body: bytes) -> ApiError:
        code = _CODES.get(status, Exit.FAILED if status >= _SERVER_ERROR else Exit.REFUSED)
        try:
            error = json.loads(body)["error"]
            where = f"{error['field']}: " if error["field"] else ""
            return ApiError(code, f"{where}{error['text']}")
        except (ValueError, LookupError, TypeError):
            return ApiError(Exit.UNREACHABLE, f"{self.url} answers with status {status}, but is no mock-ofd")


def register_path(register_id: str) -> str:
    """The path of a register, whatever its id consists of."""
    return f"registers/{quote(register_id, safe='')}"
