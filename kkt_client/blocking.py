"""The register for callers that do not run an event loop: the same methods, each of which waits for its answer.

The rule: one thread runs one loop, in which the register lives; every call goes there and comes back. A caller that is
interrupted (Ctrl-C) while it waits does not take the sale with it: the receipt is listed by ``unfinished()``.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from fiscal.domain.document import CorrectionReason
from fiscal.domain.receipt import Cashier, Operation, PaymentKind
from fiscal.time import Instant
from kkt_client.app import CashRegister
from kkt_client.core.basket import Basket, Line, VatRate
from kkt_client.core.errors import RegisterClosed
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt, FiscalReport
from kkt_client.core.records import Decision
from kkt_client.core.status import RegisterStatus
from kkt_client.core.verifying import Verdict

T = TypeVar("T")


class BlockingCashRegister:
    """A :class:`CashRegister` in a thread of its own. Takes what ``CashRegister.open`` takes; close it, or use ``with``.

    Callbacks (``on_event``) are called in that thread.
    """

    def __init__(self, folder: str | os.PathLike[str], operator: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cash-register", daemon=True)
        self._thread.start()
        try:
            self._register = self._run(_open(folder, operator, options))
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the register, and end its thread. Further calls do nothing."""
        if self._thread.is_alive():
            self._run(self._register.close())
            self._stop()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            work.close()
            raise RegisterClosed("the register is not open")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _call(self, work: Callable[[], T]) -> T:
        async def run() -> T:
            return work()

        return self._run(run())

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ------------------------------------------------------------------------------- the methods of CashRegister

    def sell(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        return self._run(self._register.sell(basket, key=key, cashier=cashier))

    def sell_return(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        return self._run(self._register.sell_return(basket, key=key, cashier=cashier))

    def buy(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        return self._run(self._register.buy(basket, key=key, cashier=cashier))

    def buy_return(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        return self._run(self._register.buy_return(basket, key=key, cashier=cashier))

    def correct(
        self,
        operation: Operation,
        total: int,
        *,
        reason: CorrectionReason,
        corrected_at: Instant,
        basis: str,
        payments: Mapping[PaymentKind, int] | None = None,
        vat: VatRate = None,
        key: str | None = None,
        cashier: Cashier | None = None,
    ) -> FiscalReceipt:
        work = self._register.correct(
            operation,
            total,
            reason=reason,
            corrected_at=corrected_at,
            basis=basis,
            payments=payments,
            vat=vat,
            key=key,
            cashier=cashier,
        )
        return self._run(work)

    def deposit(self, amount: int, *, key: str | None = None, cashier: Cashier | None = None) -> FiscalReceipt:
        return self._run(self._register.deposit(amount, key=key, cashier=cashier))

    def withdraw(self, amount: int, *, key: str | None = None, cashier: Cashier | None = None) -> FiscalReceipt:
        return self._run(self._register.withdraw(amount, key=key, cashier=cashier))

    def close_shift(
        self, *, withdraw_cash: bool = False, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReport:
        return self._run(self._register.close_shift(withdraw_cash=withdraw_cash, key=key, cashier=cashier))

    def x_report(self, *, cashier: Cashier | None = None) -> FiscalReport:
        return self._run(self._register.x_report(cashier=cashier))

    def documents(
        self, *, first: int = 1, last: int | None = None, newest_first: bool = False
    ) -> Iterator[FiscalPaper]:
        papers = self._register.documents(first=first, last=last, newest_first=newest_first)
        done = object()
        while (found := self._run(_next(papers, done))) is not done:
            yield found

    def document(self, number: int) -> FiscalPaper | None:
        return self._run(self._register.document(number))

    def find(self, key: str) -> FiscalPaper | None:
        return self._run(self._register.find(key))

    def unfinished(self) -> list[FiscalPaper]:
        return self._run(self._register.unfinished())

    def acknowledge(self, *numbers: int) -> None:
        self._call(lambda: self._register.acknowledge(*numbers))

    def status(self) -> RegisterStatus:
        return self._call(self._register.status)

    def verify(self) -> Verdict:
        return self._run(self._register.verify())

    def greet(self) -> None:
        self._call(self._register.greet)

    def link_restored(self) -> None:
        self._call(self._register.link_restored)

    def sync(self, timeout_s: float = 60.0) -> None:
        self._run(self._register.sync(timeout_s))

    def resolve(self, decision: Decision, *, by: str, why: str, number: int | None = None) -> None:
        self._run(self._register.resolve(decision, by=by, why=why, number=number))

    def set_token(self, token: str) -> None:
        self._run(self._register.set_token(token))

    def low_power(self, low: bool) -> None:
        self._run(self._register.low_power(low))


async def _open(folder: str | os.PathLike[str], operator: str, options: dict[str, Any]) -> CashRegister:
    return await CashRegister.open(folder, operator, **options)


async def _next(papers: Any, done: object) -> Any:
    return await anext(papers, done)
