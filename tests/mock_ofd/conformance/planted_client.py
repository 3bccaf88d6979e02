"""Our own register over the Kazakhstan protocol with a defect in it: ``python planted_client.py DEFECT``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fiscal.protocols.kz.numbers import number_after
from kkt_client.core.kz_book import Book
from kkt_client.transports import kz
from mock_ofd.conformance.own_client import drive
from mock_ofd.simulation.defects import Defect, planted


def new_request_number() -> None:
    """A document that is sent again gets another request number, as a new one does."""

    def wrong(self: Book, document: int) -> Book:
        number = number_after(self.number)
        return replace(self, number=number, document=document, document_number=number)

    Book.sending = wrong  # type: ignore[method-assign]


def no_period() -> None:
    """The operator is never told how long the register was alone."""

    def wrong(self: Book, _begin: int, _end: int) -> Book:
        return self

    Book.told = wrong  # type: ignore[method-assign,assignment]
    kz.KzNotebook.away = lambda _self, _now: None  # type: ignore[method-assign,assignment]


def any_answer() -> None:
    """Whatever answer comes is the one that is waited for."""

    def wrong(_answer: Any, _request: Any) -> bool:
        return True

    vars(kz)["answers"] = wrong


DEFECTS: dict[str, Callable[[], None]] = {
    "new-request-number": new_request_number,
    "no-period": no_period,
    "any-answer": any_answer,
    "overtaking": lambda: None,
}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    with planted(Defect.OVERTAKING if sys.argv[1] == "overtaking" else None):
        asyncio.run(drive(os.environ))
