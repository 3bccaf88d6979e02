"""What goes back: papers and figures as JSON, and everything that went wrong in the form of the operator's interface.

The rule: an error is ``{"error": {"code", "field", "text", ...}}``, and it carries a ``number`` exactly when a document
was issued although the request failed. Whoever asks again with the same key never issues a second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NotRequired

from aiohttp import web
from typing_extensions import TypedDict

from fiscal.errors import (
    ConfigurationError,
    DiskFull,
    FiscalError,
    InvalidValue,
    NotDelivered,
    StorageError,
)
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    NotEnoughCash,
    NothingToResolve,
    RegisterBlocked,
    RegisterClosed,
    ShiftExpired,
    ShiftNotOpen,
)
from kkt_client.core.views import PaperView, error_json, snake, word_of
from ofd_server.gateways.http.answers import json_response

STATUSES: Final[Sequence[tuple[type[FiscalError], int]]] = (
    (InvalidValue, 422),
    (ConfigurationError, 422),
    (ShiftExpired, 422),
    (ShiftNotOpen, 422),
    (NotEnoughCash, 422),
    (KeyReused, 409),
    (DocumentRefused, 409),
    (NothingToResolve, 409),
    (RegisterBlocked, 423),
    (NotDelivered, 503),
    (RegisterClosed, 503),
    (DiskFull, 507),
    (StorageError, 503),
)
"""The first row whose class an error has gives the status; the numbers are those of the operator's interface."""


class Issued(TypedDict):
    """A document that is durable. ``message`` is what the cashier has to be told while the register is autonomous."""

    paper: PaperView
    mode: str
    unsent: int
    message: str | None


class Papers(TypedDict):
    """A page of documents; ``next`` goes into ``before`` or ``after`` for the next one, ``null`` on the last."""

    items: list[PaperView]
    next: int | None


class Unfinished(TypedDict):
    """Documents that were issued and whose caller never got them, oldest first."""

    items: list[PaperView]


class Synced(TypedDict):
    """How many documents went out, and what is left."""

    sent: int
    unsent: int
    mode: str


class ProblemDetail(TypedDict):
    """``number``: this document was issued. ``refusal``: the operator's code. The others say what the text says."""

    code: str
    field: str
    text: str
    number: NotRequired[int]
    refusal: NotRequired[str]
    reason: NotRequired[str]
    key: NotRequired[str]
    needed: NotRequired[int]
    available: NotRequired[int]


class Problem(TypedDict):
    """Why the register did not do what was asked for."""

    error: ProblemDetail


def status_of(error: FiscalError) -> int:
    """The status of an error; what has no row is a defect."""
    return next((status for class_, status in STATUSES if isinstance(error, class_)), 500)


def problem(error: FiscalError) -> web.Response:
    """An error of the register as an answer."""
    if isinstance(error, DocumentRefused):
        # Its own code is the operator's: it must not look like a refusal of the register, which issues nothing.
        told: dict[str, Any] = error_json(error, snake(DocumentRefused.__name__))
        told["error"]["refusal"] = error.code
    elif isinstance(error, KeyReused):
        told = error_json(error, word_of(error))
        # The document belongs to the other order: nothing was issued for this one.
        told["error"].pop("number")
    else:
        told = error_json(error, word_of(error))
    status = status_of(error)
    return json_response(told, status, {"Retry-After": "1"} if status == 503 else None)  # noqa: PLR2004
