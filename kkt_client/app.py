"""A register on this machine: the only file that names adapters.

``CashRegister.open(folder, operator="native://127.0.0.1:7790")`` joins the register with a SQLite memory in a folder, a
socket, the clocks and the chance of the machine.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Generator
from pathlib import Path
from random import SystemRandom
from types import TracebackType
from typing import Any, Final

from fiscal.domain.register import Country, RegisterProfile, Taxpayer
from fiscal.errors import ConfigurationError
from fiscal.time import Instant, Moment
from kkt_client.config import KZ_VERSION, KZ_VERSIONS, OperatorAddress, RegisterSettings, parse_address
from kkt_client.core.events import Event
from kkt_client.core.kz_book import device_id_of, is_token, token_of
from kkt_client.core.registration import Registration
from kkt_client.core.verifying import Verdict
from kkt_client.keeping import prove
from kkt_client.ports import Clock, Transport
from kkt_client.reading import MemoryReader
from kkt_client.register import Ports, Register
from kkt_client.storage.sqlite import SqliteFiscalMemory
from kkt_client.transports.http import HttpTransport
from kkt_client.transports.kz import KzTransport
from kkt_client.transports.tcp import TcpTransport

SAMPLE_PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Образец»", tax_id="180340008219"),
    place="г. Алматы, ул. Абая, 1",
    rnm="010620250300",
    serial="SWK00000001",
    country=Country.KZ,
)
"""Who a register is when nobody says: an invented shop, so that the first receipt needs no form to be filled in."""

_RANDOM_BITS: Final = 80


class SystemClock:
    """The clocks of the machine."""

    def now(self) -> Instant:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> Moment:
        return time.monotonic()


class SystemIds:
    """Ids made of the time and of chance: 48 bits of milliseconds, then 80 random ones, as in a UUID of version 7."""

    def fresh(self, now: Instant) -> bytes:
        body = (now << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        body = body & ~(0xF << 76) | (0x7 << 76)
        body = body & ~(0x3 << 62) | (0x2 << 62)
        return body.to_bytes(16, "big")


class FolderSpace:
    """Room on the disk of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def free(self) -> int:
        return shutil.disk_usage(self._folder).free


class CashRegister(Register):
    """A cash register with its memory in a folder. See :meth:`open`; everything else is in :class:`Register`."""

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        operator: str,
        *,
        register_id: str | None = None,
        token: str | None = None,
        profile: RegisterProfile | None = None,
        settings: RegisterSettings | None = None,
        on_event: Callable[[Event], None] | None = None,
        clock: Clock | None = None,
        page_count_max: int | None = None,
    ) -> Opening:
        """Join a register with the machine. Enter what comes back with ``async with``, or await it.

        ``operator`` is ``native://HOST:PORT``, ``http://HOST:PORT``, ``https://HOST:PORT`` or ``kz://HOST:PORT`` (the
        Kazakhstan protocol; ``?version=202`` for 2.0.2), with ``?id=...&token=...`` behind it if the register is new;
        ``register_id`` and ``token`` say the same. Over the Kazakhstan protocol both are numbers, and a register that
        goes over to it with another token is given one in the address. What is not said is invented, and
        everything is kept in the memory: the next time the folder and the operator are enough. ``profile`` is kept,
        too; a new one replaces it. ``page_count_max`` makes the memory small, to try out a full disk.

        Raises :class:`ConfigurationError` for a wrong address, another register's folder, or a change of protocol with
        something unsent; :class:`StorageBusy` naming the process that holds the folder; :class:`StorageCorrupt`.
        """
        address = parse_address(operator)
        settings = settings or RegisterSettings()
        clock = clock or SystemClock()
        place = Path(folder)
        ports = Ports(
            memory=SqliteFiscalMemory(place, page_count_max=page_count_max),
            transport=_transport(address, clock, settings),
            clock=clock,
            ids=SystemIds(),
            disk=FolderSpace(place),
            chance=SystemRandom(),
        )
        register = cls(ports, settings, on_event)
        return Opening(register, lambda kept: _enrol(kept, address, register_id, token, profile))


class Opening:
    """A register that is about to be opened: await it, or enter it as an asynchronous context."""

    def __init__(self, register: CashRegister, enrol: Callable[[Registration | None], Registration]) -> None:
        self._register = register
        self._enrol = enrol

    def __await__(self) -> Generator[Any, None, CashRegister]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> CashRegister:
        await self._register.start(self._enrol)
        return self._register

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._register.close()


def _transport(address: OperatorAddress, clock: Clock, settings: RegisterSettings) -> Transport:
    if address.protocol == "native":
        return TcpTransport(address.host, address.port, clock, settings.answer_limit_s)
    if address.protocol == "kz":
        return KzTransport(
            address.host,
            address.port,
            clock,
            settings.answer_limit_s,
            version=KZ_VERSIONS[address.version or KZ_VERSION],
            reconnect_s=settings.kz_reconnect_s,
            operator_name=settings.operator_name,
        )
    return HttpTransport(address.base_url, clock, settings.answer_limit_s)


def _enrol(
    kept: Registration | None,
    address: OperatorAddress,
    register_id: str | None,
    token: str | None,
    profile: RegisterProfile | None,
) -> Registration:
    """What is given founds a memory; later the memory knows better, but for the particulars (semantics 3.3)."""
    wanted, given = register_id or address.register_id, token or address.token
    is_kz = address.protocol == "kz"
    if kept is None:
        whose = Registration(
            register=wanted or (_invented_number() if is_kz else f"kkt-{secrets.token_hex(4)}"),
            token=given or (_invented_number() if is_kz else secrets.token_urlsafe(24)),
            profile=profile or SAMPLE_PROFILE,
            protocol=address.protocol,
        )
    else:
        if wanted is not None and wanted != kept.register:
            raise ConfigurationError(f"this memory belongs to {kept.register}, not to {wanted}")
        needs_token = is_kz and kept.protocol != "kz" and not is_token(kept.token)
        whose = Registration(
            register=kept.register,
            token=(given if needs_token else None) or kept.token,
            profile=profile or kept.profile,
            protocol=address.protocol,
        )
    if is_kz:
        device_id_of(whose.register)
        token_of(whose.token)
    return whose


def _invented_number() -> str:
    """For the Kazakhstan protocol, which knows ids and tokens of digits only: nine of them."""
    return str(100_000_000 + secrets.randbelow(900_000_000))


def read_memory(folder: str | os.PathLike[str], qr_base_url: str = "") -> MemoryReader:
    """Look at the memory in a folder, also while a register uses it; enter what comes back with ``async with``.

    ``qr_base_url`` is for the QR codes of autonomous receipts, as in :class:`RegisterSettings`.
    """
    return MemoryReader(SqliteFiscalMemory(Path(folder), read_only=True), qr_base_url)


async def verify_memory(folder: str | os.PathLike[str]) -> Verdict:
    """Prove a memory in a folder, however damaged it is; the verdict names the first damaged record.

    :class:`StorageCorrupt` when it is no database any more, so that there are no records to name.
    """
    return await prove(SqliteFiscalMemory(Path(folder), read_only=True))
