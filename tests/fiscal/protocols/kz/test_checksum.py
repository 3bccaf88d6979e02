"""The checksum, computed once more by hand."""

from zlib import crc32

import pytest

from fiscal.protocols.kz.checksum import checksum_of, has_right_checksum
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203

FRESH = bytes.fromhex("0a110a0708e70f100b18141206080e1007180810016a040800100072080a040800100010" + "00")
"""The report of the real answer in real-info-reply-202: shift 1, nothing sold."""
EMPTY_CHECKSUM = b"\x92\x01\x00"
"""Field 18, a text without a letter."""


@pytest.fixture(params=[v202, v203], ids=["2.0.2", "2.0.3"])
def report(request):
    return request.param.ZXReport.FromString(FRESH)


def test_an_empty_text_is_under_the_checksum(report):
    expected = f"{crc32(FRESH + EMPTY_CHECKSUM):08X}"
    assert checksum_of(report) == expected
    assert len(expected) == 8


def test_its_own_field_does_not_matter(report):
    without = checksum_of(report)
    report.checksum = "DEADBEEF"
    assert checksum_of(report) == without
    assert report.checksum == "DEADBEEF"


def test_eight_digits_always(report):
    checksums = set()
    for shift in range(1, 2_000):
        report.shift_number = shift
        checksums.add(checksum_of(report))
    assert any(checksum.startswith("0") for checksum in checksums)
    assert all(len(checksum) == 8 and checksum == checksum.upper() for checksum in checksums)


def test_right_and_wrong(report):
    assert not has_right_checksum(report)
    report.checksum = checksum_of(report)
    assert has_right_checksum(report)
    report.checksum = report.checksum.lower()
    assert has_right_checksum(report)
    report.shift_number += 1
    assert not has_right_checksum(report)
