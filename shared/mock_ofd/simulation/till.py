"""A till: the point-of-sale program and its cashier, who know nothing of what the register does to keep its promises.

The rule: what the cashier wants next is written on a list with keys that outlives every crash, as a real program keeps
its basket. After a crash the same basket is asked for again under the same key. The register itself is the product's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from fiscal.domain.receipt import PaymentKind, Receipt
from kkt_client.core.basket import Basket, Line
from kkt_client.core.errors import NotEnoughCash, RegisterBlocked
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.register import Register
from mock_ofd.simulation.checker import Papers

PATIENCE_S: Final = 2.0
"""How long the cashier waits before trying again when the register says that it is blocked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that the cashier wants: ``what`` is a method of the register, ``key`` makes it one and the same."""

    key: str
    what: str
    basket: Basket | None = None
    sum: int = 0
    of: str | None = None


def draw_list(random: Random, length: int) -> list[Wish]:
    """A short day: a deposit, sales with some returns, a shift or two, a withdrawal, the last Z-report."""
    wishes = [Wish("w0", "deposit", sum=1_000_000)]
    sold: list[str] = []
    for number in range(1, length + 1):
        key = f"w{number}"
        draw = random.random()
        if draw < 0.08 and sold:
            wishes.append(Wish(key, "sell_return", of=sold.pop(random.randrange(len(sold)))))
        elif draw < 0.14:
            wishes.append(Wish(key, "withdraw", sum=random.randrange(1, 50_000)))
        elif draw < 0.20:
            wishes.append(Wish(key, "buy", _basket(random)))
        elif draw < 0.30:
            wishes.append(Wish(key, "close_shift"))
        else:
            sold.append(key)
            wishes.append(Wish(key, "sell", _basket(random)))
    wishes.append(Wish("last", "close_shift"))
    return [wish for wish, after in zip(wishes, [*wishes[1:], None], strict=True) if not _doubled(wish, after)]


def _doubled(wish: Wish, after: Wish | None) -> bool:
    """Two Z-reports behind each other would close a shift that nobody opened."""
    return wish.what == "close_shift" and after is not None and after.what == "close_shift"


def _basket(random: Random) -> Basket:
    lines = tuple(
        Line(
            name=f"Товар {random.randrange(100)}",
            price=random.randrange(1, 20_000),
            quantity=random.choice((1000, 1000, 2000, 1375)),
            section=random.choice("123"),
            vat=random.choice(("standard", 0, None)),
        )
        for _ in range(random.randrange(1, 4))
    )
    payments = {PaymentKind.CASH: 1_000_000} if random.random() < 0.5 else {}
    return Basket(lines=lines, payments=payments)


class Till:
    """One life of the till's process: works off its list from where the last life stopped."""

    def __init__(self, register: Register, wishes: list[Wish], papers: Papers, random: Random) -> None:
        self._register = register
        self._wishes = wishes
        self._papers = papers
        self._random = random

    async def run(self, pause_s: tuple[float, float]) -> None:
        """Serve customers until the list is done; then only the register's own delivery goes on."""
        while self._wishes:
            paper = await self._fulfil(self._wishes[0])
            if paper is not None:
                wish = self._wishes.pop(0)
                self._papers.hand_out(wish.key, paper)
            await asyncio.sleep(self._random.uniform(*pause_s))

    async def _fulfil(self, wish: Wish) -> FiscalPaper | None:
        """What the register hands out; ``None`` when it is to be asked again later."""
        try:
            return await self._call(wish)()
        except RegisterBlocked:
            await asyncio.sleep(PATIENCE_S)
            return None
        except NotEnoughCash:
            await self._register.deposit(2_000_000, key=f"{wish.key}+cash")
            return None

    def _call(self, wish: Wish) -> Callable[[], Awaitable[FiscalPaper]]:
        register, key = self._register, wish.key
        match wish:
            case Wish(what="deposit"):
                return lambda: register.deposit(wish.sum, key=key)
            case Wish(what="withdraw"):
                return lambda: register.withdraw(wish.sum, key=key)
            case Wish(what="close_shift"):
                return lambda: register.close_shift(key=key)
            case Wish(what="buy", basket=Basket() as basket):
                return lambda: register.buy(basket, key=key)
            case Wish(what="sell", basket=Basket() as basket):
                return lambda: register.sell(basket, key=key)
            case _:
                return lambda: register.sell_return(self._returned(wish), key=key)

    def _returned(self, wish: Wish) -> Basket:
        sold = self._papers.handed[wish.of or ""]
        assert isinstance(sold, FiscalReceipt)
        assert isinstance(sold.document, Receipt)
        item = sold.document.items[0]
        line = Line(name=item.name, price=item.price, quantity=item.quantity, section=item.section, vat=None)
        return Basket(lines=(line,), parent=sold.as_parent())


__all__ = ["Till", "Wish", "draw_list"]
