"""The catalogue: read from JSON, handed out by version and by barcode."""

import json
from typing import Any

import pytest

from fiscal.domain.register import Taxation
from fiscal.errors import ConfigurationError
from fiscal.protocols.kz.messages import parse_response, response_type, serialize
from fiscal.protocols.kz.nomenclature import SMALL, nomenclature_of, parse_catalogue
from tests.fiscal.protocols.kz.mapped import VERSIONS, ZONE, sent

PLAIN = {
    "version": 3,
    "created": "2025-11-20T10:00:00Z",
    "groups": [{"id": 1, "title": "Хлеб", "title_kk": "Нан"}],
    "items": [{"id": 10, "title": "Батон", "group": 1, "barcode": "1", "sell_price": "250.5", "vat": [12000]}],
}


def asked(version: int, catalogue=SMALL, **fields):
    request = sent(4, version, nomenclature=fields).nomenclature
    found = nomenclature_of(catalogue, request, version, ZONE, Taxation.SIMPLIFIED)
    made: dict[str, Any] = {"command": 4, "result": {"result_code": int(found.code)}, "nomenclature": found.fields}
    answer = parse_response(version, serialize(response_type(version)(**made)))
    return answer.result.result_code, answer.nomenclature


@pytest.mark.parametrize("version", VERSIONS)
def test_everything(version):
    code, answer = asked(version, current_version=0)
    assert (code, answer.result, answer.version) == (0, 0, SMALL.version)
    assert (answer.created_time.date.day, answer.created_time.time.hour) == (20, 5)
    assert [(element.type, element.id) for element in answer.elements] == [
        *((0, group.id) for group in SMALL.groups),
        *((1, goods.id) for goods in SMALL.items),
    ]
    apples = next(element for element in answer.elements if element.title == "Яблоки")
    assert apples.parent_group_id == 1
    assert apples.item.sell_price.bills == 650
    assert (apples.item.measure_unit_code, apples.item.measure_fractional) == ("166", True)
    (tax,) = apples.item.taxes
    assert (tax.taxation_type, tax.tax_type, tax.tax_percent) == (100, 100, 12_000)
    if version == 203:
        assert (apples.title_kk, apples.item.ntin, apples.item.is_social) == ("Алма", "0200000000001", False)


@pytest.mark.parametrize(("current", "result"), [(1, 1), (2, 2)])
def test_a_version_that_is_actual_or_none(current, result):
    code, answer = asked(203, current_version=current)
    assert (code, answer.result, len(answer.elements)) == (0, result, 0)


def test_an_older_version_gets_everything():
    assert len(asked(202, parse_catalogue(json.dumps(PLAIN)), current_version=2)[1].elements) == 2


def test_a_request_that_names_nothing_gets_everything():
    assert len(asked(203)[1].elements) == 6


def test_by_barcode():
    code, answer = asked(203, barcode="4870000000029")
    (element,) = answer.elements
    assert (code, answer.result, element.title, element.item.barcode) == (0, 0, "Яблоки", "4870000000029")


def test_a_barcode_that_nobody_has():
    code, answer = asked(203, barcode="5")
    assert (code, answer.result, len(answer.elements)) == (18, 3, 0)


def test_a_catalogue_from_json():
    catalogue = parse_catalogue(json.dumps(PLAIN))
    (goods,) = catalogue.items
    assert (catalogue.version, goods.sell_price, goods.purchase_price, goods.title_kk) == (3, "250.5", "0.00", None)
    assert asked(203, catalogue, barcode="1")[1].elements[0].item.sell_price.coins == 50
    assert catalogue.groups[0].parent is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"version": 0}, r"`\$\.version`"),
        ({"more": 1}, "unknown field `more`"),
        ({"created": "2025-11-20T10:00:00"}, r"`\$\.created`"),
        ({"items": [{"id": 1, "title": "a"}]}, "an id stands twice"),
        ({"items": [{"id": 2, "title": "a", "group": 9}]}, "there is no group 9"),
        ({"groups": [{"id": 1, "title": "a", "parent": 8}], "items": []}, "there is no group 8"),
        ({"items": [{"id": 2, "title": "a", "sell_price": "1.234"}]}, r"sell_price"),
        ({"items": [{"id": 2, "title": "a", "vat": [100_001]}]}, "vat"),
    ],
)
def test_a_catalogue_that_is_wrong(change, text):
    with pytest.raises(ConfigurationError, match=text):
        parse_catalogue(json.dumps({**PLAIN, **change}))


def test_no_json_at_all():
    with pytest.raises(ConfigurationError, match="cannot be read"):
        parse_catalogue(b"\xff")


def test_the_small_one_is_right():
    assert len(SMALL.items) == 3
    for goods in SMALL.items:
        digits = [int(digit) for digit in goods.barcode or ""]
        assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0
