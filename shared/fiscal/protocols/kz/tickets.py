"""A receipt on the wire: TicketRequest <-> Receipt.

The rule of reading: whatever the message holds, the result is a receipt that can be kept, or the first rule that the
message breaks (:class:`~fiscal.protocols.kz.rules.Finding`); the sums are judged afterwards, by
:mod:`~fiscal.protocols.kz.checks`. The first discount or markup right behind a commodity becomes the item's own; every
other one, and each storno, becomes a :class:`~fiscal.domain.receipt.Modifier`. A tax's base is not on the wire: of an item
it is the net or, when the figures say so, the line's sum; of the whole ticket see :func:`bases_of`.

The rule of writing: modifiers stand before the commodities, so that none is taken for an item's own.

Not held (the operator reads over it): printed_ticket, printed numbers, ad_infos, auxiliary, physical_label, product_id,
the catalogue's code of a commodity (it is the name where there is none), names of an item's own discount or markup, taxes
and auxiliary of modifiers, taxation_type of a tax, details of the domain, fields of cards and mobile payments. Not
carried: milliseconds; in version 2.0.2 also the parent, ntin and all marking codes but the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from fiscal.domain.document import CARRIED_PAYMENTS, Delivery
from fiscal.domain.limits import (
    CODE_MAX,
    EMAIL_MAX,
    ITEMS_MAX,
    MARKING_CODES_MAX,
    MARKING_MAX,
    MODIFIERS_MAX,
    NAME_MAX,
    TAXES_MAX,
)
from fiscal.domain.money import MINOR_PER_MAJOR, MONEY_MAX, QUANTITY_MAX, format_minor, round_half_up_div
from fiscal.domain.receipt import (
    Customer,
    Item,
    Modifier,
    ModifierKind,
    Operation,
    ParentReceipt,
    Payment,
    PaymentKind,
    Receipt,
    Tax,
    TradeDomain,
)
from fiscal.domain.taxes import RATE_ONE, tax_inside, tax_on_top
from fiscal.protocols.kz.codes import DomainType, ItemType, OperationType, PaymentType, TaxType
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.reading import cashier_of, code_of, instant_of, money_of
from fiscal.protocols.kz.rules import Finding, Unfit
from fiscal.protocols.kz.writing import Fields, date_time_fields, money_fields, operator_fields

LINES_KEPT: Final = 4_096
"""Lines of goods that were read lately, kept as they were read: registers sell the same goods at the same prices all day,
and to look up what 100 bytes mean takes an eighth of the time of reading them."""
KEPT_SIZE_MAX: Final = 512
"""Bytes of a line that is kept: all of them together stay within a few megabytes, whatever comes."""
TAX_TOLERANCE: Final = 1
"""Tiyn by which a tax may differ from what its percent gives: clients round in their own ways."""

_V203: Final = 203
_EMAIL_MIN: Final = 3
_PIECE: Final = "796"
_STORNO_NAME: Final = "Сторно"
_DISCOUNT_NAME: Final = "Скидка"
_MARKUP_NAME: Final = "Наценка"

OPERATIONS: Final[Mapping[int, Operation]] = {
    int(OperationType.BUY): Operation.BUY,
    int(OperationType.BUY_RETURN): Operation.BUY_RETURN,
    int(OperationType.SELL): Operation.SELL,
    int(OperationType.SELL_RETURN): Operation.SELL_RETURN,
}
"""OperationTypeEnum in the words of the domain."""
PAYMENTS: Final[Mapping[int, PaymentKind]] = {
    int(PaymentType.CASH): PaymentKind.CASH,
    int(PaymentType.CARD): PaymentKind.CARD,
    int(PaymentType.CREDIT): PaymentKind.CREDIT,
    int(PaymentType.TARE): PaymentKind.TARE,
    int(PaymentType.MOBILE): PaymentKind.MOBILE,
}
"""PaymentTypeEnum in the words of the domain."""
DOMAINS: Final[Mapping[int, TradeDomain]] = {int(kind): TradeDomain(kind.name.lower()) for kind in DomainType}
"""DomainTypeEnum in the words of the domain."""
_RETURNS: Final = frozenset((Operation.SELL_RETURN, Operation.BUY_RETURN))

OPERATION_CODES: Final = {operation: code for code, operation in OPERATIONS.items()}
PAYMENT_CODES: Final = {kind: code for code, kind in PAYMENTS.items()}
_DOMAIN_CODES: Final = {domain: code for code, domain in DOMAINS.items()}

_COMMODITY: Final = int(ItemType.COMMODITY)
_STORNO_COMMODITY: Final = int(ItemType.STORNO_COMMODITY)
_LINES: Final = frozenset((_COMMODITY, _STORNO_COMMODITY))
_VAT: Final = int(TaxType.VAT)
_OWN: Final = frozenset((int(ItemType.DISCOUNT), int(ItemType.MARKUP)))
_MODIFIERS: Final[Mapping[int, tuple[str, ModifierKind, bool]]] = {
    int(ItemType.MARKUP): ("markup", ModifierKind.MARKUP, False),
    int(ItemType.STORNO_MARKUP): ("storno_markup", ModifierKind.MARKUP, True),
    int(ItemType.DISCOUNT): ("discount", ModifierKind.DISCOUNT, False),
    int(ItemType.STORNO_DISCOUNT): ("storno_discount", ModifierKind.DISCOUNT, True),
}
_MODIFIER_CODES: Final = {(kind, storno): (code, block) for code, (block, kind, storno) in _MODIFIERS.items()}


# -------------------------------------------------------------------------------------------------------- reading


def receipt_of(ticket: Any, given: Given) -> Receipt | Finding:
    """The receipt in a TicketRequest of ``given.version``, or the first rule that it breaks. Raises nothing."""
    try:
        return _receipt(ticket, given)
    except Unfit as unfit:
        return unfit.within("ticket").finding


def _receipt(ticket: Any, given: Given) -> Receipt:
    modern = given.version >= _V203
    items, modifiers = _rows(ticket.items[:], modern)  # a list is walked faster than what protobuf hands out
    amounts = ticket.amounts
    discount = _of_ticket(amounts, "discount")
    markup = _of_ticket(amounts, "markup")
    if discount and markup:
        raise Unfit("discount_and_markup", "amounts.markup", "stands beside a discount")
    taxes: tuple[Tax, ...] = ()
    rows = ticket.taxes
    if rows:
        taxes = _ticket_taxes(rows[:], items, modifiers, markup - discount)
    operation = OPERATIONS[ticket.operation]
    parent = None
    if modern:
        if ticket.HasField("parent_ticket"):
            parent = _parent(ticket.parent_ticket, given.zone)
        elif operation in _RETURNS:
            raise Unfit("parent_missing", "parent_ticket", "is missing")
    taken = money_of(amounts.taken, "amounts.taken") if amounts.HasField("taken") else None
    return Receipt(
        id=given.id,
        number=given.number,
        shift=given.shift,
        issued_at=instant_of(ticket.date_time, given.zone, "date_time"),
        cashier=cashier_of(ticket.operator, "operator"),
        operation=operation,
        items=items,
        payments=_payments(ticket.payments[:], taken),
        total=money_of(amounts.total, "amounts.total"),
        taken=taken,
        change=money_of(amounts.change, "amounts.change") if amounts.HasField("change") else None,
        discount=discount,
        markup=markup,
        taxes=taxes,
        customer=_customer(ticket.extension_options) if ticket.HasField("extension_options") else None,
        domain=DOMAINS[ticket.domain.type] if ticket.HasField("domain") else TradeDomain.TRADING,
        parent=parent,
        modifiers=modifiers,
    )


def _rows(rows: Sequence[Any], modern: bool) -> tuple[tuple[Item, ...], tuple[Modifier, ...]]:
    """The items of a ticket, each with its own discount or markup, and the modifiers that are nobody's."""
    items: list[Item] = []
    modifiers: list[Modifier] = []
    parse = type(rows[0]).FromString if rows else None
    waiting: Any = None  # the last commodity, until it is known what stands right behind it
    at = 0
    for index, row in enumerate(rows):
        kind = row.type
        if kind in _LINES:
            if waiting is not None:
                items.append(_plain_item(waiting, at, modern, parse))
            waiting, at = row, index
            continue
        modifier = _modifier(row, index)
        if waiting is not None:
            if kind in _OWN and modifier.sum and waiting.type == _COMMODITY:
                items.append(_item(waiting, at, modern, modifier))
                waiting = None
                continue
            items.append(_plain_item(waiting, at, modern, parse))
            waiting = None
        modifiers.append(modifier)
    if waiting is not None:
        items.append(_plain_item(waiting, at, modern, parse))
    if not items:
        raise Unfit("items_missing", "items", "no commodity is among them")
    if len(items) > ITEMS_MAX or len(modifiers) > MODIFIERS_MAX:
        raise Unfit("limit", "items", f"has more than {ITEMS_MAX} commodities, or as many modifiers")
    return tuple(items), tuple(modifiers)


def _modifier(row: Any, index: int) -> Modifier:
    block, kind, storno = _MODIFIERS[row.type]
    where = f"items[{index}].{block}"
    if not row.HasField(block):
        raise Unfit("item_block", where, "is missing")
    modifier = getattr(row, block)
    name = modifier.name
    if not 0 < len(name) <= NAME_MAX:
        raise _bad_text("modifier_name", f"{where}.name", name)
    return Modifier(kind=kind, sum=money_of(modifier.sum, f"{where}.sum"), name=name, storno=storno)


def _bad_text(missing: str, field: str, text: str) -> Unfit:
    """Of a text that is empty or too long."""
    if not text:
        return Unfit(missing, field, "is missing")
    return Unfit("limit", field, f"has more than {NAME_MAX} characters")


def _plain_item(row: Any, index: int, modern: bool, parse: Any) -> Item:
    """An item with no discount or markup of its own."""
    data = row.SerializePartialToString()
    if len(data) <= KEPT_SIZE_MAX:
        try:
            return _known_item(data, modern, parse)
        except Unfit:
            pass  # read it again to name its place
    return _item(row, index, modern, None)


@lru_cache(maxsize=LINES_KEPT)
def _known_item(data: bytes, modern: bool, parse: Callable[[bytes], Any]) -> Item:
    return _item(parse(data), 0, modern, None)


def item_of(row: Any, version: int) -> Item:
    """The line of goods, or the storno of one, in an Item by itself; :class:`Unfit`."""
    return _item(row, 0, version >= _V203, None)


def _item(row: Any, index: int, modern: bool, own: Modifier | None) -> Item:
    if row.type == _COMMODITY:
        block, storno, line = "commodity", False, row.commodity
    else:
        block, storno, line = "storno_commodity", True, row.storno_commodity
    if not line.section_code and not row.HasField(block):
        raise Unfit("item_block", f"items[{index}].{block}", "is missing")
    try:
        return _line(line, modern, storno, own)
    except Unfit as unfit:
        raise unfit.within(f"items[{index}].{block}") from None


def _line(line: Any, modern: bool, storno: bool, own: Modifier | None) -> Item:
    name, section, unit, barcode = line.name, line.section_code, line.measure_unit_code, line.barcode
    quantity = line.quantity
    price, amount = line.price, line.sum
    price_coins, coins = price.coins, amount.coins
    price, amount = price.bills * MINOR_PER_MAJOR + price_coins, amount.bills * MINOR_PER_MAJOR + coins
    if price_coins >= MINOR_PER_MAJOR or coins >= MINOR_PER_MAJOR or price > MONEY_MAX or amount > MONEY_MAX:
        money_of(line.price, "price")
        money_of(line.sum, "sum")
    net = amount
    if unit == _PIECE:
        unit = _PIECE  # the very text that is the default, which is written fastest
    elif not unit:
        unit = _unit(storno)
    if not name:
        name = _named(line, storno)
    discount = markup = 0
    if own is not None:
        if own.kind is ModifierKind.DISCOUNT:
            discount = own.sum
        else:
            markup = own.sum
        net += markup - discount
    code = line.excise_stamp
    further: tuple[str, ...] = ()
    ntin = ""
    if modern:
        ntin = line.ntin
        listed = line.list_excise_stamp
        if listed:
            code, further = _codes(code, listed)
    if (
        not 0 < quantity <= QUANTITY_MAX
        or not section
        or max(len(section), len(unit), len(barcode), len(ntin)) > CODE_MAX
        or len(name) > NAME_MAX
        or len(code) > MARKING_MAX
    ):
        raise _beyond(line, (("barcode", barcode), ("ntin", ntin), ("excise_stamp", code)))
    taxes = line.taxes
    return Item(
        name=name,
        price=price,
        quantity=quantity,
        sum=amount,
        section=section,
        unit=unit,
        barcode=barcode or None,
        marking_code=code or None,
        discount=discount,
        markup=markup,
        taxes=_item_taxes(taxes[:], amount, net) if taxes else (),
        storno=storno,
        ntin=ntin or None,
        further_codes=further,
    )


def _beyond(line: Any, codes: Iterable[tuple[str, str]]) -> Unfit:
    """Which field of a line is out of its limits; the caller knows that one is."""
    if not 0 < line.quantity <= QUANTITY_MAX:
        return Unfit("limit", "quantity", f"must be 1 to {QUANTITY_MAX}, is {line.quantity}")
    if not line.section_code:
        return Unfit("limit", "section_code", "must not be empty")
    if len(line.name) > NAME_MAX:
        return Unfit("limit", "name", f"has more than {NAME_MAX} characters")
    texts = (("section_code", line.section_code), ("measure_unit_code", line.measure_unit_code), *codes)
    field = next((field for field, text in texts if len(text) > CODE_MAX and field != "excise_stamp"), "excise_stamp")
    return Unfit("limit", field, f"has more than {MARKING_MAX if field == 'excise_stamp' else CODE_MAX} characters")


def _named(line: Any, storno: bool) -> str:
    """What stands for the name of a line that has none."""
    if storno:
        return _STORNO_NAME
    if not line.HasField("code"):
        raise Unfit("commodity_name", "name", "is missing")
    return str(line.code)


def _unit(storno: bool) -> str:
    if not storno:
        raise Unfit("unit_missing", "measure_unit_code", "is missing")
    return _PIECE


def _codes(first: str, listed: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """All marking codes of a line, each once; the deprecated single field counts as the first of them."""
    codes = tuple(dict.fromkeys(code for code in (first, *listed) if code))
    if len(codes) > MARKING_CODES_MAX + 1 or any(len(code) > MARKING_MAX for code in codes):
        text = f"has more than {MARKING_CODES_MAX + 1} codes, or one of more than {MARKING_MAX} characters"
        raise Unfit("limit", "list_excise_stamp", text)
    return (codes[0], codes[1:]) if codes else ("", ())


def _of_ticket(amounts: Any, block: str) -> int:
    """The discount or the markup of the whole ticket; one of nothing is none."""
    if not amounts.HasField(block):
        return 0
    modifier = getattr(amounts, block)
    if not 0 < len(modifier.name) <= NAME_MAX:
        raise _bad_text("modifier_name", f"amounts.{block}.name", modifier.name)
    return money_of(modifier.sum, f"amounts.{block}.sum")


# ---------------------------------------------------------------------------------------------------------- taxes


def _rate(tax: Any, field: str) -> int:
    rate: int = tax.percent
    if tax.tax_type != _VAT:
        raise Unfit("unknown_value", f"{field}.tax_type", f"must be {_VAT} (VAT), is {tax.tax_type}")
    if rate > RATE_ONE:
        raise Unfit("limit", f"{field}.percent", f"must be at most {RATE_ONE}, is {rate}")
    return rate


def _check_rates(rates: Sequence[int]) -> None:
    if len(set(rates)) != len(rates):
        raise Unfit("tax_repeated", "taxes", "a percent stands twice")
    if len(rates) > TAXES_MAX:
        raise Unfit("limit", "taxes", f"has more than {TAXES_MAX} entries")


def _item_taxes(rows: Iterable[Any], amount: int, net: int) -> tuple[Tax, ...]:
    taxes: list[Tax] = []
    for row in rows:
        rate, inside, money = row.percent, row.is_in_total_sum, row.sum
        coins = money.coins
        of = money.bills * MINOR_PER_MAJOR + coins
        if coins >= MINOR_PER_MAJOR or of > MONEY_MAX:
            money_of(money, "taxes.sum")
        if row.tax_type != _VAT or rate > RATE_ONE:
            _rate(row, f"taxes[{len(taxes)}]")
        whole = RATE_ONE + rate if inside else RATE_ONE
        base = net
        if net < 0 or 2 * abs(of * whole - net * rate) > whole:  # not the nearest tiyn
            base = _base_of_item(of, rate, inside, amount, net)
        taxes.append(Tax(rate=rate, base=base, sum=of, inside=inside))
    if len(taxes) > 1:
        _check_rates([tax.rate for tax in taxes])
    return tuple(taxes)


def _base_of_item(of: int, rate: int, inside: bool, amount: int, net: int) -> int:
    """What such a tax is taken of: the net, the line before its discount, or a line that has the tax in it already."""
    compute = tax_inside if inside else tax_on_top
    for base in (net, amount):
        if base >= 0 and abs(of - compute(base, rate)) <= TAX_TOLERANCE:
            return base
    if not inside:
        for whole in (net, amount):
            if whole >= of and abs(of - tax_inside(whole, rate)) <= TAX_TOLERANCE:
                return whole - of
    raise Unfit("tax_sum", "taxes.sum", f"{format_minor(of)} given, {format_minor(compute(net, rate))} computed")


def bases_of(taxes: Iterable[tuple[int, int, bool]], nets: int) -> tuple[int, ...] | None:
    """What the taxes of a whole ticket, each (rate, sum, inside), are taken of; ``None`` when nothing fits.

    A single one is taken of everything when that gives its sum. Otherwise the sum and the percent tell, to the nearest
    tiyn; at 0 % they tell nothing, and the first such tax gets what the others leave.
    """
    rows = list(taxes)
    if len(rows) == 1:
        rate, of, inside = rows[0]
        if nets >= 0 and abs(of - (tax_inside if inside else tax_on_top)(nets, rate)) <= TAX_TOLERANCE:
            return (nets,)
    bases = []
    for rate, of, inside in rows:
        if rate == 0:
            if of:
                return None
            bases.append(-1)
        else:
            bases.append(round_half_up_div(of * (RATE_ONE + rate if inside else RATE_ONE), rate))
    left = nets - sum(base for base in bases if base > 0)
    if -1 in bases:
        bases[bases.index(-1)] = max(left, 0)
    # A tiyn of tax is up to a hundred tiyn of turnover at one percent, so the edge is as soft as the figures are.
    if any(base > MONEY_MAX for base in bases) or left < -sum(RATE_ONE // rate + 1 for rate, _, _ in rows if rate):
        return None
    return tuple(max(base, 0) for base in bases)


def _ticket_taxes(
    rows: Sequence[Any], items: Sequence[Item], modifiers: Sequence[Modifier], changed: int
) -> tuple[Tax, ...]:
    if any(item.taxes for item in items):
        raise Unfit("taxes_twice", "taxes", "stand on items as well")
    taxes = [
        (_rate(row, f"taxes[{index}]"), money_of(row.sum, f"taxes[{index}].sum"), bool(row.is_in_total_sum))
        for index, row in enumerate(rows)
    ]
    _check_rates([rate for rate, _, _ in taxes])
    bases = bases_of(taxes, goods_of(items, modifiers) + changed)
    if bases is None:
        raise Unfit("tax_sum", "taxes", "the sums do not follow from the percents and the goods")
    return tuple(
        Tax(rate=rate, base=base, sum=of, inside=inside) for (rate, of, inside), base in zip(taxes, bases, strict=True)
    )


def goods_of(items: Iterable[Item], modifiers: Iterable[Modifier]) -> int:
    """What items and modifiers make, before anything that belongs to the whole ticket."""
    nets = sum(-item.net if item.storno else item.net for item in items)
    return nets + sum(modifier.amount for modifier in modifiers)


# -------------------------------------------------------------------------------------------------------- the rest


def _payments(rows: Iterable[Any], taken: int | None) -> tuple[Payment, ...]:
    payments = []
    for row in rows:
        kind = PAYMENTS[row.type]
        payments.append(Payment(kind=kind, sum=money_of(row.sum, "payments.sum")))
        if taken is None and kind is PaymentKind.CASH:
            raise Unfit("taken_missing", "amounts.taken", "is missing")
    if len(payments) > 1 and len({payment.kind for payment in payments}) != len(payments):
        raise Unfit("payment_repeated", "payments", "a kind stands twice")
    return tuple(payments)


def _customer(options: Any) -> Customer:
    email = options.customer_email
    if len(email) > EMAIL_MAX or 0 < len(email) < _EMAIL_MIN:
        text = f"must have {_EMAIL_MIN} to {EMAIL_MAX} characters"
        raise Unfit("limit", "extension_options.customer_email", text)
    return Customer(
        email=email or None,
        phone=code_of(options.customer_phone, "extension_options.customer_phone"),
        tax_id=code_of(options.customer_iin_or_bin, "extension_options.customer_iin_or_bin"),
    )


def _parent(parent: Any, zone: str) -> ParentReceipt:
    sign = code_of(parent.parent_ticket_number, "parent_ticket.parent_ticket_number")
    rnm = code_of(parent.kgd_kkm_id, "parent_ticket.kgd_kkm_id")
    if sign is None or rnm is None:
        raise Unfit("parent_missing", "parent_ticket", "names no ticket, or no register")
    return ParentReceipt(
        sign=sign,
        issued_at=instant_of(parent.parent_ticket_data_time, zone, "parent_ticket.parent_ticket_data_time"),
        total=money_of(parent.parent_ticket_total, "parent_ticket.parent_ticket_total"),
        rnm=rnm,
        autonomous=parent.parent_ticket_is_offline,
    )


# -------------------------------------------------------------------------------------------------------- writing


def ticket_fields(receipt: Receipt, delivery: Delivery, zone: str, version: int) -> Fields:
    """The TicketRequest of a receipt that :func:`uncarried` lets pass; ``version`` is that of the header."""
    modern = version >= _V203
    fields: Fields = {
        "operation": OPERATION_CODES[receipt.operation],
        "date_time": date_time_fields(receipt.issued_at, zone),
        "operator": operator_fields(receipt.cashier),
        "domain": {"type": _DOMAIN_CODES[receipt.domain]},
        "items": [*map(_modifier_row, receipt.modifiers), *_item_rows(receipt.items, modern)],
        "payments": [
            {"type": PAYMENT_CODES[payment.kind], "sum": money_fields(payment.sum)} for payment in receipt.payments
        ],
        "taxes": [_tax_fields(tax) for tax in receipt.taxes],
        "amounts": _amounts(receipt),
        "fr_shift_number": receipt.shift,
    }
    if receipt.customer is not None:
        fields["extension_options"] = _customer_fields(receipt.customer)
    if delivery.autonomous_sign is not None:
        fields["offline_ticket_number"] = delivery.autonomous_sign
    if not modern:
        fields["printed_document_number"] = receipt.number
    elif receipt.parent is not None:
        fields["parent_ticket"] = _parent_fields(receipt.parent, zone)
    return fields


def _item_rows(items: Iterable[Item], modern: bool) -> Iterable[Fields]:
    for item in items:
        block = "storno_commodity" if item.storno else "commodity"
        code = _STORNO_COMMODITY if item.storno else _COMMODITY
        yield {"type": code, block: _line_fields(item, modern)}
        if item.discount:
            yield _modifier_row(Modifier(kind=ModifierKind.DISCOUNT, sum=item.discount))
        elif item.markup:
            yield _modifier_row(Modifier(kind=ModifierKind.MARKUP, sum=item.markup))


def _line_fields(item: Item, modern: bool) -> Fields:
    fields: Fields = {
        "name": item.name,
        "section_code": item.section,
        "quantity": item.quantity,
        "price": money_fields(item.price),
        "sum": money_fields(item.sum),
        "taxes": [_tax_fields(tax) for tax in item.taxes],
        "measure_unit_code": item.unit,
    }
    if item.barcode is not None:
        fields["barcode"] = item.barcode
    if item.marking_code is not None and not modern:
        fields["excise_stamp"] = item.marking_code
    elif item.marking_code is not None:
        fields["list_excise_stamp"] = [item.marking_code, *item.further_codes]
    if item.ntin is not None and modern:
        fields["ntin"] = item.ntin
    return fields


def _modifier_row(modifier: Modifier) -> Fields:
    code, block = _MODIFIER_CODES[modifier.kind, modifier.storno]
    return {"type": code, block: _modifier_fields(modifier.kind, modifier.sum, modifier.name)}


def _modifier_fields(kind: ModifierKind, amount: int, name: str = "") -> Fields:
    usual = _DISCOUNT_NAME if kind is ModifierKind.DISCOUNT else _MARKUP_NAME
    return {"name": name or usual, "sum": money_fields(amount)}


def _tax_fields(tax: Tax) -> Fields:
    return {
        "tax_type": _VAT,
        "percent": tax.rate,
        "sum": money_fields(tax.sum),
        "is_in_total_sum": tax.inside,
    }


def _amounts(receipt: Receipt) -> Fields:
    fields: Fields = {"total": money_fields(receipt.total)}
    if receipt.taken is not None:
        fields["taken"] = money_fields(receipt.taken)
    if receipt.change is not None:
        fields["change"] = money_fields(receipt.change)
    if receipt.markup:
        fields["markup"] = _modifier_fields(ModifierKind.MARKUP, receipt.markup)
    if receipt.discount:
        fields["discount"] = _modifier_fields(ModifierKind.DISCOUNT, receipt.discount)
    return fields


def _customer_fields(customer: Customer) -> Fields:
    fields = {
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "customer_iin_or_bin": customer.tax_id,
    }
    return {name: text for name, text in fields.items() if text is not None}


def _parent_fields(parent: ParentReceipt, zone: str) -> Fields:
    return {
        "parent_ticket_number": parent.sign,
        "parent_ticket_data_time": date_time_fields(parent.issued_at, zone),
        "kgd_kkm_id": parent.rnm,
        "parent_ticket_total": money_fields(parent.total),
        "parent_ticket_is_offline": parent.autonomous,
    }


def uncarried(receipt: Receipt, version: int) -> Finding | None:
    """What of this receipt would be another figure, or none, at the operator; ``None`` when every figure arrives.

    A register asks before it gives the receipt a number. What merely is not held (see above) is no obstacle, except the
    parent of a return, which 2.0.3 demands.
    """
    if any(payment.kind not in CARRIED_PAYMENTS["kz"] for payment in receipt.payments):
        return Finding("unknown_value", "payments", "a kind of payment is among them that the protocol does not have")
    if version >= _V203 and receipt.parent is None and receipt.operation in _RETURNS:
        return Finding("parent_missing", "parent", "a return names the receipt that it takes back")
    if receipt.taxes:
        nets = goods_of(receipt.items, receipt.modifiers) + receipt.markup - receipt.discount
        bases = bases_of(((tax.rate, tax.sum, tax.inside) for tax in receipt.taxes), nets)
        if bases != tuple(tax.base for tax in receipt.taxes):
            return Finding("tax_sum", "taxes", "their bases do not follow from their sums, and only those are carried")
    return None
