"""An address says where a database is, and never by which password."""

import pytest

from fiscal.errors import ConfigurationError
from ofd_server.storage.addresses import Address


@pytest.mark.parametrize(
    ("dsn", "text", "user"),
    [
        ("postgresql://kassa:geheim@db:5433/ledger", "postgresql://kassa@db:5433/ledger", "kassa"),
        ("postgres://kassa@db/ledger?password=geheim", "postgres://kassa@db/ledger", "kassa"),
        ("postgresql://k%40:geheim@[::1]:5433/l", "postgresql://k%40@[::1]:5433/l", "k@"),
        ("postgresql://kassa:geh@eim@db/l", "postgresql://kassa@db/l", "kassa"),
        ("postgresql://a:geheim@one:1,two:2/l", "postgresql://a@one:1,two:2/l", "a"),
        ("postgresql:///l?host=/run/pg&user=kassa&password=geheim", "postgresql:///run/pg/l", "kassa"),
        ("postgresql://", "postgresql://", ""),
    ],
)
def test_an_address_is_told_without_its_password(dsn: str, text: str, user: str):
    address = Address(dsn)
    assert (str(address), address.user) == (text, user)
    assert "geheim" not in str(address)


@pytest.mark.parametrize(
    "dsn",
    [
        "mysql://kassa:geheim@db/ledger",
        "db/ledger",
        "",
        "postgresql://kassa:geheim@db:abc/ledger",
        "postgresql://kassa:geheim/@db/ledger",
        "postgresql://kassa:geheim#@db/ledger",
        "postgresql://kassa:geheim@[::1/ledger",
        "postgresql://kassa:geheim@one:1,two:x/ledger",
    ],
)
def test_what_is_no_address_is_refused_without_being_quoted(dsn: str):
    with pytest.raises(
        ConfigurationError, match="storage: must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    ) as it:
        Address(dsn)
    assert "geheim" not in str(it.value)
