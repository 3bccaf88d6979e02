import pytest

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Operation, PaymentKind
from fiscal.domain.register import Country
from fiscal.rendering.words import MEANINGS, PAYMENTS, WORDS, amount, quantity, rate, tax_id


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (-5, "-0,05"),
        (100, "1,00"),
        (99_999, "999,99"),
        (100_000, "1\xa0000,00"),
        (-123_456_789, "-1\xa0234\xa0567,89"),
    ],
)
def test_amounts(minor, text):
    assert amount(minor) == text


@pytest.mark.parametrize(
    ("thousandths", "unit", "text"),
    [
        (1, "166", "0,001\xa0кг"),
        (1_000, "796", "1\xa0шт"),
        (1_234, "166", "1,234\xa0кг"),
        (2_500, "112", "2,5\xa0л"),
        (10_000, "", "10"),
        (1_010, "no such unit", "1,01"),
    ],
)
def test_quantities(thousandths, unit, text):
    assert quantity(thousandths, unit) == text


@pytest.mark.parametrize(
    ("thousandths", "text"),
    [(0, "0\xa0%"), (16_000, "16\xa0%"), (5_500, "5,5\xa0%"), (100_000, "100\xa0%")],
)
def test_rates(thousandths, text):
    assert rate(thousandths) == text


@pytest.mark.parametrize(
    ("country", "number", "text"),
    [
        (Country.KZ, "180340008217", "БИН 180340008217"),
        (Country.KZ, "850417400215", "ИИН 850417400215"),
        (Country.KZ, "1", "БИН 1"),
        (Country.RU, "7707083893", "ИНН 7707083893"),
    ],
)
def test_numbers_of_taxpayers(country, number, text):
    assert tax_id(country, number) == text


def test_there_is_a_word_for_everything():
    assert set(WORDS) == set(Country)
    assert all(set(words.operations) == set(Operation) for words in WORDS.values())
    assert set(PAYMENTS) == set(PaymentKind)
    assert set(MEANINGS) == set(DocumentState)
