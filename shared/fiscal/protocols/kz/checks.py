"""Whether the figures of a ticket agree, and what a message lacks that only some operators demand.

The rule of the sums: one tiyn a line (semantics of this software, after the arithmetic of a client that works against
real operators). A line is price x quantity; the total is the goods less discounts plus markups; payments, where there are
any, make the total. Two readings of a total are right where clients differ: a discount of the whole ticket that only
repeats the discounts of its items, and taxes on top that the lines have in them already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Final

from fiscal.domain.document import Document
from fiscal.domain.identifiers import tax_id_problem
from fiscal.domain.money import MONEY_MAX, format_minor, line_sum
from fiscal.domain.receipt import Item, PaymentKind, Receipt, storno_faults
from fiscal.domain.register import Country
from fiscal.domain.taxes import legal_rates
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.tickets import goods_of
from fiscal.time import MINUTE, Instant, to_local

LINE_TOLERANCE: Final = 1
"""Tiyn by which a line may differ from price x quantity."""

_V203: Final = 203
_QUARTER: Final = 15 * MINUTE
"""No zone of the world begins its day between quarters of an hour."""


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


NO_SERVICE: Final = Finding("service_missing", "service", "is missing")
NO_DOMAIN: Final = Finding("domain_missing", "ticket.domain", "is missing")


def warnings_of(request: Any, version: int, document: Document | None, zone: str) -> list[Finding]:
    """Every rule of the level ``WARN`` that a request breaks; none for most.

    ``document`` is what the request was read as, ``None`` for one that is no document. Under full strictness the first
    warning is the refusal.
    """
    found: list[Finding] = []
    command = request.command
    if request.HasField("service"):
        service = request.service
        if not service.HasField("offline_period"):
            found.append(Finding("offline_period_missing", "service.offline_period", "is missing"))
        if not service.HasField("get_reg_info"):
            found.append(Finding("get_reg_info_missing", "service.get_reg_info", "is missing"))
        if version >= _V203 and not service.security_stats.geo_position.source:
            text = "it, or its source, is missing"
            found.append(Finding("geo_position_missing", "service.security_stats.geo_position", text))
        reg_info = service.reg_info
        found += reg_info_findings(reg_info.SerializePartialToString(), type(reg_info).FromString, version)
    else:
        found.append(NO_SERVICE)
    if isinstance(document, Receipt):
        found += _ticket_findings(request.ticket, version, document, zone)
    elif command == Command.CLOSE_SHIFT and not request.close_shift.HasField("z_report"):
        found.append(Finding("z_report_missing", "close_shift.z_report", "is missing"))
    elif command == Command.REPORT and not request.report.HasField("zx_report"):
        found.append(Finding("report_missing", "report.zx_report", "is missing"))
    return found


@lru_cache(maxsize=4096)
def reg_info_findings(data: bytes, parse: Callable[[bytes], Any], version: int) -> tuple[Finding, ...]:
    """What reg_info lacks. By its bytes: a register sends the same with every message, and there are many to look at."""
    reg_info = parse(data)
    if not (reg_info.HasField("kkm") and reg_info.HasField("org")):
        return (Finding("reg_info_missing", "service.reg_info", "it, or a part of it, is missing"),)
    fields = [("kkm", name) for name in ("fns_kkm_id", "serial_number", "kkm_id")]
    fields += [("org", name) for name in ("title", "address", "inn", "okved")]
    if version >= _V203:
        fields.append(("org", "address_kz"))
    found = [
        Finding("reg_info_field", f"service.reg_info.{part}.{name}", "is missing")
        for part, name in fields
        if not getattr(getattr(reg_info, part), name)
    ]
    return (*found, *_tax_id_findings(reg_info.org.inn, "service.reg_info.org.inn"))


@lru_cache(maxsize=4096)
def _tax_id_findings(tax_id: str, field: str) -> tuple[Finding, ...]:
    problem = tax_id_problem(Country.KZ, tax_id) if tax_id else None
    return () if problem is None else (Finding("tax_id", field, problem.text),)


@lru_cache(maxsize=256)
def _rates(quarter: int, zone: str) -> frozenset[int]:
    return legal_rates(Country.KZ, to_local(quarter * _QUARTER, zone).date())


def legal_rates_at(instant: Instant, zone: str) -> frozenset[int]:
    """The rates of VAT of the day that it then is in this zone."""
    return _rates(instant // _QUARTER, zone)


def _ticket_findings(ticket: Any, version: int, receipt: Receipt, zone: str) -> list[Finding]:
    found: list[Finding] = []
    if version >= _V203 and not ticket.domain.HasField("type"):
        found.append(NO_DOMAIN)
    if receipt.taken is not None and receipt.change is None:
        found.append(Finding("change_missing", "ticket.amounts.change", "is missing"))
    if receipt.customer is not None:
        field = "ticket.extension_options.customer_iin_or_bin"
        found += _tax_id_findings(receipt.customer.tax_id or "", field)
    known = legal_rates_at(receipt.issued_at, zone)
    strange: set[int] = set()
    for item in receipt.items:
        for tax in item.taxes:
            if tax.rate not in known:
                strange.add(tax.rate)
    for tax in receipt.taxes:
        if tax.rate not in known:
            strange.add(tax.rate)
    for rate in sorted(strange):
        text = f"{rate} is none of {', '.join(map(str, sorted(known)))}"
        found.append(Finding("vat_rate", "ticket.taxes.percent", text))
    return found
