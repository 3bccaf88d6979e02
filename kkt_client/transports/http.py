"""The same commands over HTTP, one POST (or GET) for each, msgpack in both directions.

The rule: the register's token goes in ``Authorization``, never in an address; an answer is what its body says, whatever
the status in front of it; and a status without such a body, from a proxy in between, is no answer at all.

aiohttp is imported when the first link is made: a register that speaks the native protocol does not need it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fiscal.domain.messages import (
    Answer,
    AskInformation,
    Hello,
    Ping,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
)
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import CONTENT_SIZE_MAX
from fiscal.protocols.rest.codec import MediaType, parse_answer, serialize_request
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from fiscal.session.connection import ANSWERS
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import PLAIN, AnswerLate, Clock, NoConnection, cause_of_connecting

if TYPE_CHECKING:
    from aiohttp import ClientSession

PATHS: Final[Mapping[type[Request], str]] = {
    Hello: "registers/{id}/hello",
    SubmitDocument: "registers/{id}/documents",
    ReportOfflinePeriod: "registers/{id}/offline-periods",
    ReportStatus: "registers/{id}/status",
    AskInformation: "registers/{id}/information",
    Ping: "ping",
}
"""Where each command goes, under /api/v1/."""

TICK_S: Final = 0.001
"""A timer ends the waiting so much after the limit; whether the answer was in time, the clock says."""

_GET: Final = (AskInformation, Ping)


class HttpTransport:
    """The way to the operator at ``base_url`` (http or https), for the register ``register_id`` with its ``token``.

    ``token`` is what :class:`Hello` said last, so a new token is used from the next hello on.
    """

    protocol = "http"
    content_size_max = CONTENT_SIZE_MAX
    terms = PLAIN

    def __init__(self, base_url: str, clock: Clock, answer_limit_s: float) -> None:
        self._base_url = base_url
        self._clock = clock
        self._answer_limit_s = answer_limit_s
        self._session: ClientSession | None = None

    async def connect(self) -> HttpLink:
        from aiohttp import ClientSession, ClientTimeout, TCPConnector  # noqa: PLC0415 - see above

        if self._session is None:
            # One connection, kept open: a register asks one thing at a time.
            connector = TCPConnector(limit=1, keepalive_timeout=60)
            self._session = ClientSession(connector=connector, timeout=ClientTimeout(total=None))
        return HttpLink(self._session, f"{self._base_url}/api/v1/", self._clock, self._answer_limit_s)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


class HttpLink:
    """A conversation: HTTP has none of its own, so it is what lies between a hello and the first failure."""

    def __init__(self, session: ClientSession, url: str, clock: Clock, answer_limit_s: float) -> None:
        self.is_open = True
        self._session = session
        self._url = url
        self._clock = clock
        self._answer_limit_s = answer_limit_s
        self._register_id = ""
        self._token = ""
        self._asking: asyncio.Timeout | None = None

    async def request(self, request: Request) -> Answer:
        """As the port says. HTTP hides when the last byte left, so the limit runs from just before the first one."""
        if not self.is_open:
            raise NoConnection(Cause(Said.CONNECTION_LOST, "the conversation is over"), was_open=True)
        if isinstance(request, Hello):
            self._register_id, self._token = request.register, request.token
        begun = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._answer_limit_s + TICK_S) as asking:
                self._asking = asking
                try:
                    answer = await self._exchange(request)
                finally:
                    self._asking = None
        except TimeoutError:
            was_open = self.is_open
            self.close()
            if not was_open:
                cause = Cause(Said.CONNECTION_LOST, "the conversation was ended")
                raise NoConnection(cause, was_open=True) from None
            raise AnswerLate from None
        except BaseException:
            self.close()
            raise
        if self._clock.monotonic() - begun > self._answer_limit_s:
            self.close()
            raise AnswerLate
        if type(answer) not in ANSWERS[type(request)]:
            self.close()
            text = f"{type(answer).__name__} is no answer to {type(request).__name__}"
            raise NoConnection(Cause(Said.UNEXPECTED_ANSWER, text), was_open=True)
        return answer

    async def _exchange(self, request: Request) -> Answer:
        from aiohttp import ClientConnectorError, ClientError  # noqa: PLC0415 - see above

        path = PATHS[type(request)].format(id=quote(self._register_id, safe=""))
        method = "GET" if isinstance(request, _GET) else "POST"
        headers = {"Authorization": f"Bearer {self._token}", "Accept": MediaType.MSGPACK.value}
        body = None
        if method == "POST":
            body = serialize_request(request, MediaType.MSGPACK)
            headers["Content-Type"] = MediaType.MSGPACK.value
        try:
            async with self._session.request(
                method, self._url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                data = await response.content.read(BODY_SIZE_MAX + 1)
                while not response.content.at_eof() and len(data) <= BODY_SIZE_MAX:
                    data += await response.content.read(BODY_SIZE_MAX + 1)
                return _parse(data, response.status, response.headers.get("Content-Type", ""))
        except ClientConnectorError as error:
            raise NoConnection(cause_of_connecting(error.os_error, str(error)), was_open=False) from None
        except (ClientError, OSError) as error:
            cause = Cause(Said.CONNECTION_LOST, f"the connection broke: {error}")
            raise NoConnection(cause, was_open=True) from None

    def close(self) -> None:
        self.is_open = False
        if self._asking is not None:
            self._asking.reschedule(asyncio.get_running_loop().time())


def _parse(body: bytes, status: int, content_type: str) -> Answer:
    try:
        return parse_answer(body, content_type)
    except RemoteProtocolError as error:
        cause = Cause(Said.UNEXPECTED_ANSWER, f"HTTP {status} is no answer of an operator: {error}")
        raise NoConnection(cause, was_open=True) from None
