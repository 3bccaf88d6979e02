"""Signs: a bijection by construction, a check of the content, and what a QR code says."""

import hmac
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.domain.receipt import Operation
from fiscal.domain.signs import (
    AUTONOMOUS_EPOCH_MS,
    DEFAULT_KEY_ID,
    LAYOUT_10,
    LAYOUT_12,
    PUBLIC_KEY,
    Signer,
    SigningKey,
    SignLayout,
    digest_of,
    next_autonomous_sign,
    permute,
    qr_kz,
    qr_ru,
    unpermute,
)
from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.time import SECOND
from tests.documents import T0

SMALL = SignLayout(4, 1)
"""900 documents a register: all of them can be looked at."""
KEY = SigningKey("k1", b"secret")
LATER = SigningKey("k2", b"another secret")
DIGEST = digest_of(b"content")

layouts = st.sampled_from((SMALL, LAYOUT_10, LAYOUT_12, SignLayout(8, 4), SignLayout(3, 1)))


@pytest.mark.parametrize("layout", [SMALL, SignLayout(3, 1), SignLayout(5, 2)])
@pytest.mark.parametrize("register_id", ["kkm-1", "kkm-2", "касса"])
def test_the_permutation_is_a_bijection(layout: SignLayout, register_id: str):
    places = [permute(n, layout, KEY.secret, register_id) for n in range(layout.numbers)]
    assert sorted(places) == list(range(layout.numbers))
    assert [unpermute(p, layout, KEY.secret, register_id) for p in places] == list(range(layout.numbers))


@given(layouts, st.data(), st.binary(min_size=1, max_size=40), st.text(min_size=1, max_size=64))
def test_it_can_be_undone_whatever_the_layout_and_the_key(
    layout: SignLayout, data: st.DataObject, secret: bytes, register_id: str
):
    number = data.draw(st.integers(0, layout.numbers - 1))
    place = permute(number, layout, secret, register_id)
    assert 0 <= place < layout.numbers
    assert unpermute(place, layout, secret, register_id) == number


def test_neighbours_do_not_stay_neighbours():
    """Whoever holds one receipt cannot tell the sign of the next one by counting."""
    places = [permute(n, LAYOUT_12, KEY.secret, "kkm-1") for n in range(200)]
    steps = {after - before for before, after in pairwise(places)}
    assert len(steps) > 150
    other = [permute(n, LAYOUT_12, KEY.secret, "kkm-2") for n in range(200)]
    assert sum(a == b for a, b in zip(places, other, strict=True)) < 3


def test_all_signs_of_a_register_are_different_and_of_the_same_length():
    signer = Signer(KEY, SMALL)
    signs = [signer.sign("kkm-1", n, digest_of(b"%d" % n)) for n in range(1, SMALL.numbers)]
    assert len(set(signs)) == SMALL.numbers - 1
    assert {len(sign) for sign in signs} == {4}
    assert all(sign.isdigit() and sign[0] != "0" for sign in signs)


@pytest.mark.parametrize(("layout", "digits"), [(LAYOUT_12, 12), (LAYOUT_10, 10)])
@given(number=st.integers(1, LAYOUT_12.numbers - 1), content=st.binary(max_size=32))
def test_a_sign_is_genuine_for_its_own_document_only(layout: SignLayout, digits: int, number: int, content: bytes):
    signer = Signer(KEY, layout)
    digest = digest_of(content)
    sign = signer.sign("kkm-1", number, digest)
    assert len(sign) == digits
    assert signer.sign("kkm-1", number, digest) == sign
    assert signer.verify(sign, "kkm-1", number, digest, "k1")
    assert signer.numbers_of(sign, "kkm-1") == (number,)
    neighbour = number - 1 if number > 1 else 2
    assert not signer.verify(sign, "kkm-1", neighbour, digest, "k1")
    assert not signer.verify(sign[:-1], "kkm-1", number, digest, "k1")
    altered = str(int(sign[-1]) ^ 1)
    assert not signer.verify(sign[:-1] + altered, "kkm-1", number, digest, "k1")


def test_an_altered_document_does_not_match_its_sign():
    signer = Signer(KEY)
    sign = signer.sign("kkm-1", 1, DIGEST)
    passed = [n for n in range(2_000) if signer.verify(sign, "kkm-1", 1, digest_of(b"%d" % n), "k1")]
    assert len(passed) <= 3, "one in ten thousand passes by chance"


def test_signs_stay_what_they_are():
    """Printed receipts outlive every version of this software."""
    twelve = Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY))
    ten = Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY), LAYOUT_10)
    table = {1: "697337911184", 2: "432682932355", 89_999_999: "795455420610"}
    for number, sign in table.items():
        assert twelve.sign("kkm-1", number, DIGEST) == sign
    assert ten.sign("kkm-1", 1, DIGEST) == "6973379184"


@pytest.mark.parametrize("size", [1, 63, 64, 65, 200])
def test_the_check_digits_are_those_of_an_hmac(size: int):
    key = SigningKey("k1", bytes(range(size)))
    code = hmac.digest(key.secret, b"kkm-1\x007\x00" + DIGEST, "sha256")
    assert int(Signer(key).sign("kkm-1", 7, DIGEST)) % 10_000 == int.from_bytes(code[:8], "big") % 10_000


def test_a_key_can_be_rotated_and_old_signs_stay_genuine():
    before = Signer(KEY)
    old = before.sign("kkm-1", 1, DIGEST)
    after = Signer(LATER, earlier=(KEY,))
    new = after.sign("kkm-1", 2, DIGEST)
    assert after.key.id == "k2"
    assert after.verify(old, "kkm-1", 1, DIGEST, "k1")
    assert after.verify(new, "kkm-1", 2, DIGEST, "k2")
    assert not after.verify(old, "kkm-1", 1, DIGEST, "k2")
    assert 1 in after.numbers_of(old, "kkm-1")
    assert 2 in after.numbers_of(new, "kkm-1")
    assert len(after.numbers_of(old, "kkm-1")) <= 2
    assert not Signer(LATER).verify(old, "kkm-1", 1, DIGEST, "k1"), "nobody knows that key"


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890123", "012345678901", "12345678901a", "１２３４５６７８９０１２"]
)
def test_what_is_no_sign_stands_for_no_number(text: str):
    assert Signer(KEY).numbers_of(text, "kkm-1") == ()
    assert not Signer(KEY).verify(text, "kkm-1", 1, DIGEST, "k1")


@given(st.text(), st.integers(), st.text())
def test_whatever_somebody_asks_there_is_an_answer(sign: str, number: int, key_id: str):
    signer = Signer(KEY, SMALL)
    assert all(1 <= n < SMALL.numbers for n in signer.numbers_of(sign, "kkm-1"))
    assert signer.verify(sign, "kkm-1", number, DIGEST, key_id) is False
    assert signer.verify(sign, "kkm-1", number, DIGEST, "k1") is (
        0 < number < SMALL.numbers and signer.sign("kkm-1", number, DIGEST) == sign
    )


def test_no_sign_leads_to_the_number_0():
    signer = Signer(KEY, SMALL)
    numbers = [signer.numbers_of(str(sign), "kkm-1") for sign in range(1_000, 10_000, 10)]
    assert sorted(numbers) == [(), *((n,) for n in range(1, SMALL.numbers))]


@pytest.mark.parametrize(("number", "fits"), [(0, False), (1, True), (899, True), (900, False)])
def test_the_numbers_of_a_layout_can_be_used_up(number: int, fits: bool):
    signer = Signer(KEY, SMALL)
    if fits:
        assert signer.verify(signer.sign("kkm-1", number, DIGEST), "kkm-1", number, DIGEST, "k1")
    else:
        with pytest.raises(InvalidValue, match="899 documents"):
            signer.sign("kkm-1", number, DIGEST)
        assert not signer.verify("1234", "kkm-1", number, DIGEST, "k1")


@pytest.mark.parametrize(
    ("digits", "check_digits", "right"),
    [(4, 0, False), (4, -1, False), (4, 3, False), (4, 4, False), (4, 2, True), (3, 1, True)],
)
def test_layouts_that_cannot_be(digits: int, check_digits: int, right: bool):
    if right:
        assert Signer(KEY, SignLayout(digits, check_digits)).layout.digits == digits
    else:
        with pytest.raises(ConfigurationError, match="check digits"):
            Signer(KEY, SignLayout(digits, check_digits))


def test_a_secret_is_not_printed():
    assert "secret" not in repr(KEY)
    assert "k1" in repr(KEY)


# --------------------------------------------------------------------------------------------- autonomous signs


@pytest.mark.parametrize(
    ("last", "now", "sign"),
    [
        (0, AUTONOMOUS_EPOCH_MS, 1),
        (0, AUTONOMOUS_EPOCH_MS - 10**9, 1),
        (0, 0, 1),
        (0, AUTONOMOUS_EPOCH_MS + 2 * SECOND - 1, 1),
        (0, AUTONOMOUS_EPOCH_MS + 2 * SECOND, 2),
        (0, T0, 31_561_200),
        (31_561_200, T0, 31_561_201),
        (31_561_199, T0, 31_561_200),
        (40_000_000, T0, 40_000_001),
        (AUTONOMOUS_SIGN_MAX - 1, T0, AUTONOMOUS_SIGN_MAX),
        (0, AUTONOMOUS_EPOCH_MS + AUTONOMOUS_SIGN_MAX * SECOND, AUTONOMOUS_SIGN_MAX),
    ],
)
def test_the_next_autonomous_sign(last: int, now: int, sign: int):
    assert next_autonomous_sign(last, now) == sign


@pytest.mark.parametrize(
    ("last", "now"),
    [
        (AUTONOMOUS_SIGN_MAX, T0),
        (0, AUTONOMOUS_EPOCH_MS + (AUTONOMOUS_SIGN_MAX + 1) * SECOND),
    ],
)
def test_the_range_can_be_used_up(last: int, now: int):
    with pytest.raises(InvalidValue) as raised:
        next_autonomous_sign(last, now)
    assert raised.value.code == "sign_range_exhausted"


@given(st.lists(st.integers(0, 2 * T0), max_size=30))
@pytest.mark.requirement("S3-17")
def test_autonomous_signs_rise_whatever_the_clock_does(clock: list[int]):
    """S3-17: so none is ever used twice."""
    last = 0
    for now in clock:
        sign = next_autonomous_sign(last, now)
        assert last < sign <= AUTONOMOUS_SIGN_MAX
        last = sign


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_memory_that_lost_its_last_signs_does_not_use_them_again(last: int, later_s: int):
    """While the clock goes on faster than one autonomous receipt a second, which a restored backup cannot know."""
    issued = next_autonomous_sign(last, AUTONOMOUS_EPOCH_MS + (last + 1) * SECOND)
    restored = next_autonomous_sign(0, AUTONOMOUS_EPOCH_MS + (last + 1 + later_s) * SECOND)
    assert restored > issued


# ------------------------------------------------------------------------------------------------------ QR codes


def test_the_qr_code_of_kazakhstan():
    text = qr_kz("http://ofd/r", "697337911184", "010100000013", 123_450, T0, "Asia/Almaty")
    assert text == "http://ofd/r?i=697337911184&f=010100000013&s=1234.50&t=20260101T120000"


@pytest.mark.parametrize(
    ("operation", "n"),
    [
        (Operation.SELL, 1),
        (Operation.SELL_RETURN, 2),
        (Operation.BUY, 3),
        (Operation.BUY_RETURN, 4),
    ],
)
def test_the_qr_code_of_russia(operation: Operation, n: int):
    text = qr_ru("9999078900001341", 42, "1234567890", 5, T0, "Europe/Moscow", operation)
    assert text == f"t=20260101T100000&s=0.05&fn=9999078900001341&i=42&fp=1234567890&n={n}"
