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


def bind(name: str, address: str) -> socket.socket | None:
    """A listening socket, ``None`` for ``off``; :class:`AddressUnavailable` says why there is none."""
    if address == OFF:
        return None
    host, port = parse_address(address)
    try:
        family, _, _, _, resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(resolved[:2], family=family)
    except OSError as error:
        raise unavailable(name, address, error) from error


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
