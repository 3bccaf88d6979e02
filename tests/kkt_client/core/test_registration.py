"""Who the register is, as bytes beside the memory."""

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
