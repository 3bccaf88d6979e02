"""Whether the figures of a ticket agree, and what a message lacks that only some operators demand.

The rule of the sums: one tiyn a line (semantics of this software, after the arithmetic of a client that works against
real operators). A line is price x quantity; the total is the goods less discounts plus markups; payments, where there are
any, make the total. Two readings of a total are right where clients differ: a discount of the whole ticket that only
repeats the discounts of its items, and taxes on top that the lines have in them already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, Final

from fiscal.domain.identifiers import tax_id_problem
from fiscal.domain.money import MONEY_MAX, format_minor, line_sum
from fiscal.domain.receipt import Item, PaymentKind, Receipt, storno_faults
from fiscal.domain.register import Country
from fiscal.protocols.kz.codes import ITEM_BLOCK, Command, ItemType
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.tickets import goods_of

LINE_TOLERANCE: Final = 1
"""Tiyn by which a line may differ from price x quantity."""

_V203: Final = 203
_COINS_MAX: Final = 99


def _figures(given: int, computed: int) -> str:
    return f"{format_minor(given)} given, {format_minor(computed)} computed"


# ----------------------------------------------------------------------------------------------------------- sums


def sums_finding(receipt: Receipt) -> Finding | None:
    """The first figure of a receipt from this wire that does not agree with the others; ``None`` when all do."""
    goods = on_top = 0
    stornos = bool(receipt.modifiers)
    for item in receipt.items:
        off = item.sum - line_sum(item.price, item.quantity)
        if not -LINE_TOLERANCE <= off <= LINE_TOLERANCE or item.discount > item.sum:
            return _item_finding(receipt.items, item)
        if item.storno:
            stornos = True
        else:
            goods += item.sum + item.markup - item.discount
        for tax in item.taxes:
            if not tax.inside:
                on_top += -tax.sum if item.storno else tax.sum
    if stornos:
        for fault in storno_faults(receipt):
            return Finding("storno", f"ticket.{fault.field}", fault.text)
        goods = goods_of(receipt.items, receipt.modifiers)
    for tax in receipt.taxes:
        if not tax.inside:
            on_top += tax.sum
    return _total_finding(receipt, goods, on_top) or _payments_finding(receipt)


def _item_finding(items: Collection[Item], wrong: Item) -> Finding:
    index = next(index for index, item in enumerate(items) if item is wrong)
    computed = line_sum(wrong.price, wrong.quantity)
    where = f"ticket.items of commodity {index + 1}"
    if abs(wrong.sum - computed) > LINE_TOLERANCE:
        return Finding("item_sum", f"{where}.sum", _figures(wrong.sum, computed))
    return Finding("discount_too_large", f"{where}.discount", _figures(wrong.discount, wrong.sum))


def _tolerance(receipt: Receipt) -> int:
    return LINE_TOLERANCE * (len(receipt.items) + len(receipt.modifiers) + 1)


def _total_finding(receipt: Receipt, goods: int, on_top: int) -> Finding | None:
    total = receipt.total
    computed = goods - receipt.discount + receipt.markup + on_top
    if total == computed >= 0:
        return None if goods <= MONEY_MAX else Finding("limit", "ticket.items", "are too large together")
    if computed < 0:
        return Finding(
            "discount_too_large", "ticket.amounts.discount", f"larger than the goods by {format_minor(-computed)}"
        )
    allowed = _tolerance(receipt)
    readings = {computed, computed - on_top}
    if _repeats(receipt):
        readings |= {reading + receipt.discount - receipt.markup for reading in (computed, computed - on_top)}
    if any(abs(total - reading) <= allowed for reading in readings):
        return None
    return Finding("total", "ticket.amounts.total", _figures(total, computed))


def _repeats(receipt: Receipt) -> bool:
    """Whether the discount or markup of the whole ticket is the sum of those of its items, said once more."""
    of_items = sum(item.markup - item.discount for item in receipt.items if not item.storno)
    of_items += sum(modifier.amount for modifier in receipt.modifiers)
    of_ticket = receipt.markup - receipt.discount
    return of_ticket != 0 and abs(of_items - of_ticket) <= _tolerance(receipt)


def _payments_finding(receipt: Receipt) -> Finding | None:
    payments = receipt.payments
    if not payments:
        return None
    allowed = _tolerance(receipt)
    paid = cash = 0
    for payment in payments:
        paid += payment.sum
        if payment.kind is PaymentKind.CASH:
            cash = payment.sum
    if abs(paid - receipt.total) > allowed:
        return Finding("payments_total", "ticket.payments", _figures(receipt.total, paid))
    if cash and receipt.taken is not None:
        kept = receipt.taken - (receipt.change or 0)
        if abs(kept - cash) > allowed and abs(kept - receipt.total) > allowed:
            return Finding("change", "ticket.amounts.change", _figures(cash, kept))
    return None


# ------------------------------------------------------------------------------------------------------- warnings


def warnings_of(request: Any, version: int, rates: Collection[int]) -> Iterator[Finding]:
    """Every rule of the level ``WARN`` that a request breaks; ``rates`` are those of VAT on its day.

    Under full strictness the first of them is the refusal.
    """
    command = request.command
    if not request.HasField("service"):
        yield Finding("service_missing", "service", "is missing")
    else:
        yield from _service_warnings(request.service, version)
    if command == Command.TICKET and request.HasField("ticket"):
        yield from _ticket_warnings(request.ticket, version, rates)
    elif command == Command.CLOSE_SHIFT and not request.close_shift.HasField("z_report"):
        yield Finding("z_report_missing", "close_shift.z_report", "is missing")
    elif command == Command.REPORT and not request.report.HasField("zx_report"):
        yield Finding("report_missing", "report.zx_report", "is missing")


def _service_warnings(service: Any, version: int) -> Iterator[Finding]:
    if not service.HasField("offline_period"):
        yield Finding("offline_period_missing", "service.offline_period", "is missing")
    if not service.HasField("get_reg_info"):
        yield Finding("get_reg_info_missing", "service.get_reg_info", "is missing")
    if version >= _V203:
        position = service.security_stats.geo_position
        if not position.source:
            yield Finding(
                "geo_position_missing", "service.security_stats.geo_position", "it, or its source, is missing"
            )
    reg_info = service.reg_info
    if not (reg_info.HasField("kkm") and reg_info.HasField("org")):
        yield Finding("reg_info_missing", "service.reg_info", "it, or a part of it, is missing")
        return
    kkm, org = reg_info.kkm, reg_info.org
    texts = [
        (kkm.fns_kkm_id, "kkm.fns_kkm_id"),
        (kkm.serial_number, "kkm.serial_number"),
        (kkm.kkm_id, "kkm.kkm_id"),
        (org.title, "org.title"),
        (org.address, "org.address"),
        (org.inn, "org.inn"),
        (org.okved, "org.okved"),
    ]
    if version >= _V203:
        texts.append((org.address_kz, "org.address_kz"))
    for text, field in texts:
        if not text:
            yield Finding("reg_info_field", f"service.reg_info.{field}", "is missing")
    if org.inn:
        yield from _tax_id(org.inn, "service.reg_info.org.inn")


@lru_cache(maxsize=4096)
def _problem(tax_id: str) -> str | None:
    problem = tax_id_problem(Country.KZ, tax_id)
    return None if problem is None else problem.text


def _tax_id(tax_id: str, field: str) -> Iterator[Finding]:
    problem = _problem(tax_id)
    if problem is not None:
        yield Finding("tax_id", field, problem)


def _ticket_warnings(ticket: Any, version: int, rates: Collection[int]) -> Iterator[Finding]:
    if version >= _V203 and not ticket.domain.HasField("type"):
        yield Finding("domain_missing", "ticket.domain", "is missing")
    amounts = ticket.amounts
    if amounts.HasField("taken") and not amounts.HasField("change"):
        yield Finding("change_missing", "ticket.amounts.change", "is missing")
    customer = ticket.extension_options.customer_iin_or_bin
    if customer:
        yield from _tax_id(customer, "ticket.extension_options.customer_iin_or_bin")
    yield from _rate_warnings(ticket.taxes, "ticket.taxes", rates)
    yield from _coin_warnings((amounts.total, *(payment.sum for payment in ticket.payments)), "ticket")
    for index, row in enumerate(ticket.items):
        where = f"ticket.items[{index}]"
        line = getattr(row, ITEM_BLOCK[row.type])
        yield from _rate_warnings(line.taxes, where, rates)
        yield from _coin_warnings((line.sum,), where)
        if row.type == ItemType.COMMODITY:
            yield from _coin_warnings((line.price,), where)
            if not line.name:
                yield Finding("name_missing", f"{where}.commodity.name", "is missing")


def _rate_warnings(taxes: Any, where: str, rates: Collection[int]) -> Iterator[Finding]:
    for tax in taxes:
        if tax.percent not in rates:
            known = ", ".join(str(rate) for rate in sorted(rates))
            yield Finding("vat_rate", f"{where}.percent", f"{tax.percent} is none of {known}")


def _coin_warnings(sums: Collection[Any], where: str) -> Iterator[Finding]:
    for money in sums:
        if money.coins > _COINS_MAX:
            yield Finding("coins", where, f"{money.coins} tiyn are more than a tenge")
