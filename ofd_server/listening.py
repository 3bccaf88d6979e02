"""Addresses: listening sockets and their certificates, and why there are none."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address
from pathlib import Path

from fiscal.errors import ConfigurationError, FiscalError
from ofd_server.config import OFF, ServerSettings, parse_address


class AddressUnavailable(FiscalError):
    """An address cannot be listened on: in use, not of this machine, or not allowed."""


def bind(name: str, address: str, *, together: bool = False) -> socket.socket | None:
    """A listening socket, ``None`` for ``off``; :class:`AddressUnavailable` says why there is none.

    ``together``: other processes of this account listen there as well, and the kernel spreads connections among them.
    """
    if address == OFF:
        return None
    try:
        family, resolved = _resolved(address)
        return socket.create_server(resolved, family=family, reuse_port=together)
    except OSError as error:
        raise unavailable(name, address, error) from error


def reserve(name: str, address: str) -> socket.socket | None:
    """An address for processes that listen there together: taken by us, and listened on by none yet.

    ``None`` for ``off``; :class:`AddressUnavailable` when somebody else listens there, of whatever account.
    """
    if address == OFF:
        return None
    try:
        family, resolved = _resolved(address)
        socket.create_server(resolved, family=family).close()  # those who listen together would let us join them
        taken = socket.socket(family, socket.SOCK_STREAM)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            taken.bind(resolved)
        except BaseException:
            taken.close()
            raise
    except OSError as error:
        raise unavailable(name, address, error) from error
    return taken


def _resolved(address: str) -> tuple[int, tuple[str, int]]:
    host, port = parse_address(address)
    family, _, _, _, resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return family, (str(resolved[0]), int(resolved[1]))


def unavailable(name: str, address: str, error: OSError) -> AddressUnavailable:
    """What the system said of this address."""
    reason = error.strerror or str(error)
    return AddressUnavailable(f"{name}: {address} cannot be listened on: {reason[:1].lower()}{reason[1:]}")


def tls_of(settings: ServerSettings, name: str) -> ssl.SSLContext | None:
    """The certificate of a listener, ``None`` without one; :class:`ConfigurationError` when its files are not right."""
    cert: Path | None = getattr(settings, f"{name}_tls_cert")
    key: Path | None = getattr(settings, f"{name}_tls_key")
    if cert is None or key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{name}_tls_cert, {name}_tls_key: {error}") from error
    return context


def is_loopback(address: str) -> bool:
    """Whether only this machine can connect there."""
    host, _ = parse_address(address)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
