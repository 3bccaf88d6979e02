"""What stands on a receipt, a correction, a slip for cash in or out, and an annulment, from top to bottom.

The rule: a receipt that was issued autonomously shows its own sign for ever; the operator's sign stands beside it
once it is there, and until then its place says so only where nothing else identifies the receipt (S3-16, S3-25).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from fiscal.domain.document import (
    Annulment,
    Correction,
    CorrectionReason,
    Deposit,
    Void,
    Withdrawal,
    carries_sign,
    kind_of,
)
from fiscal.domain.receipt import Item, Modifier, ModifierKind, Payment, PaymentKind, Receipt, Tax
from fiscal.domain.status import marks
from fiscal.rendering.forms import foot, head
from fiscal.rendering.sheet import Code, Line, Pair, Row, Rule, Sheet, Title
from fiscal.rendering.values import PrintedReceipt
from fiscal.rendering.words import MEANINGS, PAYMENTS, WORDS, Words, amount, quantity, rate, tax_id
from fiscal.time import printed as printed_time


def receipt_sheet(form: PrintedReceipt) -> Sheet:
    """The form of any document but the Z-report."""
    title = _title(form)
    rows = (
        *head(form),
        Rule(heavy=True),
        Title(title),
        *_when(form),
        Rule(),
        *_body(form),
        Rule(),
        *_signs(form),
        *foot(form.profile, form.operator),
        *([Code(form.qr)] if form.qr else []),
    )
    return Sheet(title, rows, str(marks(form.state)), MEANINGS[form.state])


def _title(form: PrintedReceipt) -> str:
    words = WORDS[form.profile.country]
    match form.document:
        case Receipt(operation=operation):
            return f"{words.receipt}. {words.operations[operation]}"
        case Correction(operation=operation):
            return f"ЧЕК КОРРЕКЦИИ. {words.operations[operation]}"
        case Deposit():
            return "ВНЕСЕНИЕ НАЛИЧНЫХ"
        case Withdrawal():
            return "ИЗЪЯТИЕ НАЛИЧНЫХ"
        case Void():
            return "АННУЛИРОВАНИЕ ДОКУМЕНТА"
        case Annulment():
            return "АННУЛИРОВАНИЕ ЧЕКА"
        case _:
            assert_never(form.document)


def _when(form: PrintedReceipt) -> Iterator[Row]:
    document = form.document
    yield Pair(f"Документ № {document.number}", f"Смена № {document.shift}")
    yield Line(printed_time(document.issued_at, form.profile.zone))
    yield Line(f"Кассир: {document.cashier.name}")


def _body(form: PrintedReceipt) -> Iterator[Row]:
    words = WORDS[form.profile.country]
    match form.document:
        case Receipt() as receipt:
            yield from _goods(receipt)
            yield Rule()
            yield from _total(receipt, words)
            yield from _about(receipt, form)
        case Correction() as correction:
            own = correction.reason is CorrectionReason.OWN
            yield Pair("Коррекция", "самостоятельная" if own else "по предписанию")
            yield Line(f"Основание: {correction.basis}")
            yield Pair("Дата расчёта", printed_time(correction.corrected_at, form.profile.zone))
            yield Pair(f"ИТОГО, {words.currency}", amount(correction.total), strong=True)
            yield from (Pair(PAYMENTS[part.kind], amount(part.sum)) for part in correction.payments)
            yield from _tax_rows(correction.taxes)
        case Deposit(sum=total) | Withdrawal(sum=total):
            yield Pair(f"СУММА, {words.currency}", amount(total), strong=True)
        case Void() as void:
            yield Line(f"Взамен документа {_dashed(void.voids.hex())}")
            yield Line(f"Отказ оператора: {void.refusal}")
            yield Line(f"Решение: {void.by}")
            yield Line(f"Причина: {void.why}")
        case Annulment() as annulment:
            yield Line(f"Аннулирован чек № {annulment.annuls}")
            yield Pair(f"СУММА, {words.currency}", amount(annulment.total), strong=True)
        case _:
            assert_never(form.document)


def _dashed(digits: str) -> str:
    """32 hexadecimal digits as a UUID is written."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _goods(receipt: Receipt) -> Iterator[Row]:
    mixed = len({tuple(tax.rate for tax in item.taxes) for item in receipt.items}) > 1
    for place, item in enumerate(receipt.items, 1):
        yield Line(f"{place}. {'СТОРНО ' if item.storno else ''}{item.name}")
        detail = f"{quantity(item.quantity, item.unit)} × {amount(item.price)}"
        yield Pair(detail, amount(-item.sum if item.storno else item.sum), indent=1)
        if item.discount:
            yield Pair("скидка", amount(-item.discount), indent=1)
        if item.markup:
            yield Pair("наценка", amount(item.markup), indent=1)
        if mixed:
            yield Line(_rates(item), indent=1)
        if item.marking_code:
            yield Line("[М]", indent=1)


def _rates(item: Item) -> str:
    return "НДС " + ", ".join(rate(tax.rate) for tax in item.taxes) if item.taxes else "без НДС"


def _modifier(modifier: Modifier) -> Row:
    usual = "Скидка" if modifier.kind is ModifierKind.DISCOUNT else "Наценка"
    return Pair(f"{'СТОРНО ' if modifier.storno else ''}{modifier.name or usual}", amount(modifier.amount))


def _total(receipt: Receipt, words: Words) -> Iterator[Row]:
    yield from map(_modifier, receipt.modifiers)
    if receipt.discount:
        yield Pair("Скидка на чек", amount(-receipt.discount))
    if receipt.markup:
        yield Pair("Наценка на чек", amount(receipt.markup))
    yield Pair(f"ИТОГО, {words.currency}", amount(receipt.total), strong=True)
    for part in receipt.payments:
        yield from _payment_rows(part, receipt)
    taxes = receipt.taxes or [tax for item in receipt.items if not item.storno for tax in item.taxes]
    yield from _tax_rows(taxes, [tax for item in receipt.items if item.storno for tax in item.taxes])


def _payment_rows(part: Payment, receipt: Receipt) -> Iterator[Row]:
    yield Pair(PAYMENTS[part.kind], amount(part.sum))
    if part.kind is PaymentKind.CASH and receipt.change and receipt.taken is not None:
        yield Pair("получено", amount(receipt.taken), indent=1)
        yield Pair("сдача", amount(receipt.change), indent=1)


def _tax_rows(taxes: Iterable[Tax], taken_back: Iterable[Tax] = ()) -> Iterator[Row]:
    """The tax of each rate, added up, less what a storno takes back; the highest rate first."""
    sums: dict[tuple[int, bool], int] = {}
    for tax in taxes:
        key = tax.rate, tax.inside
        sums[key] = sums.get(key, 0) + tax.sum
    for tax in taken_back:
        key = tax.rate, tax.inside
        sums[key] = sums.get(key, 0) - tax.sum
    for (thousandths, inside), total in sorted(sums.items(), reverse=True):
        yield Pair(f"{'в т.ч. ' if inside else ''}НДС {rate(thousandths)}", amount(total))


def _about(receipt: Receipt, form: PrintedReceipt) -> Iterator[Row]:
    """The receipt that this one takes back, and the buyer."""
    if (parent := receipt.parent) is not None:
        yield Rule()
        yield Line(f"Основание: чек от {printed_time(parent.issued_at, form.profile.zone)}")
        kind = "автономный признак" if parent.autonomous else WORDS[form.profile.country].sign
        yield Pair(kind, parent.sign, indent=1)
        if parent.rnm != form.profile.rnm:
            yield Pair(WORDS[form.profile.country].registration, parent.rnm, indent=1)
        yield Pair("на сумму", amount(parent.total), indent=1)
    if (customer := receipt.customer) is not None:
        number = tax_id(form.profile.country, customer.tax_id) if customer.tax_id else None
        told = ", ".join(text for text in (number, customer.email, customer.phone) if text)
        if told:
            yield Rule()
            yield Line(f"Покупатель: {told}")


def _signs(form: PrintedReceipt) -> Iterator[Row]:
    sign = WORDS[form.profile.country].sign
    if form.autonomous_sign is not None:
        yield Pair("Автономный фискальный признак", str(form.autonomous_sign), strong=True)
    if form.sign is not None:
        yield Pair(sign, form.sign, strong=True)
    elif form.autonomous_sign is None and carries_sign(kind_of(form.document)):
        yield Pair(sign, "не получен")
