"""The Russian words on the forms of both countries, and figures as people there write them.

The rule: an amount is written "1 234,50" with a space that does not break, a quantity without zeros that say nothing,
a rate as "16 %". A word that differs between the countries stands in :data:`WORDS`, any other where it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.money import MINOR_PER_MAJOR, THOUSANDTHS
from fiscal.domain.receipt import Operation, PaymentKind
from fiscal.domain.register import Country
from fiscal.rendering.sheet import NBSP

AUTONOMOUS: Final = "АВТОНОМНЫЙ"
"""The mark of S3-18."""
COPY: Final = "ДУБЛИКАТ"


@dataclass(frozen=True, slots=True)
class Words:
    """What one country calls things."""

    receipt: str
    operations: Mapping[Operation, str]
    sign: str
    registration: str
    serial: str
    currency: str


WORDS: Final[Mapping[Country, Words]] = {
    Country.KZ: Words(
        receipt="ФИСКАЛЬНЫЙ ЧЕК",
        operations={
            Operation.SELL: "ПРОДАЖА",
            Operation.SELL_RETURN: "ВОЗВРАТ ПРОДАЖИ",
            Operation.BUY: "ПОКУПКА",
            Operation.BUY_RETURN: "ВОЗВРАТ ПОКУПКИ",
        },
        sign="Фискальный признак",
        registration="РНМ",
        serial="ЗНМ",
        currency="тенге",
    ),
    Country.RU: Words(
        receipt="КАССОВЫЙ ЧЕК",
        operations={
            Operation.SELL: "ПРИХОД",
            Operation.SELL_RETURN: "ВОЗВРАТ ПРИХОДА",
            Operation.BUY: "РАСХОД",
            Operation.BUY_RETURN: "ВОЗВРАТ РАСХОДА",
        },
        sign="ФПД",
        registration="РН ККТ",
        serial="ЗН ККТ",
        currency="рублей",
    ),
}

PAYMENTS: Final[Mapping[PaymentKind, str]] = {
    PaymentKind.CASH: "Наличными",
    PaymentKind.CARD: "Банковской картой",
    PaymentKind.MOBILE: "Мобильным платежом",
    PaymentKind.CREDIT: "В кредит",
    PaymentKind.TARE: "Тарой",
    PaymentKind.ADVANCE: "Авансом",
}

UNITS: Final[Mapping[str, str]] = {
    "796": "шт",
    "166": "кг",
    "163": "г",
    "112": "л",
    "006": "м",
    "055": "м²",
    "778": "упак.",
    "356": "ч",
}
"""Units of the ESF classifier that have a short name; a quantity in any other is printed without one."""

MEANINGS: Final[Mapping[DocumentState, str]] = {
    DocumentState.SAVED: "сохранён в кассе, ещё не передан оператору",
    DocumentState.SAVED_AUTONOMOUS: "оформлен автономно, ещё не передан оператору",
    DocumentState.DELIVERED: "передан оператору",
    DocumentState.DELIVERED_AUTONOMOUS: "оформлен автономно, передан оператору",
    DocumentState.REFUSED: "оператор не принял",
    DocumentState.REFUSED_AUTONOMOUS: "оформлен автономно, оператор не принял",
    DocumentState.VOIDED: "аннулирован",
    DocumentState.VOIDED_AUTONOMOUS: "оформлен автономно, аннулирован",
}
"""The marks in words, for who cannot see them."""

_IIN_TENS = frozenset("0123")


def amount(minor: int) -> str:
    """123450 is "1 234,50"; -5 is "-0,05"."""
    major, rest = divmod(abs(minor), MINOR_PER_MAJOR)
    grouped = f"{major:,}".replace(",", NBSP)
    return f"{'-' if minor < 0 else ''}{grouped},{rest:02d}"


def quantity(thousandths: int, unit: str) -> str:
    """2000 pieces are "2 шт", 1234 of kilograms "1,234 кг"."""
    whole, rest = divmod(thousandths, THOUSANDTHS)
    figure = f"{whole},{rest:03d}".rstrip("0") if rest else str(whole)
    return f"{figure}{NBSP}{UNITS[unit]}" if unit in UNITS else figure


def rate(thousandths: int) -> str:
    """16000 is "16 %", 5500 is "5,5 %"."""
    whole, rest = divmod(thousandths, THOUSANDTHS)
    figure = f"{whole},{rest:03d}".rstrip("0") if rest else str(whole)
    return f"{figure}{NBSP}%"


def tax_id(country: Country, number: str) -> str:
    """The number of a taxpayer with its name: in Kazakhstan an IIN has the tens of a day as its fifth digit."""
    if country is Country.RU:
        return f"ИНН {number}"
    return f"{'ИИН' if number[4:5] in _IIN_TENS else 'БИН'} {number}"
