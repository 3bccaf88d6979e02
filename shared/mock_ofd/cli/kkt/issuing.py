"""The commands that issue a document: ``sell``, ``buy``, ``return``, ``deposit``, ``withdraw`` and ``z``.

The rule: everything that a command line says is read and checked before the register is opened, so a mistake in it
costs neither a lock nor a number.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fiscal.domain.receipt import Customer, Operation, PaymentKind
from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.rendering.files import check_installed, kind_of
from kkt_client.app import CashRegister
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.returns import as_asked_before, return_of
from mock_ofd.cli.kkt.baskets import (
    BASKET_SIZE_MAX,
    GivenBasket,
    amount_of,
    basket_of,
    checked,
    read_basket,
    read_part,
)
from mock_ofd.cli.kkt.call import Call, NotFound
from mock_ofd.cli.kkt.options import DRAIN_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Trade = Callable[..., Awaitable[FiscalReceipt]]

_WHOLE: Final = ("discount", "markup", "vat")
"""What is said of a whole receipt; a return of an earlier one takes it from there."""


def trade(call: Call, operation: Operation) -> Awaitable[None]:
    """``sell`` and ``buy``. The basket is read before any loop runs, so that Ctrl-C ends a wait for it at once."""
    return _trade(call, operation, basket(call))


async def _trade(call: Call, operation: Operation, given: GivenBasket) -> None:
    async with _counter(call) as register:
        method = _method(register, operation)
        paper = await method(given.as_basket(), key=given.key, cashier=given.cashier)
        await call.hand_out(register, paper)


def take_back(call: Call) -> Awaitable[None]:
    """``return``: of an earlier receipt by its number or sign, or of the items that are listed."""
    if call.option("number") is None and call.option("sign") is None:
        if call.option("line"):
            raise InvalidValue("line", "needs the NUMBER or --sign of the receipt that has it", "no_receipt")
        return trade(call, Operation.BUY_RETURN if call.option("purchase") else Operation.SELL_RETURN)
    for name in ("item", "basket", "purchase", "domain", *_WHOLE):
        if call.option(name):
            raise InvalidValue(name, "does not go with an earlier receipt, which says it itself", "said_twice")
    return _take_back(call)


async def _take_back(call: Call) -> None:
    parts = [read_part(text) for text in call.option("line", ())]
    paid, customer = payments(call), buyer(call)
    async with _counter(call) as register:
        earlier = await find(register, call.option("number"), call.option("sign"))
        operation, back = return_of(earlier, parts, paid)
        back = replace(back, customer=customer or back.customer)
        key = call.option("key")
        back = as_asked_before(None if key is None else await register.find(key), back)
        paper = await _method(register, operation)(back, key=key, cashier=call.cashier)
        await call.hand_out(register, paper)


async def move_cash(call: Call) -> None:
    """``deposit`` and ``withdraw``."""
    amount = amount_of(call.option("sum"), "sum")
    async with _counter(call) as register:
        method = register.deposit if call.option("command") == "deposit" else register.withdraw
        await call.hand_out(register, await method(amount, key=call.option("key"), cashier=call.cashier))


async def close_shift(call: Call) -> None:
    """``z``."""
    async with _counter(call) as register:
        empty = call.option("withdraw_cash", False)
        paper = await register.close_shift(withdraw_cash=empty, key=call.option("key"), cashier=call.cashier)
        await call.hand_out(register, paper)


# ------------------------------------------------------------------------------------------------------- what is said


def basket(call: Call, stdin: Callable[[int], bytes] | None = None) -> GivenBasket:
    """The basket of a file or of options, checked; an option goes before the file."""
    entries: Mapping[str, Any] = {}
    if call.option("basket") is not None:
        entries = read_basket(_read(call.option("basket"), stdin))
    over: dict[str, Any] = {
        name: call.option(name) for name in (*_WHOLE, "domain", "key") if call.option(name) is not None
    }
    if any(call.option(kind) is not None for kind in PaymentKind):
        payments(call)
        over["payments"] = {str(kind): call.option(kind) for kind in PaymentKind if call.option(kind) is not None}
    customer, cashier = buyer(call), call.cashier
    if customer is not None:
        over["customer"] = customer
    if cashier is not None:
        over["cashier"] = cashier
    if not call.option("item") and not entries:
        raise InvalidValue("items", "say what is on the receipt: --item, or --basket FILE", "no_items")
    return basket_of(entries, call.option("item", ()), over)


def _read(name: str, stdin: Callable[[int], bytes] | None) -> bytes:
    """The file, or standard input for ``-``; not more of it than a basket may have."""
    if name == "-":
        return (stdin or sys.stdin.buffer.read)(BASKET_SIZE_MAX + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(BASKET_SIZE_MAX + 1)
    except OSError as error:
        raise ConfigurationError(f"basket: {name}: {error.strerror}") from None


def payments(call: Call) -> dict[PaymentKind, int]:
    """What the options say of the money."""
    said = {kind: call.option(kind) for kind in PaymentKind}
    return {kind: amount_of(text, f"payments.{kind}") for kind, text in said.items() if text is not None}


def buyer(call: Call) -> Customer | None:
    """Who buys, as far as the options tell."""
    said = {"email": call.option("buyer_email"), "phone": call.option("buyer_phone"), "tax_id": call.option("buyer_id")}
    told = {name: value for name, value in said.items() if value is not None}
    return checked(Customer, told, "customer") if told else None


# ------------------------------------------------------------------------------------------------------- the register


@asynccontextmanager
async def _counter(call: Call) -> AsyncIterator[CashRegister]:
    """The register with its drawer open: everything that can be wrong with the options has been looked at."""
    call.seconds("drain", DRAIN_S)
    call.cashier  # noqa: B018 - a wrong one is an error now, before anything is opened
    for name in ("html", "file"):
        page: Path | None = call.option(name)
        if page is not None and not page.parent.is_dir():
            raise ConfigurationError(f"{name}: {page.parent}: there is no such folder")
    file: Path | None = call.option("file")
    if file is not None:
        check_installed(kind_of(file.name))  # before anything is sold
    async with call.register() as register:
        if call.option("low_power"):
            await register.low_power(True)
        yield register


def _method(register: CashRegister, operation: Operation) -> Trade:
    methods: Mapping[Operation, Trade] = {
        Operation.SELL: register.sell,
        Operation.SELL_RETURN: register.sell_return,
        Operation.BUY: register.buy,
        Operation.BUY_RETURN: register.buy_return,
    }
    return methods[operation]


async def find(register: CashRegister, number: int | None, sign: str | None) -> FiscalReceipt:
    """An earlier receipt by its number, or by its sign, for which the memory is searched from its end."""
    if number is not None:
        paper = await register.document(number) if number > 0 else None
        if paper is None:
            raise NotFound(f"document {number}: the memory has no such document")
        if sign is not None and sign not in signs_of(paper):
            raise NotFound(f"document {number} does not bear the sign {sign}")
        return _receipt(paper)
    async for paper in register.documents(newest_first=True):
        if sign in signs_of(paper):
            return _receipt(paper)
    raise NotFound(f"sign {sign}: no document of this register bears it")


def _receipt(paper: FiscalPaper) -> FiscalReceipt:
    if not isinstance(paper, FiscalReceipt):
        raise InvalidValue("receipt", f"document {paper.number} is a Z-report, only a receipt can be returned")
    return paper


def signs_of(paper: FiscalPaper) -> set[str]:
    """Both signs of a document, as far as it has them."""
    if not isinstance(paper, FiscalReceipt):
        return set()
    own = None if paper.autonomous_sign is None else str(paper.autonomous_sign)
    return {sign for sign in (paper.sign, own) if sign is not None}
