"""The limits as a validator at the rim reads them: one figure inside and one outside each."""

from typing import Annotated, Any, get_args, get_origin

import pytest
from annotated_types import Ge
from msgspec import Meta
from pydantic import TypeAdapter, ValidationError

from fiscal.domain import limits
from fiscal.domain.money import MONEY_MAX, QUANTITY_MAX
from fiscal.time import INSTANT_MAX


@pytest.mark.parametrize(
    ("type_", "least", "most"),
    [
        (limits.Money, 0, MONEY_MAX),
        (limits.SignedMoney, -MONEY_MAX, MONEY_MAX),
        (limits.Quantity, 1, QUANTITY_MAX),
        (limits.Count, 0, 2**31 - 1),
        (limits.Number, 1, 2**31 - 1),
        (limits.Rate, 0, 100_000),
        (limits.AutonomousSign, 1, 2**31 - 1),
        (limits.InstantMs, 0, INSTANT_MAX),
    ],
)
def test_the_range_of_a_number(type_: Any, least: int, most: int):
    validate = TypeAdapter(type_).validate_python
    assert validate(least) == least
    assert validate(most) == most
    for wrong in (least - 1, most + 1, str(least), float(most), True, None, b"1"):
        with pytest.raises(ValidationError):
            validate(wrong)


@pytest.mark.parametrize(
    ("type_", "least", "most"),
    [
        (limits.Name, 1, 256),
        (limits.Code, 1, 64),
        (limits.MarkingCode, 1, 256),
        (limits.Email, 3, 254),
        (limits.RegisterId, 1, 64),
        (limits.Token, 1, 256),
    ],
)
def test_the_length_of_a_text(type_: Any, least: int, most: int):
    validate = TypeAdapter(type_).validate_python
    assert validate("ё" * least) == "ё" * least
    assert validate("ё" * most) == "ё" * most
    for wrong in ("ё" * (least - 1), "ё" * (most + 1), b"ascii", 12345, None, "\ud800" * least):
        with pytest.raises(ValidationError):
            validate(wrong)


@pytest.mark.parametrize(("type_", "size"), [(limits.DocumentId, 16), (limits.Digest, 32)])
def test_the_length_of_bytes(type_: Any, size: int):
    validate = TypeAdapter(type_).validate_python
    assert validate(bytes(size)) == bytes(size)
    for wrong in (bytes(size - 1), bytes(size + 1), "x" * size, None):
        with pytest.raises(ValidationError):
            validate(wrong)


def test_a_flag_is_no_number():
    validate = TypeAdapter(limits.Flag).validate_python
    assert validate(True) is True
    for wrong in (1, 0, "true", None):
        with pytest.raises(ValidationError):
            validate(wrong)


def test_the_mark_alone_forbids_conversions():
    assert TypeAdapter(Annotated[int, Ge(0)]).validate_python("5") == 5
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[int, Ge(0), limits.STRICT]).validate_python("5")


@pytest.mark.parametrize("name", [name for name in vars(limits) if get_origin(getattr(limits, name)) is Annotated])
def test_both_validators_are_told_the_same(name: str):
    _, *marks = get_args(getattr(limits, name))
    told = {key: value for mark in marks for key, value in vars_of(mark).items()}
    (meta,) = (mark for mark in marks if isinstance(mark, Meta)) if told else (Meta(),)
    assert vars_of_meta(meta) == told


def vars_of(mark: Any) -> dict[str, int]:
    """What a mark of annotated_types bounds."""
    names = ("ge", "le", "min_length", "max_length")
    return {} if isinstance(mark, Meta) else {name: getattr(mark, name) for name in names if hasattr(mark, name)}


def vars_of_meta(meta: Meta) -> dict[str, int]:
    names = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")
    return {name: value for name in names if (value := getattr(meta, name)) is not None}


def test_counts_of_parts():
    assert (limits.ITEMS_MAX, limits.PAYMENTS_MAX, limits.TAXES_MAX, limits.SECTIONS_MAX) == (500, 6, 8, 100)
