"""Addresses, and what is wrong with them. Certificates are tried with a whole server."""

import errno
import socket
import sys

import pytest

from ofd_server.listening import AddressUnavailable, bind, is_loopback, reserve, unavailable


def test_a_free_port_is_bound_and_off_is_none():
    assert bind("http", "off") is None
    bound = bind("http", "127.0.0.1:0")
    assert bound is not None
    with bound:
        port = bound.getsockname()[1]
        with pytest.raises(AddressUnavailable, match=f"native: 127.0.0.1:{port} cannot be listened on: .*in use"):
            bind("native", f"127.0.0.1:{port}")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among listeners")
def test_an_address_is_reserved_for_those_who_listen_together():
    assert reserve("http", "off") is None
    taken = reserve("http", "127.0.0.1:0")
    assert taken is not None
    with taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectionRefusedError):  # nobody listens yet
            socket.create_connection(taken.getsockname(), timeout=5)
        first, second = (bind("http", address, together=True) for _ in range(2))
        assert first is not None
        assert second is not None
        with first, second:
            socket.create_connection(taken.getsockname(), timeout=5).close()
            with pytest.raises(AddressUnavailable, match="in use"):
                bind("http", address)
            with pytest.raises(AddressUnavailable, match="in use"):  # of another operator, whose processes would join
                reserve("http", address)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among listeners")
def test_an_address_that_is_taken_or_is_none_is_not_reserved():
    with socket.create_server(("127.0.0.1", 0)) as there, pytest.raises(AddressUnavailable, match=r"kz: .* in use"):
        reserve("kz", f"127.0.0.1:{there.getsockname()[1]}")
    with pytest.raises(AddressUnavailable, match=r"http: 192\.0\.2\.1:1 cannot be listened on"):
        reserve("http", "192.0.2.1:1")


@pytest.mark.skipif(sys.platform != "linux" or not socket.has_ipv6, reason="needs IPv6")
def test_an_address_of_ipv6_is_reserved():
    try:
        taken = reserve("http", "[::1]:0")
    except AddressUnavailable as error:
        pytest.skip(str(error))
    assert taken is not None
    with taken:
        listening = bind("http", f"[::1]:{taken.getsockname()[1]}", together=True)
        assert listening is not None
        listening.close()


def test_what_the_system_said_is_part_of_a_sentence():
    told = unavailable("kz", "127.0.0.1:80", PermissionError(errno.EACCES, "Permission denied"))
    assert str(told) == "kz: 127.0.0.1:80 cannot be listened on: permission denied"
    assert "nothing to say" in str(unavailable("kz", "x:1", socket.gaierror("nothing to say")))


@pytest.mark.parametrize(
    ("address", "only_here"),
    [("127.0.0.1:1", True), ("127.3.0.1:1", True), ("[::1]:1", True), ("0.0.0.0:1", False), ("localhost:1", False)],
)
def test_whether_only_this_machine_can_connect(address, only_here):
    assert is_loopback(address) is only_here
