"""Where a register listens, and where it does not without a token."""

import socket
from contextlib import closing

import pytest

from fiscal.errors import ConfigurationError
from mock_ofd.kkt_service.listening import AddressUnavailable, address_of, bind


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "localhost"])
def test_the_loopback_needs_no_token(host):
    with closing(bind(host, 0)) as listening:
        found, _, port = address_of(listening).rpartition(":")
        assert int(port) > 0
        assert found.strip("[]") == listening.getsockname()[0]


def test_other_machines_need_one():
    for host in ("0.0.0.0", "::"):
        with pytest.raises(ConfigurationError, match="can be reached by other machines: set MOCK_KKT_API_TOKEN"):
            bind(host, 0)
    with closing(bind("0.0.0.0", 0, "long-enough")) as listening:
        assert address_of(listening).startswith("0.0.0.0:")


def test_a_token_that_can_be_guessed():
    with pytest.raises(ConfigurationError, match="at least 8 characters, has 7") as error:
        bind("127.0.0.1", 0, "s3cret7")
    assert "s3cret7" not in str(error.value)


def test_an_address_that_is_taken_or_is_none():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(AddressUnavailable, match="cannot be listened on: address already in use"),
    ):
        bind("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(AddressUnavailable, match="cannot be listened on"):
        bind("no-such-host.invalid", 0)


def test_an_address_of_the_newer_kind_stands_in_brackets():
    if not socket.has_ipv6:
        pytest.skip("there is no IPv6 here")
    try:
        listening = bind("::1", 0)
    except AddressUnavailable:
        pytest.skip("there is no IPv6 loopback here")
    with closing(listening):
        assert address_of(listening).startswith("[::1]:")
