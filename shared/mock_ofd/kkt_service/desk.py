"""Requests that issue a document.

The rule (semantics 1.6, 3.1): a document is durable before its answer is written, and the key of the request is that
of the register: the same key with the same order gives the same document, whatever became of the first answer. A caller
who goes away takes nothing with him: the sale is finished, and its document is listed as unfinished.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.receipt import Operation
from fiscal.errors import DiskFull, FiscalError, InvalidValue, StorageError
from kkt_client.core.basket import Basket
from kkt_client.core.events import cashier_text
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.records import KEY_MAX
from kkt_client.core.returns import as_asked_before, return_of
from kkt_client.core.state import AUTONOMOUS_MODES
from kkt_client.core.status import RegisterStatus
from kkt_client.core.views import paper_json
from kkt_client.register import Register
from mock_ofd.kkt_service.answers import Issued, problem
from mock_ofd.kkt_service.bodies import BasketBody, CashBody, ClosingBody, CorrectionBody, ReturnBody
from mock_ofd.kkt_service.looking import document_of
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import Call, Handler

KEY_HEADER: Final = "Idempotency-Key"
"""The caller's own name for an order."""

Order = Coroutine[Any, Any, FiscalPaper]


class Desk:
    """Handlers of orders. ``on_failed`` is called when the memory has; ``on_paper`` gets every paper."""

    def __init__(
        self,
        register: Register,
        *,
        require_key: bool = False,
        on_failed: Callable[[StorageError], None] = lambda _error: None,
        on_paper: Callable[[FiscalPaper], None] = lambda _paper: None,
    ) -> None:
        self.serving: set[asyncio.Task[FiscalPaper]] = set()
        """The orders that have begun and whose answers are not made yet."""
        self._register = register
        self._require_key = require_key
        self._on_failed = on_failed
        self._on_paper = on_paper

    # --------------------------------------------------------------------------------------------------- orders

    def trade(self, operation: Operation) -> Handler:
        """The handler of a sale, a purchase, or the return of either, item by item."""

        async def handle(call: Call) -> web.StreamResponse:
            body: BasketBody = call.body
            return await self._issue(call, lambda key: self._trade(operation, body.as_basket(), key, body))

        return handle

    async def take_back(self, call: Call) -> web.StreamResponse:
        """An earlier receipt of this register comes back, or some of it."""
        return await self._issue(call, lambda key: self._take_back(call, key))

    async def deposit(self, call: Call) -> web.StreamResponse:
        """Cash goes into the drawer."""
        body: CashBody = call.body
        return await self._issue(call, lambda key: self._register.deposit(body.sum, key=key, cashier=body.cashier))

    async def withdraw(self, call: Call) -> web.StreamResponse:
        """Cash goes out of the drawer."""
        body: CashBody = call.body
        return await self._issue(call, lambda key: self._register.withdraw(body.sum, key=key, cashier=body.cashier))

    async def correct(self, call: Call) -> web.StreamResponse:
        """Something was not, or wrongly, put through."""
        body: CorrectionBody = call.body
        return await self._issue(
            call,
            lambda key: self._register.correct(
                body.operation,
                body.total,
                reason=body.reason,
                corrected_at=body.corrected_at,
                basis=body.basis,
                payments=body.payments,
                vat=body.vat,
                key=key,
                cashier=body.cashier,
            ),
        )

    async def close_shift(self, call: Call) -> web.StreamResponse:
        """The Z-report."""
        body: ClosingBody = call.body
        close = self._register.close_shift
        return await self._issue(
            call, lambda key: close(withdraw_cash=body.withdraw_cash, key=key, cashier=body.cashier)
        )

    async def _trade(
        self, operation: Operation, basket: Basket, key: str | None, body: BasketBody | ReturnBody
    ) -> FiscalReceipt:
        register = self._register
        methods: dict[Operation, Callable[..., Awaitable[FiscalReceipt]]] = {
            Operation.SELL: register.sell,
            Operation.SELL_RETURN: register.sell_return,
            Operation.BUY: register.buy,
            Operation.BUY_RETURN: register.buy_return,
        }
        return await methods[operation](basket, key=key, cashier=body.cashier)

    async def _take_back(self, call: Call, key: str | None) -> FiscalReceipt:
        body: ReturnBody = call.body
        earlier = await document_of(self._register, call)
        if not isinstance(earlier, FiscalReceipt):
            raise InvalidValue("receipt", f"document {earlier.number} is a Z-report, only a receipt can be returned")
        parts = [(part.line, part.quantity) for part in body.lines]
        operation, back = return_of(earlier, parts, body.payments)
        back = replace(back, customer=body.customer or back.customer)
        known = None if key is None else await self._register.find(key)
        return await self._trade(operation, as_asked_before(known, back), key, body)

    # ------------------------------------------------------------------------------------------------ one order

    async def _issue(self, call: Call, order: Callable[[str | None], Order]) -> web.StreamResponse:
        serving = asyncio.ensure_future(order(self._key(call)))
        self.serving.add(serving)
        left = asyncio.ensure_future(gone(call.request).wait())
        try:
            await asyncio.wait({serving, left}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                # Who waited is gone. The register finishes what it has begun, and knows that nobody has got it.
                return web.Response(status=HTTPStatus.NO_CONTENT)  # nobody reads it
            return self._answer(serving)
        finally:
            left.cancel()
            serving.cancel()
            self.serving.discard(serving)

    def _answer(self, served: asyncio.Task[FiscalPaper]) -> web.StreamResponse:
        try:
            paper = served.result()
        except FiscalError as error:
            if isinstance(error, StorageError) and not isinstance(error, DiskFull):
                self._on_failed(error)
            return problem(error)
        self._on_paper(paper)
        status = self._register.status()
        return json_response(
            Issued(paper=paper_json(paper), mode=status.mode.value, unsent=status.unsent, message=message_of(status))
        )

    def _key(self, call: Call) -> str | None:
        """The key of the request; :class:`HttpError` 400 for one that is none, and for none where one is demanded."""
        given = call.request.headers.getall(KEY_HEADER, [])
        field = KEY_HEADER.lower()
        if not given:
            if self._require_key:
                raise HttpError(400, "key_required", field, f"every order needs a header {KEY_HEADER} of its own")
            return None
        if len(given) > 1:
            raise HttpError(400, "bad_request", field, "stands twice")
        (key,) = given
        if not 0 < len(key) <= KEY_MAX:
            raise HttpError(400, "bad_request", field, f"must have 1 .. {KEY_MAX} characters, has {len(key)}")
        if not key.isprintable():  # bytes that are no UTF-8 come as halves of characters, which are not printable
            raise HttpError(400, "bad_request", field, "must be printable text in UTF-8")
        return key


def message_of(status: RegisterStatus) -> str | None:
    """What the cashier has to know while the register works without the operator (S3-03, S3-15)."""
    if status.mode not in AUTONOMOUS_MODES:
        return None
    reason = AutonomousReason.QUEUE_NOT_EMPTY if status.period is None else status.period.reason
    return cashier_text(reason, status.operator, status.operator_phone)
