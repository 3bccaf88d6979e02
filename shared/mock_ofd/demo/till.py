"""A till: plays its part of the script on its register, at the times that the script says.

The rule: a till knows prices and customers, and nothing of operators, links or signs; all promises are the register's.
What it asks for has a key, which it notes before it asks (:mod:`mock_ofd.demo.notebook`). A till that comes back after a
crash asks for everything once more, from its first line: under the same keys it has to be given the same papers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from fiscal.domain.receipt import Operation, ParentReceipt
from fiscal.time import Moment
from kkt_client.core.basket import Basket, Line
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.register import Register
from mock_ofd.demo.clock import ShopClock
from mock_ofd.demo.notebook import Notebook, agrees
from mock_ofd.demo.script import AnyStep, CashMove, TakeReport, Trade
from mock_ofd.demo.shop import DAY, ZONE_NAME


class PaperChanged(Exception):
    """The register gave something else under the same key."""


class Till:
    """One life of a till's process: :meth:`play` it once. ``progress`` is called whenever a step is done."""

    def __init__(
        self,
        register: Register,
        steps: Sequence[AnyStep],
        clock: ShopClock,
        notebook: Notebook,
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.done = 0
        """Steps of the script that are done, those of earlier lives included."""
        self.asked_again = 0
        """Papers of an earlier life that were asked for once more, and were the same."""
        self.asks_since: Moment | None = None
        """Since when the customer has been waiting for his paper; ``None`` when nobody waits."""
        self._register = register
        self._steps = steps
        self._clock = clock
        self._notebook = notebook
        self._progress = progress

    async def play(self) -> None:
        """Work through the script. :class:`PaperChanged`, and whatever the register raises."""
        for place, step in enumerate(self._steps, 1):
            await asyncio.sleep(self._clock.seconds_until(step.instant(DAY, ZONE_NAME)))
            if isinstance(step, TakeReport) and step.do == "x":
                await self._register.x_report(cashier=step.cashier)
            else:
                await self._do(key_of(place, step), step)
            self.done = place
            self._progress()

    async def _do(self, key: str, step: AnyStep) -> None:
        earlier = self._notebook.slip(key)
        parent = await self._parent(key, step)
        if not self._notebook.has_begun(key):
            self._notebook.begins(key, parent)
        self.asks_since = self._clock.monotonic()
        paper = await self._ask(key, step, parent)
        self.asks_since = None
        if earlier is None:
            self._notebook.handed_out(key, paper)
        elif agrees(earlier, paper):
            self.asked_again += 1
        else:
            raise PaperChanged(f"the paper under the key {key} was {earlier}, now it is document {paper.number}")

    async def _parent(self, key: str, step: AnyStep) -> ParentReceipt | None:
        """How a return names its receipt: the first time as it stands now, ever after as it was said the first time."""
        if not isinstance(step, Trade) or step.of is None:
            return None
        if self._notebook.has_begun(key):
            return self._notebook.parent_of(key)
        sale = await self._register.find(step.of)
        assert isinstance(sale, FiscalReceipt), "the script returns only what it has sold"
        return sale.as_parent()

    async def _ask(self, key: str, step: AnyStep, parent: ParentReceipt | None) -> FiscalPaper:
        register, cashier = self._register, step.cashier
        if isinstance(step, Trade):
            basket = basket_of(step, parent)
            match step.operation:
                case Operation.SELL:
                    return await register.sell(basket, key=key, cashier=cashier)
                case Operation.SELL_RETURN:
                    return await register.sell_return(basket, key=key, cashier=cashier)
                case _:
                    return await register.buy(basket, key=key, cashier=cashier)
        if isinstance(step, CashMove):
            move = register.deposit if step.do == "deposit" else register.withdraw
            return await move(step.sum, key=key, cashier=cashier)
        return await register.close_shift(key=key, cashier=cashier)


def key_of(place: int, step: AnyStep) -> str:
    """The name of what is asked for: a receipt has its own in the script, everything else its place there."""
    return step.key if isinstance(step, Trade) else f"{step.do}-{step.register}-{place}"


def basket_of(trade: Trade, parent: ParentReceipt | None = None) -> Basket:
    """What the cashier types in, or scans."""
    return Basket(
        lines=tuple(
            Line(
                name=good.name,
                price=good.price,
                quantity=good.quantity,
                section=good.section,
                unit=good.unit,
                barcode=good.barcode,
                discount=good.discount,
                vat=good.vat,
            )
            for good in trade.items
        ),
        payments=dict(trade.payments),
        discount=trade.discount,
        customer=trade.customer,
        parent=parent,
    )


__all__ = ["PaperChanged", "Till", "basket_of", "key_of"]
