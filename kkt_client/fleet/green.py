"""The connection of one register under gevent: two greenlets, no thread and no asyncio.

The rule: the register (:class:`kkt_client.fleet.register.FleetRegister`) says what to write, when to connect and when
to wake it; this shell does so. One greenlet drives it, another reads what comes, and both run only while the register's
methods do not, so nothing needs a lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from time import monotonic
from typing import Any, Final

import gevent  # type: ignore[import-untyped]  # it comes without types
from gevent import socket
from gevent.event import Event  # type: ignore[import-untyped]

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import Answer, Blocked, Refused, Request, TryLater
from fiscal.session.limits import SessionLimits
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.register import FleetRegister, Wish
from kkt_client.fleet.wires import NativeWire, lost
from kkt_client.ports import cause_of_connecting

CONNECT_LIMIT_S: Final = 5.0
"""How long a register tries to reach a host that does not answer: as long as a cashier waits for a sale."""
READ_MAX: Final = 64 * 1024
"""Bytes of one read; an answer has a few hundred."""
_CLOSED: Final = Cause(Said.CONNECTION_LOST, "the operator closed the connection")


class GreenLine:
    """One register's way to its operator. :meth:`start`, :meth:`ring` when the register has news, :meth:`stop`."""

    def __init__(self, host: str, port: int, register: FleetRegister) -> None:
        self._address = host, port
        self._register = register
        self._bell = Event()
        self._came: deque[bytes] = deque()
        self._socket: Any = None
        self._driver: Any = None
        self._reader: Any = None

    def start(self) -> None:
        """Drive the register, which has begun."""
        self._driver = gevent.spawn(self._drive)

    def ring(self) -> None:
        """The register's next moment has moved."""
        self._bell.set()

    def stop(self) -> None:
        """End the connection and drive no more."""
        if self._driver is not None:
            self._driver.kill()
        self._disconnect()

    def _drive(self) -> None:
        register = self._register
        while True:
            now = monotonic()
            wish = register.take_wish()
            if wish is Wish.CONNECT:
                self._connect()
            elif wish is Wish.DISCONNECT:
                self._disconnect()
            elif self._came:
                self._take(self._came.popleft(), now)
            elif register.wake_at <= now:
                self._write(register.wake(now))
                gevent.sleep(0)  # others come to their turn, whatever the register wants next
            else:
                self._bell.clear()
                self._bell.wait(None if register.wake_at == inf else register.wake_at - now)

    def _take(self, data: bytes, now: float) -> None:
        if data:
            self._write(self._register.received(data, now))
        else:
            self._lose()

    def _connect(self) -> None:
        register = self._register
        try:
            self._socket = connect(*self._address)
        except Setback as setback:
            register.not_connected(setback.cause, monotonic())
            return
        self._came.clear()
        self._reader = gevent.spawn(self._read, self._socket)
        self._write(register.connected(monotonic()))

    def _disconnect(self) -> None:
        if self._reader is not None:
            self._reader.kill()
            self._reader = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._came.clear()

    def _lose(self) -> None:
        self._disconnect()
        self._register.lost(_CLOSED, monotonic())

    def _write(self, data: bytes) -> None:
        if not data:
            return
        try:
            self._socket.sendall(data)
        except OSError:
            self._lose()

    def _read(self, connection: Any) -> None:
        while True:
            try:
                data: bytes = connection.recv(READ_MAX)
            except OSError:
                data = b""
            self._came.append(data)
            self._bell.set()
            if not data:
                return


def connect(host: str, port: int) -> Any:
    """A connection; :class:`Setback` when there is none to be had."""
    try:
        connection = socket.create_connection((host, port), CONNECT_LIMIT_S)
    except OSError as error:
        cause = cause_of_connecting(error, f"{host}:{port}: {error.strerror or error}")
        raise Setback(Kind.SHUT, AutonomousReason.NO_CONNECTION, cause) from None
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(host: str, port: int, limits: SessionLimits, requests: Sequence[Request]) -> list[Answer]:
    """The answers to these requests, asked one after the other over a connection of their own.

    It ends with the first that is asked to come later, refused or blocked. :class:`Setback` when there is no answer.
    """
    connection = connect(host, port)
    try:
        wire = NativeWire(limits)
        wire.opened(monotonic())
        connection.settimeout(limits.answer_limit_s)
        answers: list[Answer] = []
        for request in requests:
            try:
                connection.sendall(wire.ask(request, monotonic()))
                answer = None
                while answer is None:
                    data = connection.recv(READ_MAX)
                    if not data:
                        raise lost(_CLOSED)
                    answer = wire.received(data, monotonic())
            except OSError as error:
                raise lost(Cause(Said.CONNECTION_LOST, f"{host}:{port}: {error}")) from None
            answers.append(answer)
            if isinstance(answer, TryLater | Refused | Blocked):
                break
        return answers
    finally:
        connection.close()


__all__ = ["GreenLine", "ask", "connect"]
