"""The shop of the demonstration: who trades there, on which registers, and what stands on its shelves.

The rule: everything is invented, but every number that has check digits has right ones. Prices are in tiyn with VAT
inside, for one piece or one kilogram. Goods that are weighed carry a barcode of the shop itself (prefix 22): five
digits of the good, five of the weight in grams, the check digit; all others an ordinary EAN-13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from fiscal.domain.identifiers import bin_with_check
from fiscal.domain.receipt import Cashier
from fiscal.domain.register import Country, RegisterProfile, Taxpayer

DAY: Final = date(2026, 3, 14)
"""A Saturday: full baskets, and VAT at 16 %."""

ZONE_NAME: Final = "Asia/Almaty"

PIECE: Final = "796"
KILOGRAM: Final = "166"

EAN_DIGITS: Final = 12
"""Digits of an EAN-13 that are not its check digit."""

TAXPAYER: Final = Taxpayer(name="ТОО «Алма Базар»", tax_id=bin_with_check("18034000821"))

PROFILES: Final[Mapping[int, RegisterProfile]] = {
    number: RegisterProfile(
        taxpayer=TAXPAYER,
        place=f"г. Алматы, ул. Абая, 52, касса {number}",
        rnm=f"0106{20_250_300 + number:08d}",
        serial=f"SWK{480_000 + number:08d}",
        country=Country.KZ,
        zone=ZONE_NAME,
    )
    for number in range(1, 6)
}
"""The five registers by their number."""

CASHIERS: Final[Mapping[int, tuple[Cashier, Cashier]]] = {
    1: (Cashier(code=1, name="Айгерім Сапарова"), Cashier(code=2, name="Наталья Ким")),
    2: (Cashier(code=3, name="Ольга Петренко"), Cashier(code=4, name="Ерлан Жұмабеков")),
    3: (Cashier(code=5, name="Гүлнар Әбенова"), Cashier(code=6, name="Руслан Ахметов")),
    4: (Cashier(code=7, name="Динара Қасымова"), Cashier(code=7, name="Динара Қасымова")),
    5: (Cashier(code=8, name="Сергей Тен"), Cashier(code=8, name="Сергей Тен")),
}
"""Who sits at a register before and after the change of the afternoon."""


@dataclass(frozen=True, slots=True)
class Good:
    """What can be bought: ``price`` in tiyn for one ``unit``, ``vat`` as a script has it, ``weight`` how often."""

    code: int
    name: str
    price: int
    section: str
    weight: int
    unit: str = PIECE
    vat: int | Literal["standard"] = "standard"
    prefix: str = "4870"


def ean13(digits: str) -> str:
    """The EAN-13 that begins with these twelve digits."""
    assert len(digits) == EAN_DIGITS
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def barcode_of(good: Good, quantity: int) -> str:
    """What the scanner reads from so much (in thousandths) of this good."""
    if good.unit == KILOGRAM:
        return ean13(f"22{good.code:05d}{quantity:05d}")
    return ean13(f"{good.prefix}{good.code * 7919 % 100_000_000:08d}")


DAIRY, BREAD, MEAT, GREENS, GROCERY, DRINKS, HOUSE = "1", "2", "3", "4", "5", "6", "7"

GOODS: Final = (
    Good(101, "Молоко пастеризованное 3,2 % 1 л", 59_000, DAIRY, 9),
    Good(102, "Айран 2 % 0,5 л", 37_500, DAIRY, 6),
    Good(103, "Қымыз бие сүтінен 1 л", 189_000, DAIRY, 2),
    Good(104, "Шұбат 0,5 л", 145_000, DAIRY, 1),
    Good(105, "Сметана 20 % 400 г", 98_000, DAIRY, 4),
    Good(106, "Творог зернёный 5 % 350 г", 115_500, DAIRY, 3),
    Good(107, "Масло сливочное «Крестьянское» 72,5 % 180 г", 134_000, DAIRY, 4),
    Good(108, "Сыр полутвёрдый «Алматинский», весовой", 489_000, DAIRY, 3, KILOGRAM),
    Good(109, "Құрт ақ тұзды, өлшеп сатылады", 420_000, DAIRY, 2, KILOGRAM),
    Good(110, "Ірімшік сары 200 г", 156_000, DAIRY, 1),
    Good(111, "Яйцо куриное С1, 10 шт.", 72_000, DAIRY, 6),
    Good(112, "Йогурт питьевой «Клубника» 290 г", 46_500, DAIRY, 4, prefix="4601"),
    Good(201, "Хлеб «Дарницкий» 600 г", 29_000, BREAD, 8),
    Good(202, "Батон нарезной 400 г", 24_500, BREAD, 7),
    Good(203, "Тандыр нан", 18_000, BREAD, 7),
    Good(204, "Лепёшка с кунжутом", 22_000, BREAD, 4),
    Good(205, "Бауырсақ, өлшеп сатылады", 185_000, BREAD, 3, KILOGRAM),
    Good(206, "Самса с говядиной", 55_000, BREAD, 4),
    Good(207, "Жент 300 г", 110_000, BREAD, 1),
    Good(208, "Чак-чак 400 г", 142_000, BREAD, 2),
    Good(301, "Говядина, мякоть охлаждённая", 389_000, MEAT, 4, KILOGRAM),
    Good(302, "Жылқы еті, қазы қақталған", 950_000, MEAT, 1, KILOGRAM),
    Good(303, "Баранина на кости", 345_000, MEAT, 2, KILOGRAM),
    Good(304, "Филе куриное охлаждённое", 268_000, MEAT, 5, KILOGRAM),
    Good(305, "Колбаса варёная «Докторская» 450 г", 189_500, MEAT, 3),
    Good(306, "Сосиски «Молочные» 500 г", 165_000, MEAT, 3),
    Good(307, "Фарш говяжий 500 г", 179_000, MEAT, 3),
    Good(308, "Сазан балығы, салқындатылған", 240_000, MEAT, 1, KILOGRAM),
    Good(401, "Картофель", 24_000, GREENS, 6, KILOGRAM),
    Good(402, "Пияз", 19_000, GREENS, 5, KILOGRAM),
    Good(403, "Морковь мытая", 28_000, GREENS, 5, KILOGRAM),
    Good(404, "Помидоры тепличные", 145_000, GREENS, 5, KILOGRAM),
    Good(405, "Огурцы гладкие", 129_000, GREENS, 5, KILOGRAM),
    Good(406, "Алма «Апорт»", 98_000, GREENS, 5, KILOGRAM),
    Good(407, "Бананы", 82_000, GREENS, 6, KILOGRAM),
    Good(408, "Мандарины", 110_000, GREENS, 4, KILOGRAM),
    Good(409, "Зелень: укроп, пучок", 15_000, GREENS, 4),
    Good(410, "Капуста белокочанная", 21_000, GREENS, 3, KILOGRAM),
    Good(501, "Рис «Ақмаржан» Қызылорда 900 г", 62_000, GROCERY, 4),
    Good(502, "Мука пшеничная высший сорт 2 кг", 79_000, GROCERY, 4),
    Good(503, "Макароны «Спиральки» 400 г", 36_500, GROCERY, 4),
    Good(504, "Гречка ядрица 800 г", 55_000, GROCERY, 3, prefix="4607"),
    Good(505, "Масло подсолнечное рафинированное 1 л", 84_000, GROCERY, 5),
    Good(506, "Сахар-песок 1 кг", 52_000, GROCERY, 5),
    Good(507, "Шай қара түйіршікті 250 г", 129_000, GROCERY, 4),
    Good(508, "Кофе растворимый 95 г", 265_000, GROCERY, 2, prefix="4607"),
    Good(509, "Талқан 500 г", 95_000, GROCERY, 1),
    Good(510, "Конфеты шоколадные, ассорти", 385_000, GROCERY, 3, KILOGRAM),
    Good(511, "Печенье сахарное 300 г", 47_000, GROCERY, 4),
    Good(512, "Томатная паста 500 г", 68_000, GROCERY, 2),
    Good(513, "Наурыз көже, жартылай фабрикат 400 г", 74_000, GROCERY, 3),
    Good(601, "Вода питьевая негазированная 1,5 л", 25_000, DRINKS, 7),
    Good(602, "Вода минеральная газированная 1 л", 32_000, DRINKS, 5),
    Good(603, "Сок яблочный осветлённый 1 л", 69_000, DRINKS, 4),
    Good(604, "Лимонад «Тархун» 0,5 л, стекло", 42_000, DRINKS, 3, prefix="4600"),
    Good(605, "Компот из кураги 1 л", 58_000, DRINKS, 2),
    Good(701, "Пакет-майка, большой", 3_000, HOUSE, 12),
    Good(702, "Средство для мытья посуды 500 мл", 79_500, HOUSE, 2, prefix="4601"),
    Good(703, "Бумага туалетная 2-слойная, 4 рулона", 89_000, HOUSE, 3),
    Good(704, "Қағаз сүлгі 2 орам", 99_000, HOUSE, 2),
    Good(705, "Спички хозяйственные", 4_500, HOUSE, 1),
    Good(706, "Газета «Алатау шамшырағы»", 15_000, HOUSE, 2, vat=10_000),
)
"""The shelves. The newspaper is taxed at the 10 % of the periodical press, all else at the standard rate."""
