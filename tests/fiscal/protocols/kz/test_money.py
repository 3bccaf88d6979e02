"""Tenge beside tiyn, and thousandths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.money import MONEY_MAX, QUANTITY_MAX
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.kz.money import minor_of, put_minor, quantity_of
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203


@pytest.mark.parametrize(
    ("bills", "coins", "minor"),
    [
        (0, 0, 0),
        (0, 1, 1),
        (0, 99, 99),
        (1, 0, 100),
        (500, 0, 50_000),
        (53, 57, 5_357),
        (90071992547409, 91, MONEY_MAX),
    ],
)
@pytest.mark.parametrize("schema", [v202, v203], ids=["2.0.2", "2.0.3"])
def test_a_sum(bills, coins, minor, schema):
    message = schema.Money(bills=bills, coins=coins)
    assert minor_of(message, "sum") == minor
    written = schema.Money()
    put_minor(written, minor, "sum")
    assert written == message
    assert written.IsInitialized()


@pytest.mark.parametrize(
    ("bills", "coins", "field", "rule"),
    [
        (1, 100, "ticket.amounts.total.coins", "must be 0 to 99, is 100"),
        (0, 2**32 - 1, "ticket.amounts.total.coins", "must be 0 to 99, is 4294967295"),
        (90071992547409, 92, "ticket.amounts.total", "must be 0 to 90071992547409.91, is 90071992547409.92"),
        (2**63 - 1, 0, "ticket.amounts.total", "must be 0 to 90071992547409.91, is 9223372036854775807.00"),
    ],
)
def test_no_sum(bills, coins, field, rule):
    with pytest.raises(RemoteProtocolError) as caught:
        minor_of(v203.Money(bills=bills, coins=coins), "ticket.amounts.total")
    assert (caught.value.code, caught.value.field, caught.value.text) == ("bad_request", field, rule)


@pytest.mark.parametrize("minor", [-1, MONEY_MAX + 1])
def test_what_the_wire_cannot_say(minor):
    message = v203.Money()
    with pytest.raises(InvalidValue) as caught:
        put_minor(message, minor, "ticket.amounts.total")
    assert caught.value.field == "ticket.amounts.total"
    assert not message.HasField("bills")


@given(st.integers(0, MONEY_MAX))
def test_there_and_back(minor):
    message = v203.Money()
    put_minor(message, minor, "sum")
    assert minor_of(message, "sum") == minor


@pytest.mark.parametrize("thousandths", [1, 2_500, QUANTITY_MAX])
def test_a_quantity(thousandths):
    assert quantity_of(thousandths, "quantity") == thousandths


@pytest.mark.parametrize("thousandths", [0, QUANTITY_MAX + 1, 2**63 - 1])
def test_no_quantity(thousandths):
    with pytest.raises(RemoteProtocolError) as caught:
        quantity_of(thousandths, "ticket.items[0].commodity.quantity")
    assert caught.value.field == "ticket.items[0].commodity.quantity"
    assert str(thousandths) in caught.value.text
