from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.checksum import crc16_ccitt


def bit_by_bit(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def test_the_check_value_of_the_catalogue():
    assert crc16_ccitt(b"123456789") == 0x29B1


def test_nothing_leaves_the_start_value():
    assert crc16_ccitt(b"") == 0xFFFF


def test_a_real_registration_number():
    assert crc16_ccitt(b"000031631600390697233900000000307400007746") == 0xD9EB


@given(st.binary())
def test_it_is_the_division_by_the_polynomial(data: bytes):
    assert crc16_ccitt(data) == bit_by_bit(data)


@given(st.binary(min_size=1), st.data())
def test_one_changed_byte_always_shows(data: bytes, draw: st.DataObject):
    place = draw.draw(st.integers(0, len(data) - 1))
    other = draw.draw(st.integers(1, 255))
    changed = bytearray(data)
    changed[place] ^= other
    assert crc16_ccitt(bytes(changed)) != crc16_ccitt(data)
