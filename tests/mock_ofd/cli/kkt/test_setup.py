import tomllib

import pytest

from fiscal.domain.receipt import Cashier
from fiscal.domain.register import Country, Taxation
from fiscal.errors import ConfigurationError, InvalidValue, StorageError
from kkt_client.app import SAMPLE_PROFILE
from kkt_client.config import RegisterSettings
from mock_ofd.cli.kkt.setup import (
    KEPT,
    GivenProfile,
    Setup,
    SetupFile,
    as_toml,
    doubts,
    keep,
    read_kept,
    read_setup,
)

FILE = """
operator = "native://ofd.example:7790?id=till-1&token=s3cret"
operator_name = "Транстелеком"
operator_phone = "1702"
qr_base_url = "https://ofd.example/r"
answer_limit_s = 4.5
sale_budget_s = 4
retry_in_sale_s = 0.5

[cashier]
code = 7
name = "Айгуль"

[profile]
taxpayer = "ТОО «Береке»"
tax_id = "180340008219"
taxation = "simplified"
place = "г. Астана"
rnm = "010102345678"
serial = "SWK1"
country = "KZ"
zone = "Asia/Aqtau"
"""

KNOWN = Setup(
    operator="native://ofd.example:7790",
    operator_name="Транстелеком",
    operator_phone="1702",
    cashier=Cashier(code=7, name='"Айгуль"\\\n\x7f'),
    answer_limit_s=4.5,
)


def test_a_file_says_all_that_may_be_said(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text(FILE, encoding="utf-8")

    read = read_setup(path)

    assert read.settings() == RegisterSettings(
        answer_limit_s=4.5,
        sale_budget_s=4.0,
        retry_in_sale_s=0.5,
        qr_base_url="https://ofd.example/r",
        operator_name="Транстелеком",
        operator_phone="1702",
        cashier=Cashier(code=7, name="Айгуль"),
    )
    profile = read.profile.over(SAMPLE_PROFILE)
    assert (profile.taxpayer.name, profile.taxpayer.taxation) == ("ТОО «Береке»", Taxation.SIMPLIFIED)
    assert (profile.zone, profile.rnm, profile.serial) == ("Asia/Aqtau", "010102345678", "SWK1")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("operator = ", "shop.toml: "),
        ("operator = 5", "shop.toml: operator: must be text"),
        ('colour = "red"', "shop.toml: colour: is no field"),
        ("answer_limit_s = 0", "shop.toml: answer_limit_s: "),
        ("answer_limit_s = nan", "shop.toml: answer_limit_s: "),
        ("answer_limit_s = true", "shop.toml: answer_limit_s: "),
        ("sale_budget_s = 3601", "shop.toml: sale_budget_s: "),
        ('[cashier]\ncode = "7"\nname = "x"', "shop.toml: cashier.code: must be an integer"),
        ('[profile]\nwho = "x"', "shop.toml: profile.who: is no field"),
        ('[profile]\ncountry = "US"', "shop.toml: profile.country: must be one of 'KZ'"),
        ("x = " + "[" * 20_000, "shop.toml: "),
        ("# " + "x" * 65_536, "is larger than 65,536 bytes"),
    ],
)
def test_a_wrong_file_is_named_with_its_setting_and_its_rule(tmp_path, text, rule):
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_setup(path)
    assert rule in str(caught.value)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"shop\.toml"):
        read_setup(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match=r"shop\.toml: No such file"):
        read_setup(tmp_path / "shop.toml")


def test_what_is_kept_is_read_again(tmp_path):
    keep(tmp_path, KNOWN)
    assert read_kept(tmp_path) == SetupFile().over(KNOWN).over(SetupFile())
    assert [path.name for path in tmp_path.iterdir()] == [KEPT]


def test_nothing_was_kept(tmp_path):
    assert read_kept(tmp_path) == Setup()


def test_a_token_is_never_kept_in_the_file():
    text = as_toml(Setup(operator="native://ofd.example:7790?id=till-1&token=s3cret"))
    assert "s3cret" not in text
    assert tomllib.loads(text) == {"operator": "native://ofd.example:7790"}


def test_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(StorageError, match=rf"{KEPT}: No such file"):
        keep(tmp_path / "gone", KNOWN)


def test_what_is_said_goes_before_what_is_known():
    said = Setup(operator_phone="2106", retry_in_sale_s=1.5).over(KNOWN)
    assert (said.operator, said.operator_phone, said.retry_in_sale_s) == ("native://ofd.example:7790", "2106", 1.5)


def test_particulars_are_changed_one_by_one():
    changed = GivenProfile(tax_id="970114300123", place="г. Шымкент").over(SAMPLE_PROFILE)
    assert changed.taxpayer.tax_id == "970114300123"
    assert changed.taxpayer.name == SAMPLE_PROFILE.taxpayer.name
    assert (changed.place, changed.rnm) == ("г. Шымкент", SAMPLE_PROFILE.rnm)
    assert not GivenProfile().is_told
    assert GivenProfile(place="г. Шымкент").is_told


@pytest.mark.parametrize(
    ("given", "zone"),
    [
        (GivenProfile(country=Country.RU), "Europe/Moscow"),
        (GivenProfile(country=Country.RU, zone="Asia/Omsk"), "Asia/Omsk"),
        (GivenProfile(country=Country.KZ), "Asia/Almaty"),
    ],
)
def test_a_country_brings_its_time_zone(given, zone):
    assert given.over(SAMPLE_PROFILE).zone == zone


def test_a_zone_that_does_not_exist():
    with pytest.raises(InvalidValue, match="zone: 'Asia/Nowhere'"):
        GivenProfile(zone="Asia/Nowhere").over(SAMPLE_PROFILE)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, []),
        ({"tax_id": "180340008218"}, ["tax_id"]),
        ({"tax_id": "x", "rnm": "1"}, ["tax_id", "rnm"]),
        ({"country": Country.RU}, ["tax_id"]),
        ({"country": Country.RU, "tax_id": "7707083893"}, []),
    ],
)
def test_numbers_that_look_wrong_are_worth_a_warning(given, fields):
    profile = GivenProfile(**given).over(SAMPLE_PROFILE)
    assert [doubt.partition(":")[0] for doubt in doubts(profile)] == fields
