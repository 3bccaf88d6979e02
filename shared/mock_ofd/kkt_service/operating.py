"""Requests that look after a register: what waits, what stands still, what nobody has got, its token, its power.

The rule: none of them issues a document of its own; a void that a decision makes takes the number of the document that
was given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from aiohttp import web

from kkt_client.core.views import paper_json, status_json
from kkt_client.register import Register
from mock_ofd.kkt_service.answers import Synced, Unfinished
from mock_ofd.kkt_service.bodies import AcknowledgedBody, DecisionBody, PowerBody, SyncBody, TokenBody
from ofd_server.gateways.http.answers import json_response
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import Call


class Operating:
    """Handlers of a person's decisions."""

    def __init__(self, register: Register, operator: str) -> None:
        self._register = register
        self._operator = operator

    async def sync(self, call: Call) -> web.StreamResponse:
        """Send everything that waits; a caller who goes away ends the waiting, not the sending."""
        body: SyncBody = call.body
        before = self._register.status().accepted_number
        if not await _unless_gone(call, self._register.sync(body.timeout_s)):
            return web.Response(status=HTTPStatus.NO_CONTENT)  # nobody reads it
        status = self._register.status()
        sent = status.accepted_number - before
        return json_response(Synced(sent=sent, unsent=status.unsent, mode=status.mode.value))

    async def unfinished(self, _call: Call) -> web.StreamResponse:
        """What was issued and never handed out."""
        found = await self._register.unfinished()
        return json_response(Unfinished(items=[paper_json(paper) for paper in found]))

    async def acknowledge(self, call: Call) -> web.StreamResponse:
        """These are dealt with; what is left."""
        body: AcknowledgedBody = call.body
        self._register.acknowledge(*body.numbers)
        return await self.unfinished(call)

    async def resolve(self, call: Call) -> web.StreamResponse:
        """A person decided."""
        body: DecisionBody = call.body
        await self._register.resolve(body.decision, by=body.by, why=body.why, number=body.number)
        return self._status()

    async def set_token(self, call: Call) -> web.StreamResponse:
        """The register has another token from now on, and tries it at once."""
        body: TokenBody = call.body
        await self._register.set_token(body.token)
        return self._status()

    async def low_power(self, call: Call) -> web.StreamResponse:
        """There is too little power for the operator, or there is enough again."""
        body: PowerBody = call.body
        await self._register.low_power(body.low)
        return self._status()

    def _status(self) -> web.StreamResponse:
        return json_response(status_json(self._register.status(), self._operator))


async def _unless_gone(call: Call, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work was done while its caller waited for it; what it raises comes out."""
    working = asyncio.ensure_future(work)
    left = asyncio.ensure_future(gone(call.request).wait())
    try:
        await asyncio.wait({working, left}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        working.cancel()
        left.cancel()
