"""Between a conversation and its socket: somebody who hears every byte, and changes none.

The rule: what comes is told before the conversation sees it, what goes when the conversation hands it to the socket. A
gateway without a listener does not load this file.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class Ear(Protocol):
    """Hears what passes over connections; ``opened`` gives what stands for one."""

    def opened(self, protocol: str, peer: str) -> object: ...
    def came(self, connection: object, data: bytes) -> None: ...
    def went(self, connection: object, data: bytes) -> None: ...
    def closed(self, connection: object) -> None: ...


class Overheard(asyncio.Protocol):
    """Stands in the place of a conversation, and passes everything on to it."""

    def __init__(self, inner: asyncio.Protocol, ear: Ear, protocol: str) -> None:
        self.inner = inner
        self._ear = ear
        self._protocol = protocol
        self._connection: object = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = self._ear.opened(self._protocol, str(transport.get_extra_info("peername")))
        self.inner.connection_made(cast("asyncio.Transport", _Transport(cast("asyncio.Transport", transport), self)))

    def data_received(self, data: bytes) -> None:
        self._ear.came(self._connection, data)
        self.inner.data_received(data)

    def went(self, data: bytes) -> None:
        """Bytes that the conversation writes."""
        self._ear.went(self._connection, data)

    def eof_received(self) -> bool | None:
        return self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.inner.connection_lost(exc)
        self._ear.closed(self._connection)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()


class _Transport:
    """The socket as the conversation sees it."""

    def __init__(self, transport: asyncio.Transport, overheard: Overheard) -> None:
        self._transport = transport
        self._overheard = overheard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._overheard.went(data)
        self._transport.write(data)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Another conversation takes over."""
        self._overheard.inner = cast("asyncio.Protocol", protocol)


def overhear_by(ear: Ear, protocol: str) -> Callable[[asyncio.Protocol], asyncio.Protocol]:
    """What a gateway of this protocol puts around its conversations."""
    return partial(Overheard, ear=ear, protocol=protocol)
