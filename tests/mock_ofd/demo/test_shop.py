import pytest

from fiscal.domain.identifiers import check_bin, check_rnm_kz
from mock_ofd.demo.shop import (
    CASHIERS,
    GOODS,
    KILOGRAM,
    PIECE,
    PROFILES,
    TAXPAYER,
    barcode_of,
    ean13,
)


@pytest.mark.parametrize(
    ("digits", "whole"),
    [
        (
            "400638133393",
            "4006381333931",
        ),  # the example of the article "International Article Number"
        ("978014300723", "9780143007234"),  # an ISBN is an EAN-13
        ("000000000000", "0000000000000"),
    ],
)
def test_check_digit_of_a_barcode(digits, whole):
    assert ean13(digits) == whole


def test_barcodes_of_goods():
    by_unit = {good.unit: good for good in GOODS}
    assert barcode_of(by_unit[KILOGRAM], 1_234).startswith(f"22{by_unit[KILOGRAM].code:05d}01234")
    assert barcode_of(by_unit[PIECE], 1_000) == barcode_of(by_unit[PIECE], 2_000)
    assert len({barcode_of(good, 1_000) for good in GOODS}) == len({good.code for good in GOODS}) == len(GOODS)


def test_the_shop_and_its_registers_have_right_numbers():
    assert check_bin(TAXPAYER.tax_id) is None
    assert all(check_rnm_kz(profile.rnm) is None for profile in PROFILES.values())
    assert len({profile.rnm for profile in PROFILES.values()}) == len({p.serial for p in PROFILES.values()}) == 5
    assert CASHIERS.keys() == PROFILES.keys()
