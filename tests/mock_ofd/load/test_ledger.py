"""The ledger as the verdict reads it, and what is said of one that cannot be read."""

import pytest

from fiscal.errors import ConfigurationError, FiscalError, StorageError
from kkt_client import CashRegister, Line
from mock_ofd.load.ledger import ledger_of
from mock_ofd.load.verdict import Kept
from ofd_server import OfdServer

BREAD = [Line(name="Хлеб", price=250_00)]


async def test_every_document_with_its_sign_in_the_order_of_the_ledger(tmp_path):
    signs = []
    async with OfdServer(data=str(tmp_path / "ledger")) as ofd:
        for name, count in (("till-1", 2), ("till-2", 1)):
            where = f"native://{ofd.native_address}"
            async with CashRegister.open(tmp_path / name, where, register_id=name, token="t") as till:
                signs += [(await till.sell(BREAD)).sign for _ in range(count)]
                await till.close_shift()

    found = list(ledger_of(tmp_path / "ledger", None))

    assert found == [
        Kept("till-1", 1, signs[0]),
        Kept("till-1", 2, signs[1]),
        Kept("till-1", 3, None),
        Kept("till-2", 1, signs[2]),
        Kept("till-2", 2, None),
    ]


@pytest.mark.parametrize(
    ("storage", "kind"),
    [
        (None, StorageError),
        ("postgresql://127.0.0.1:1/ledger", StorageError),
        ("postgresql://127.0.0.1:port/ledger", ConfigurationError),
    ],
)
def test_a_ledger_that_cannot_be_read_is_told(tmp_path, storage, kind):
    with pytest.raises(FiscalError) as found:
        list(ledger_of(tmp_path, storage))
    assert isinstance(found.value, kind)
