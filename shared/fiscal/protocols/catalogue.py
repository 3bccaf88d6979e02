"""The protocols that this software speaks over a byte stream: the only place that knows them all."""

from __future__ import annotations

from typing import Final

from fiscal.errors import ConfigurationError
from fiscal.protocols.base import AnyProtocol
from fiscal.protocols.native.codec import NATIVE

PROTOCOLS: Final[tuple[AnyProtocol, ...]] = (NATIVE,)


def protocol_named(name: str) -> AnyProtocol:
    """The protocol of this name; :class:`ConfigurationError` that lists those there are."""
    for protocol in PROTOCOLS:
        if protocol.name == name:
            return protocol
    known = ", ".join(protocol.name for protocol in PROTOCOLS)
    raise ConfigurationError(f"there is no protocol {name!r}: known are {known}")
