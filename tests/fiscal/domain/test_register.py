"""Who a register is."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fiscal.domain.register import Country, RegisterProfile, Taxation, Taxpayer

LEAST: dict[str, Any] = {
    "taxpayer": {"name": "ТОО Береке", "tax_id": "123456789013"},
    "place": "Алматы, ул. Абая, 1",
    "rnm": "010100000013",
    "serial": "SWK0001",
}
validate = TypeAdapter(RegisterProfile).validate_python


def test_what_need_not_be_told():
    assert validate(LEAST) == RegisterProfile(
        taxpayer=Taxpayer(name="ТОО Береке", tax_id="123456789013", taxation=Taxation.GENERAL),
        place="Алматы, ул. Абая, 1",
        rnm="010100000013",
        serial="SWK0001",
        country=Country.KZ,
        zone="Asia/Almaty",
        fn_serial="",
    )


def test_everything_told():
    told = {**LEAST, "country": "RU", "zone": "Europe/Moscow", "fn_serial": "9999078900001341"}
    profile = validate(told)
    assert (profile.country, profile.zone, profile.fn_serial) == (
        Country.RU,
        "Europe/Moscow",
        "9999078900001341",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": ""},
        {"rnm": 10100000013},
        {"country": "US"},
        {"zone": "Nowhere/City"},
        {"zone": ""},
        {"fn_serial": "1" * 17},
        {"taxpayer": {"name": "ТОО"}},
        {"taxpayer": {"name": "ТОО", "tax_id": "1", "taxation": "none"}},
        {"taxpayer": {"name": "ТОО", "tax_id": "1", "colour": "red"}},
        {"colour": "red"},
    ],
)
def test_what_is_no_profile(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        validate({**LEAST, **wrong})


@pytest.mark.parametrize("missing", LEAST)
def test_what_must_be_told(missing: str):
    with pytest.raises(ValidationError):
        validate({name: value for name, value in LEAST.items() if name != missing})
