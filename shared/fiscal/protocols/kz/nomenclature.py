"""The catalogue of goods that an operator hands out: a value, made from JSON, and the answers made of it.

The rule: a catalogue has one version, a number above 0. A register that has this version is told so; one that has an
older one, or none, gets everything; one that claims a newer one is told that there is no such version. By barcode
(2.0.3) it gets the goods with this barcode and nothing else.

The JSON::

    {"version": 3, "created": "2025-11-20T10:00:00Z",
     "groups": [{"id": 1, "title": "Хлеб", "title_kk": "Нан", "parent": null}],
     "items": [{"id": 10, "title": "Хлеб пшеничный", "title_kk": "Бидай наны", "group": 1, "barcode": "4870000000012",
                "article": "A-1", "sell_price": "250.00", "purchase_price": "180.00", "unit": "796",
                "measure_title": "шт", "vat": [12000], "ntin": "...", "is_marked": false, "is_social": true}]}
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

from msgspec import DecodeError, Meta, Struct, json

from fiscal.domain.limits import CODE_MAX, NAME_MAX, NUMBER_MAX
from fiscal.domain.money import THOUSANDTHS, parse_minor
from fiscal.domain.register import Taxation
from fiscal.errors import ConfigurationError
from fiscal.protocols.kz.codes import NomenclatureElementType, NomenclatureResult, ResultCode, TaxType
from fiscal.protocols.kz.service_block import TAXATIONS
from fiscal.protocols.kz.writing import Fields, date_time_fields, money_fields
from fiscal.time import from_datetime

CATALOGUE_SIZE_MAX: Final = 64 * 1024 * 1024
"""Bytes of a catalogue in a file: the goods of the largest chain, some two hundred thousand, take half of it."""
_V203: Final = 203

_Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
_Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
_Code = Annotated[str, Meta(min_length=1, max_length=CODE_MAX)]
_Rate = Annotated[int, Meta(ge=0, le=100_000)]
_Price = Annotated[str, Meta(pattern=r"^[0-9]{1,13}(\.[0-9]{1,2})?$")]


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder of goods; ``parent`` is the folder that it lies in."""

    id: _Id
    title: _Name
    title_kk: _Name | None = None
    parent: _Id | None = None


class Goods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of goods; ``unit`` is an ESF unit code, ``vat`` the rates in thousandths of a percent."""

    id: _Id
    title: _Name
    title_kk: _Name | None = None
    group: _Id | None = None
    article: _Code | None = None
    barcode: _Code | None = None
    description: _Name | None = None
    purchase_price: _Price = "0.00"
    sell_price: _Price = "0.00"
    vat: tuple[_Rate, ...] = ()
    measure_title: _Code = "шт"
    unit: _Code = "796"
    is_fractional: bool = False
    ntin: _Code | None = None
    is_marked: bool = False
    is_social: bool = False


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is sold, in one version."""

    version: Annotated[int, Meta(ge=1, le=NUMBER_MAX)]
    created: Annotated[datetime, Meta(tz=True)]
    groups: tuple[Group, ...] = ()
    items: tuple[Goods, ...] = ()

    def with_barcode(self, barcode: str) -> tuple[Goods, ...]:
        """The goods with this barcode."""
        return tuple(goods for goods in self.items if goods.barcode == barcode)


def parse_catalogue(text: str | bytes) -> Catalogue:
    """The catalogue in this JSON; :class:`ConfigurationError` with the path of what is wrong."""
    try:
        catalogue = json.decode(text, type=Catalogue)
    except DecodeError as error:
        raise ConfigurationError(f"the catalogue cannot be read: {error}") from None
    ids = [*(group.id for group in catalogue.groups), *(goods.id for goods in catalogue.items)]
    if len(set(ids)) != len(ids):
        raise ConfigurationError("the catalogue cannot be read: an id stands twice")
    groups = {group.id for group in catalogue.groups}
    named = {group.parent for group in catalogue.groups} | {goods.group for goods in catalogue.items}
    unknown = sorted(parent for parent in named - groups if parent is not None)
    if unknown:
        raise ConfigurationError(f"the catalogue cannot be read: there is no group {unknown[0]}")
    return catalogue


SMALL: Final = Catalogue(
    version=1,
    created=datetime(2025, 11, 20, tzinfo=UTC),
    groups=(
        Group(id=1, title="Продукты", title_kk="Азық-түлік"),
        Group(id=2, title="Хлеб", title_kk="Нан", parent=1),
        Group(id=3, title="Табак", title_kk="Темекі"),
    ),
    items=(
        Goods(
            id=11,
            title="Хлеб пшеничный",
            title_kk="Бидай наны",
            group=2,
            article="ХЛ-1",
            barcode="4870000000012",
            purchase_price="180.00",
            sell_price="250.00",
            vat=(12_000,),
            is_social=True,
        ),
        Goods(
            id=12,
            title="Яблоки",
            title_kk="Алма",
            group=1,
            article="ЯБ-1",
            barcode="4870000000029",
            purchase_price="400.00",
            sell_price="650.00",
            vat=(12_000,),
            measure_title="кг",
            unit="166",
            is_fractional=True,
            ntin="0200000000001",
        ),
        Goods(
            id=13,
            title="Сигареты",
            title_kk="Темекі",
            group=3,
            article="СГ-1",
            barcode="4870000000036",
            purchase_price="700.00",
            sell_price="900.00",
            vat=(12_000,),
            is_marked=True,
        ),
    ),
)
"""What there is without a file: enough to look something up."""


class Found(NamedTuple):
    """The answer to a NOMENCLATURE request: ``code`` of the whole response, and its nomenclature block."""

    code: ResultCode
    fields: Fields


def nomenclature_of(
    catalogue: Catalogue, request: Any, version: int, zone: str, taxation: Taxation = Taxation.GENERAL
) -> Found:
    """What a NomenclatureRequest is answered; ``version`` is that of the header. Raises nothing.

    In 2.0.3 a request may name a barcode, and one that names neither that nor a version is answered with everything.
    """
    result, chosen = NomenclatureResult.OK, catalogue.items
    groups = catalogue.groups
    code = ResultCode.OK
    if version >= _V203 and request.barcode:
        groups, chosen = (), catalogue.with_barcode(request.barcode)
        if not chosen:
            result = NomenclatureResult.ELEMENT_NOT_FOUND_BY_BARCODE
            code = ResultCode.ELEMENT_NOT_FOUND_BY_BARCODE
    elif request.current_version >= catalogue.version:
        groups, chosen = (), ()
        actual = request.current_version == catalogue.version
        result = NomenclatureResult.VERSION_IS_ACTUAL if actual else NomenclatureResult.NO_VERSION
    elements = [*(_group(group, version) for group in groups), *(_goods(goods, version, taxation) for goods in chosen)]
    fields: Fields = {
        "version": catalogue.version,
        "created_time": date_time_fields(from_datetime(catalogue.created), zone),
        "elements": elements,
        "result": int(result),
    }
    return Found(code, fields)


def _element(element: Group | Goods, kind: NomenclatureElementType, parent: int | None, version: int) -> Fields:
    fields: Fields = {"type": int(kind), "title": element.title, "id": element.id}
    if parent is not None:
        fields["parent_group_id"] = parent
    if version >= _V203 and element.title_kk is not None:
        fields["title_kk"] = element.title_kk
    return fields


def _group(group: Group, version: int) -> Fields:
    return _element(group, NomenclatureElementType.GROUP, group.parent, version)


def _goods(goods: Goods, version: int, taxation: Taxation) -> Fields:
    item: Fields = {
        "purchase_price": money_fields(parse_minor(goods.purchase_price)),
        "sell_price": money_fields(parse_minor(goods.sell_price)),
        "taxes": [
            {"taxation_type": TAXATIONS[taxation], "tax_type": TaxType.VAT.value, "tax_percent": rate}
            for rate in goods.vat
        ],
        "measure_count": THOUSANDTHS,
        "measure_title": goods.measure_title,
        "measure_fractional": goods.is_fractional,
        "measure_unit_code": goods.unit,
    }
    texts = {"article": goods.article, "barcode": goods.barcode, "description": goods.description}
    if version >= _V203:
        texts["ntin"] = goods.ntin
        item |= {"is_markedeac": goods.is_marked, "is_social": goods.is_social}
    item |= {name: text for name, text in texts.items() if text is not None}
    return {**_element(goods, NomenclatureElementType.ITEM, goods.group, version), "item": item}
