"""What the golden files do not tell: where one fact decides about a row."""

import pytest
from msgspec import structs

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Customer, Modifier, ModifierKind
from fiscal.rendering.receipts import receipt_sheet
from fiscal.rendering.sheet import Banner, Code, Line, Pair
from fiscal.rendering.values import PrintedReceipt, printed
from tests.documents import annulment, item, receipt
from tests.fiscal.rendering.samples import DEPOSIT, FORMS, KZ, MIXED, RETURN, SELL


def form(document=SELL, state=DocumentState.DELIVERED, **facts):
    made = printed(document, KZ, state, **facts)
    assert isinstance(made, PrintedReceipt)
    return made


def pairs(made):
    return {row.left: row.right for row in receipt_sheet(made).rows if isinstance(row, Pair)}


def lines(made):
    return [row.text for row in receipt_sheet(made).rows if isinstance(row, Line)]


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize(
    ("state", "sign", "own", "shown"),
    [
        (DocumentState.SAVED, None, None, {"Фискальный признак": "не получен"}),
        (DocumentState.DELIVERED, "12", None, {"Фискальный признак": "12"}),
        (DocumentState.SAVED_AUTONOMOUS, None, 7, {"Автономный фискальный признак": "7"}),
        (
            DocumentState.DELIVERED_AUTONOMOUS,
            "12",
            7,
            {"Автономный фискальный признак": "7", "Фискальный признак": "12"},
        ),
    ],
)
def test_the_signs_of_a_receipt(state, sign, own, shown):
    rows = pairs(form(state=state, sign=sign, autonomous_sign=own))
    assert {left: right for left, right in rows.items() if "признак" in left} == shown


def test_what_gets_no_sign_waits_for_none():
    assert not [left for left in pairs(form(DEPOSIT, DocumentState.SAVED)) if "признак" in left]


@pytest.mark.parametrize(
    ("state", "copy", "banners"),
    [
        (DocumentState.SAVED, False, []),
        (DocumentState.DELIVERED, True, ["ДУБЛИКАТ"]),
        (DocumentState.DELIVERED_AUTONOMOUS, True, ["ДУБЛИКАТ", "АВТОНОМНЫЙ"]),
        (DocumentState.REFUSED, False, ["НЕ ПРИНЯТ ОПЕРАТОРОМ"]),
        (DocumentState.VOIDED_AUTONOMOUS, False, ["АВТОНОМНЫЙ", "АННУЛИРОВАН"]),
    ],
)
def test_banners(state, copy, banners):
    rows = receipt_sheet(form(state=state, copy=copy)).rows
    assert [row.text for row in rows if isinstance(row, Banner)] == banners


def test_there_is_a_code_only_for_a_link():
    assert not [row for row in receipt_sheet(form(qr="")).rows if isinstance(row, Code)]
    assert receipt_sheet(form(qr="x")).rows[-1] == Code("x")


def test_cash_without_change_is_one_row():
    assert "сдача" in pairs(form())
    assert "сдача" not in pairs(form(RETURN))
    assert "получено" not in pairs(form(RETURN))


def test_rates_stand_on_the_items_only_where_they_differ():
    assert "без НДС" in lines(form(MIXED))
    assert not [line for line in lines(form()) if "НДС" in line]


@pytest.mark.parametrize(
    ("customer", "text"),
    [
        (None, None),
        (Customer(), None),
        (Customer(email="a@b.example"), "Покупатель: a@b.example"),
        (Customer(tax_id="850417400215", phone="+7"), "Покупатель: ИИН 850417400215, +7"),
    ],
)
def test_the_buyer_is_named_as_far_as_he_is_known(customer, text):
    shown = [line for line in lines(form(structs.replace(SELL, customer=customer))) if "Покупатель" in line]
    assert shown == ([text] if text else [])


def test_a_return_names_another_register_only_if_it_was_another():
    assert list(pairs(form(RETURN))).count("РНМ") == 1
    elsewhere = FORMS["return-elsewhere"]
    assert isinstance(elsewhere, PrintedReceipt)
    rows = [row.right for row in receipt_sheet(elsewhere).rows if isinstance(row, Pair) and row.left == "РНМ"]
    assert rows == ["010620250302", KZ.rnm]


def test_a_storno_and_what_belongs_to_no_line():
    sold = receipt(
        items=(item(rate=16_000), item(5_000, rate=16_000), item(5_000, rate=16_000, storno=True)),
        modifiers=(
            Modifier(kind=ModifierKind.MARKUP, sum=300, name="Доставка"),
            Modifier(kind=ModifierKind.MARKUP, sum=100, storno=True),
            Modifier(kind=ModifierKind.DISCOUNT, sum=200),
        ),
    )
    shown = pairs(form(sold))
    assert "3. СТОРНО Хлеб" in lines(form(sold))
    assert "-50,00" in [row.right for row in receipt_sheet(form(sold)).rows if isinstance(row, Pair)]
    assert (shown["Доставка"], shown["СТОРНО Наценка"], shown["Скидка"]) == ("3,00", "-1,00", "-2,00")
    assert [tax for name, tax in shown.items() if "НДС" in name] == ["13,79"]


def test_an_annulment_names_its_receipt():
    made = form(annulment())
    assert receipt_sheet(made).title == "АННУЛИРОВАНИЕ ЧЕКА"
    assert "Аннулирован чек № 1" in lines(made)
