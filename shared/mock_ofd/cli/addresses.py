"""Addresses as commands take them: HOST:PORT, or a URL whose scheme names the protocol."""

from __future__ import annotations

from fiscal.errors import ConfigurationError

PORT_MAX = 65_535


def host_and_port(text: str, field: str, scheme: str | None = None) -> tuple[str, int]:
    """The host and the port; with ``scheme`` it may stand before them. :class:`ConfigurationError` names the field."""
    rest = text
    if scheme is not None and rest.startswith(f"{scheme}://"):
        rest = rest.removeprefix(f"{scheme}://").partition("?")[0].rstrip("/")
    host, colon, port = rest.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or "/" in host or not (port.isascii() and port.isdigit()) or int(port) > PORT_MAX:
        raise ConfigurationError(f"{field}: must be HOST:PORT, is {text!r}")
    return host, int(port)
