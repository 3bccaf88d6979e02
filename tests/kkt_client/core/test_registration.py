"""Who the register is, as bytes beside the memory."""

from dataclasses import replace

import pytest

from fiscal.errors import StorageCorrupt
from kkt_client.core import registration
from tests.kkt_client.shop import WHOSE


def test_it_comes_back_as_it_was():
    assert registration.read(registration.write(WHOSE)) == WHOSE


@pytest.mark.parametrize("data", [b"", b"\xc1", registration.write(WHOSE)[:-1]])
def test_anything_else_is_damage(data):
    with pytest.raises(StorageCorrupt, match="registration is damaged"):
        registration.read(data)


def test_the_token_is_not_shown():
    assert "secret" not in repr(WHOSE)


@pytest.mark.parametrize(
    ("kept", "wanted", "known", "through"),
    [
        ("native", "native", 0, 0),
        ("native", "kz", 0, 0),
        ("kz", "kz", 3, 3),
        ("kz", "native", 3, 7),
        ("native", "http", 3, 3),
    ],
)
def test_what_went_over_a_protocol_in_other_words_is_remembered(kept, wanted, known, through):
    before = replace(WHOSE, protocol=kept, translated_through=known)
    after = registration.carried_over(before, replace(WHOSE, protocol=wanted), 7)
    assert after == replace(WHOSE, protocol=wanted, translated_through=through)
