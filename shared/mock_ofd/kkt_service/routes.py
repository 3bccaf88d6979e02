"""The table of what is served, in the rows of the operator's HTTP interface.

The rule: everything but the signs of life wants the API token, when one is set, because a register's documents are
nobody else's business; and every handler may raise what the register raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from aiohttp import web

from fiscal.domain.receipt import Operation
from fiscal.errors import FiscalError
from kkt_client.core.views import PaperView, ReportView, StatusView, VerdictView
from mock_ofd.kkt_service.answers import Issued, Papers, Problem, Synced, Unfinished, problem
from mock_ofd.kkt_service.bodies import (
    AcknowledgedBody,
    BasketBody,
    CashBody,
    ClosingBody,
    CorrectionBody,
    DecisionBody,
    PowerBody,
    ReturnBody,
    SyncBody,
    TokenBody,
)
from mock_ofd.kkt_service.desk import Desk
from mock_ofd.kkt_service.feed import EventsQuery, Feed
from mock_ofd.kkt_service.looking import DocumentsQuery, Looking
from mock_ofd.kkt_service.operating import Operating
from ofd_server.gateways.http.health import signs_of_life
from ofd_server.gateways.http.papers import MORE_MEDIA, PaperQuery, ReportQuery
from ofd_server.gateways.http.routes import EVENT_STREAM, HTML, Call, Handler, Right, Route

ORDER_ANSWERS: Final = {200: Issued, 409: Problem, 422: Problem, 423: Problem, 503: Problem, 507: Problem}


def guarded(handle: Handler) -> Handler:
    """The handler, whose errors of the register become answers."""

    async def handling(call: Call) -> web.StreamResponse:
        try:
            return await handle(call)
        except FiscalError as error:
            return problem(error)

    return handling


def _row(method: str, path: str, handle: Handler, summary: str, tag: str, answer: Any, **more: Any) -> Route:
    return Route(
        method=method,
        path=path,
        handle=guarded(handle),
        summary=summary,
        tag=f"register: {tag}",
        right=Right.PERSON,
        answers=answer if isinstance(answer, dict) else {200: answer},
        **more,
    )


def order_routes(desk: Desk) -> Iterable[Route]:
    """Everything that issues a document."""

    def order(path: str, handle: Handler, summary: str, body: Any) -> Route:
        return _row("POST", f"/api/v1/{path}", handle, summary, "orders", ORDER_ANSWERS, body=body)

    return (
        order("sell", desk.trade(Operation.SELL), "Sell goods", BasketBody),
        order("sell-return", desk.trade(Operation.SELL_RETURN), "Take sold goods back, item by item", BasketBody),
        order("buy", desk.trade(Operation.BUY), "Buy goods from somebody", BasketBody),
        order("buy-return", desk.trade(Operation.BUY_RETURN), "Give bought goods back, item by item", BasketBody),
        order(
            "documents/{number}/return",
            desk.take_back,
            "Take back an earlier receipt of this register, or some of it",
            ReturnBody,
        ),
        order("deposit", desk.deposit, "Put cash into the drawer", CashBody),
        order("withdraw", desk.withdraw, "Take cash out of the drawer", CashBody),
        order("correct", desk.correct, "Correct what was not, or wrongly, put through", CorrectionBody),
        order("z", desk.close_shift, "Close the shift with its Z-report", ClosingBody),
    )


def looking_routes(looking: Looking) -> Iterable[Route]:
    """Everything that only reads."""

    def get(path: str, handle: Handler, summary: str, answer: Any, **more: Any) -> Route:
        return _row("GET", f"/api/v1/{path}", handle, summary, "looking", answer, **more)

    file = partial(get, answer=None, media=HTML, more_media=MORE_MEDIA)
    return (
        get("status", looking.status, "How the register is doing", StatusView),
        get("documents", looking.documents, "A page of its documents", Papers, query=DocumentsQuery),
        get("documents/{number}", looking.document, "One document as it is now", PaperView),
        file(
            "documents/{number}/receipt",
            looking.receipt,
            "A document as it is printed: text, page, picture or PDF",
            query=PaperQuery,
        ),
        get("x", looking.x, "The X-report: the figures of the shift so far", ReportView),
        file("x/receipt", looking.x_receipt, "The same as it is printed", query=ReportQuery),
        get("verify", looking.verify, "Prove the whole fiscal memory", VerdictView),
    )


def operating_routes(operating: Operating) -> Iterable[Route]:
    """Everything that looks after the register."""

    def row(method: str, path: str, handle: Handler, summary: str, answer: Any, body: Any = None) -> Route:
        answers = {200: answer, 409: Problem, 422: Problem, 423: Problem, 503: Problem}
        return _row(method, f"/api/v1/{path}", handle, summary, "operating", answers, body=body)

    return (
        row("POST", "sync", operating.sync, "Send everything that waits, now", Synced, SyncBody),
        row("GET", "unfinished", operating.unfinished, "What was issued and never handed out", Unfinished),
        row("POST", "unfinished", operating.acknowledge, "These are dealt with", Unfinished, AcknowledgedBody),
        row("POST", "resolve", operating.resolve, "Decide about what stands still", StatusView, DecisionBody),
        row("POST", "token", operating.set_token, "Use another token from now on", StatusView, TokenBody),
        row("POST", "low-power", operating.low_power, "Too little power, or enough again", StatusView, PowerBody),
    )


def event_routes(feed: Feed) -> Iterable[Route]:
    """The stream of events."""
    return (
        _row(
            "GET",
            "/api/v1/events",
            feed.stream,
            "Everything that happens to the register, as server-sent events",
            "events",
            None,
            query=EventsQuery,
            media=EVENT_STREAM,
        ),
    )


def life_routes(stopping: asyncio.Event, broken: Callable[[], str | None]) -> Iterable[Route]:
    """Is it alive, and could it issue a document now? ``broken`` says what happened to the memory."""

    async def against() -> list[str]:
        reasons = ["the register is being closed"] if stopping.is_set() else []
        failed = broken()
        return reasons if failed is None else [*reasons, failed]

    return signs_of_life("Could a document be issued now?", against, "register: life")
