import pytest

from fiscal.rendering.forms import foot, head
from fiscal.rendering.sheet import Line, Pair
from tests.fiscal.rendering.samples import FORMS, KZ, RU


def test_the_head_names_the_seller_and_the_place():
    assert [row.text for row in head(FORMS["deposit"]) if isinstance(row, Line)] == [
        "ТОО «Алма Базар»",
        "БИН 180340008217",
        "г. Алматы, ул. Абая, 52, касса 1",
    ]


@pytest.mark.parametrize(
    ("profile", "operator", "labels"),
    [
        (KZ, None, ["РНМ", "ЗНМ"]),
        (KZ, "ОФД", ["РНМ", "ЗНМ", "ОФД"]),
        (RU, "", ["РН ККТ", "ЗН ККТ", "ФН"]),
    ],
)
def test_the_foot_names_the_register(profile, operator, labels):
    assert [row.left for row in foot(profile, operator) if isinstance(row, Pair)] == labels
