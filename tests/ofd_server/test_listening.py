"""Addresses, and what is wrong with them. Certificates are tried with a whole server."""

import errno
import socket

import pytest

from ofd_server.listening import AddressUnavailable, bind, is_loopback, unavailable


def test_a_free_port_is_bound_and_off_is_none():
    assert bind("http", "off") is None
    bound = bind("http", "127.0.0.1:0")
    assert bound is not None
    with bound:
        port = bound.getsockname()[1]
        with pytest.raises(AddressUnavailable, match=f"native: 127.0.0.1:{port} cannot be listened on: .*in use"):
            bind("native", f"127.0.0.1:{port}")


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
