"""What is asked of the operator: reads that end soon, and streams that do not.

The rule: whatever goes wrong on the way is :class:`Gone`, with a text for the person who watches, and may be tried again;
what the operator says no to is :class:`Refused`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote

import aiohttp

from fiscal.errors import FiscalError
from mock_ofd.watch.tongues import say
from ofd_server.gateways.http.events import HEARTBEAT_S

READ_S: Final = 10.0
"""Seconds until an answer must be there."""
SILENCE_S: Final = 2.5 * HEARTBEAT_S
"""A stream that says nothing for so long, not even that it is still there, is no stream any more."""
EVENT_MAX: Final = 4 * 1024 * 1024
"""Bytes of one line of a stream: five thousand rows are 400 KB."""


class Gone(FiscalError):
    """The operator is not there, or not what it should be; try again later."""


class Refused(FiscalError):
    """The operator is there and says no; ``status`` is that of the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Event(NamedTuple):
    """One thing that a stream tells. ``id`` is empty where it has none."""

    name: str
    id: str
    data: dict[str, Any]


def part(name: str) -> str:
    """A name as one step of a path."""
    return quote(name, safe="")


class Source:
    """The operator under ``url``. Use it as an async context manager."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    # -------------------------------------------------------------------------------------------------------- reads

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """An object of the interface."""
        return _object(await self._read("GET", path, query))

    async def text(self, path: str, **query: Any) -> str:
        """A text of the interface."""
        return (await self._read("GET", path, query)).decode("utf-8", "replace")

    async def change(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Change something; what is so now."""
        return _object(await self._read(method, path, {}, body or {}))

    async def _read(self, method: str, path: str, query: dict[str, Any], body: Any = None) -> bytes:
        assert self._session is not None, "used as a context manager"
        asked = {name: str(value) for name, value in query.items() if value is not None}
        try:
            async with self._session.request(
                method,
                f"{self.url}/api/v1/{path}",
                params=asked,
                json=body,
                timeout=aiohttp.ClientTimeout(total=READ_S),
                allow_redirects=False,
            ) as response:
                read = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._gone(error) from None
        if response.status >= 300:  # noqa: PLR2004 - whatever is no success
            raise _refusal(response.status, read)
        return read

    def _gone(self, error: BaseException) -> Gone:
        reason = say("it does not answer") if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        return Gone(f"{self.url}: {reason}")

    # ------------------------------------------------------------------------------------------------------- streams

    async def events(self, path: str, **query: Any) -> AsyncGenerator[Event, None]:
        """What a stream tells, until it ends; :class:`Gone` when it breaks, and :class:`Refused` when there is none.

        The first event is ``open``, when the operator has begun the stream.
        """
        assert self._session is not None, "used as a context manager"
        asked = {name: str(value) for name, value in query.items() if value is not None}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=READ_S, sock_read=SILENCE_S)
        try:
            async with self._session.get(
                f"{self.url}/api/v1/{path}",
                params=asked,
                timeout=timeout,
                allow_redirects=False,
                read_bufsize=EVENT_MAX,
            ) as response:
                if response.status != 200:  # noqa: PLR2004 - a stream or none
                    raise _refusal(response.status, await response.read())
                yield Event("open", "", {})
                async for event in _events(response.content):
                    yield event
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            raise self._gone(error) from None


async def _events(lines: aiohttp.StreamReader) -> AsyncIterator[Event]:
    """The events in the lines of a stream, as the HTML standard tells them."""
    fields: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode("utf-8").rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
            continue
        if "data" in fields:
            yield Event(fields.get("event", "message"), fields.get("id", ""), _object(fields["data"]))
        fields = {}


def _object(text: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Gone("what answers there is no mock-ofd")
    return value


def _refusal(status: int, body: bytes) -> FiscalError:
    try:
        error = json.loads(body)["error"]
        return Refused(status, f"{error['field']}: {error['text']}" if error["field"] else str(error["text"]))
    except (ValueError, LookupError, TypeError):
        return Gone(f"what answers there with status {status} is no mock-ofd")
