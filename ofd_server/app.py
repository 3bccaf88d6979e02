"""The operator put together: the only file that names adapters.

The rule of the start: addresses first, then the ledger, then the listeners, so that whatever is wrong is found before
anything is changed. The rule of the end: take nothing more, finish what is being committed, answer it, close; within
:data:`STOP_S`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from secrets import token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from fiscal.errors import ConfigurationError
from fiscal.protocols.kz.qr import profile_named
from fiscal.protocols.native.codec import NATIVE
from ofd_server.admission import admission_of
from ofd_server.clock import SYSTEM, MovableClock
from ofd_server.config import (
    FREE,
    LOOPBACK,
    OFF,
    RECORDS_MAX,
    VERSION,
    KzStrictness,
    ServerSettings,
    cashiers_of,
    format_address,
    parse_address,
    settings_of,
    signer_of,
)
from ofd_server.core.rules import Rules
from ofd_server.defects import Defect, watch
from ofd_server.fleet import Counts, Fleet
from ofd_server.gateways.http.admin import admin_routes
from ofd_server.gateways.http.control import control_routes
from ofd_server.gateways.http.events import EventFeed, event_routes
from ofd_server.gateways.http.fleet import fleet_routes
from ofd_server.gateways.http.gateway import HttpGateway
from ofd_server.gateways.http.health import health_routes
from ofd_server.gateways.http.ledger import ledger_routes
from ofd_server.gateways.http.links import link_routes
from ofd_server.gateways.http.load import load_routes
from ofd_server.gateways.http.openapi import openapi_route
from ofd_server.gateways.http.overheard import overheard
from ofd_server.gateways.http.pages import asset_routes, page_routes
from ofd_server.gateways.http.papers import paper_routes
from ofd_server.gateways.http.protocol import protocol_routes
from ofd_server.gateways.http.routes import Route
from ofd_server.gateways.tcp import Conversation, TcpGateway
from ofd_server.harness.harnessed import Harnessed
from ofd_server.interference import Interference
from ofd_server.listening import AddressUnavailable, bind, is_loopback, tls_of, unavailable
from ofd_server.metrics import PrometheusMetrics
from ofd_server.overhearing import Overhearing
from ofd_server.ports import Clock, Journal
from ofd_server.receipts import Receipts
from ofd_server.service import Service
from ofd_server.siblings import Siblings
from ofd_server.storage.memory import MemoryJournal
from ofd_server.storage.opening import ledger_of, open_journal
from ofd_server.suffering import Suffering
from ofd_server.web import assets
from ofd_server.web.pages import Pages

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Awaitable, Callable, Iterable

    from fiscal.faults.run import FaultRun
    from ofd_server.core.kz_desk import Desk
    from ofd_server.gateways.kz import KzGateway
    from ofd_server.harness.harness import Harness
    from ofd_server.harness.plans import Faults
    from ofd_server.threaded import OfdServerThread
    from ofd_server.traffic import Traffic

STOP_S: Final = 5.0
"""The whole way from "stop" to the end; a supervisor that waits longer is rare."""
DRAIN_S: Final = 2.5
"""What commits get of it; a register whose commit did not end asks again."""
CLOSE_S: Final = 1.2
"""What closing the connections gets of it, and closing the ledger."""
NODE_BYTES: Final = 8
"""Of the name under which a process takes registers over: drawn anew at each start, and no two are ever the same."""
FLUSH_S: Final = 2.0
"""How old lines of history may become before they are written although no batch takes them along."""

IN_CODE: Final = {"http": FREE, "native": FREE, "kz": FREE, "record": RECORDS_MAX}
"""What a server that is made in code does when nothing else is said: a test takes free ports, and wants to look."""

log = structlog.get_logger(__name__)


class OfdServer(Harnessed):
    """The whole operator. Use it as an async context manager, or call :meth:`start` and :meth:`stop`.

    ``OfdServer(http="127.0.0.1:0", native="127.0.0.1:0")`` takes the names of :class:`ServerSettings`; without ``data``
    the ledger is in memory. ``faults`` is a fault plan at work on all protocols, said in any way that
    :func:`ofd_server.harness.plans.plan_of` reads; it may be switched while the server runs. ``crash`` ends the process
    when a plan wants it; without it, that resets a connection. ``more_routes`` makes further rows of the HTTP interface,
    given what is set when it ends. ``siblings`` are other processes that listen at the same addresses. Raises :class:`ConfigurationError` for a wrong setting; :meth:`start` raises it for
    files that are not right, :class:`AddressUnavailable`, and :class:`StorageError` for a data folder that cannot be used.
    """

    service: Service
    journal: Journal
    metrics: PrometheusMetrics

    def __init__(
        self,
        settings: ServerSettings | None = None,
        *,
        clock: Clock | None = None,
        faults: FaultRun | Faults = None,
        crash: Callable[[], None] | None = None,
        more_routes: Callable[[asyncio.Event], Iterable[Route]] = lambda _stopping: (),
        siblings: Siblings | None = None,
        **values: Any,
    ) -> None:
        if settings is not None and values:
            raise ConfigurationError("give settings or single values, not both")
        self.settings = settings or settings_of(**{**IN_CODE, **values})
        if self.settings.processes > 1:
            raise ConfigurationError("processes: `mock-ofd serve` starts them; an OfdServer is one process")
        self._siblings = siblings
        self.clock = clock if isinstance(clock, MovableClock) else MovableClock(clock or SYSTEM)
        """Both clocks; its wall can be moved."""
        self.faults = _run_of(faults, self.settings.faults, self.clock)
        self.interference = Interference(self.faults, self._bend, self._sever)
        """Misfortune by hand, while the server runs."""
        self._crash = crash
        self._is_in_code = settings is None
        self.http_address: str | None = None
        self.native_address: str | None = None
        self.kz_address: str | None = None
        self.is_stuck = False
        self._http: HttpGateway | None = None
        self._native: TcpGateway | None = None
        self._kz: KzGateway | None = None
        self._more_routes = more_routes
        self._feed: EventFeed | None = None
        self._fleet: Fleet | None = None
        self._broken: asyncio.Event | None = None
        self._flusher: asyncio.Task[None] | None = None
        self._opened: Journal | None = None
        self._overhearing: Overhearing | None = None
        self._harness: Harness | None = None
        self._defects: list[Defect] = []
        self._stop_watching: list[Callable[[], None]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @classmethod
    def in_thread(cls, **options: Any) -> OfdServerThread:
        """The same operator for callers without an event loop: it runs in a thread, and its methods block.

        Takes what the class takes; enter what comes back with ``with``, or call its ``start`` and ``stop``.
        """
        from ofd_server.threaded import OfdServerThread  # noqa: PLC0415 - a server needs no thread

        return OfdServerThread(lambda: cls(**options))

    @property
    def harness(self) -> Harness:
        """The operator as a test sees it: what came, what was expected, a verdict, a clean state, misfortune."""
        if self._harness is None:
            from ofd_server.harness.harness import Harness  # noqa: PLC0415 - an operator at work needs none of it

            assert hasattr(self, "service"), "start() comes first"
            assert self._overhearing is not None, "start() comes first"
            parts = self.service, self.interference, self.clock, self._overhearing, self._defects, self.addresses
            self._harness = Harness(*parts, self._empty)
        return self._harness

    async def _empty(self) -> None:
        """Let everybody go who is connected, and begin with an empty ledger."""
        if not isinstance(self.journal, MemoryJournal):
            raise ConfigurationError("a ledger in a folder is not thrown away: start an operator on another folder")
        for gateway in (self._native, self._kz):
            if gateway is not None:
                gateway.abandon()
        await asyncio.sleep(0)  # they are told that they are gone
        self.interference.host.calm()
        await self.service.drain()
        self.journal.clear()
        self.service.forget()
        if self._feed is not None:
            self._feed.lose()
        if self._fleet is not None:
            await self._fleet.begin_anew()

    # ---------------------------------------------------------------------------------------------------- start

    async def start(self) -> None:
        """Open the ledger and listen. When it raises, nothing is left open."""
        settings = self.settings
        self._harness = None
        self._overhearing = Overhearing(self.clock, settings.record, self._tune)
        signer = signer_of(settings)
        desk = None if settings.kz == OFF else _desk(settings)
        contexts = {name: tls_of(settings, name) for name in ("http", "native")}
        listening = bind("http", settings.http, together=self._siblings is not None)
        try:
            self._stop_watching.append(watch(self._defects.append))
            self._watch_faults(self.faults)
            storage = None if settings.storage is None else settings.storage.get_secret_value()
            self._opened = self.journal = await open_journal(storage, settings.data)
            self._broken = asyncio.Event()
            limit_s, target_s = settings.answer_timeout, settings.admission_target
            admission = admission_of(settings.admission, target_s, limit_s, self.clock.now)
            self.metrics = PrometheusMetrics(VERSION, {**self._gauges(), **admission.gauges()})
            self.service = Service(
                self.journal,
                self.clock,
                signer,
                self._rules(listening, tls=contexts["http"] is not None),
                self.metrics,
                limit_s,
                silent_when_overdue=settings.silent_when_overdue,
                withhold_late=settings.withhold_late,
                on_broken=lambda _error: self._mark_broken(),
                admission=admission,
            )
            self.interference.host = Suffering(self.service, self._crash)
            if self._siblings is not None:
                await self._siblings.start(self.metrics.collect)
            await self._listen_native(contexts["native"])
            await self._listen_kz(desk)
            await self._listen_http(listening, contexts["http"])
            self._flusher = asyncio.get_running_loop().create_task(self._flush())
        except BaseException:
            if listening is not None:
                listening.close()
            await self.stop()
            raise
        self._warn()

    def _rules(self, listening: socket.socket | None, *, tls: bool) -> Rules:
        settings = self.settings
        url = settings.receipt_url
        if url is None and listening is not None:
            host, port = listening.getsockname()[:2]
            host = LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104 - a name that others can open
            url = f"{'https' if tls else 'http'}://{format_address(host, port)}/r"
        base = Rules()
        return Rules(
            strict=settings.strict,
            operator_name=settings.operator_name,
            phone=settings.operator_phone,
            receipt_url=url or base.receipt_url,
            qr=profile_named(settings.kz_profile.value),
            node=token_hex(NODE_BYTES) if self.journal.shared else "",
        )

    async def _listen_native(self, tls: ssl.SSLContext | None) -> None:
        if self.settings.native == OFF:
            return
        host, port = parse_address(self.settings.native)
        limit = self.settings.native_connections
        conversation = None if self.faults is None else self._bent_by(self.faults)
        self._native = TcpGateway(self.service, NATIVE, self.clock, connections_max=limit, conversation=conversation)
        self._overhear(self._native, "native")
        try:
            bound = await self._native.start(host, port, tls, together=self._siblings is not None)
        except OSError as error:
            raise unavailable("native", self.settings.native, error) from error
        self.native_address = format_address(*bound)

    async def _listen_kz(self, desk: Callable[..., Desk] | None) -> None:
        """A default address that is taken is left out with a warning: nobody asked for it, and the rest goes on."""
        if desk is None:
            return
        from ofd_server.gateways.kz import KzGateway  # noqa: PLC0415 - a server without it does not load protobuf

        settings, service = self.settings, self.service
        made = desk(rules=service.rules, signer=service.signer)
        gateway = KzGateway(service, made, self.clock, connections_max=settings.kz_connections)
        self._overhear(gateway, "kz")
        try:
            bound = await gateway.start(*parse_address(settings.kz), together=self._siblings is not None)
        except OSError as error:
            if "kz" in settings.model_fields_set:
                raise unavailable("kz", settings.kz, error) from error
            log.warning("the Kazakhstan protocol is not served: its default address is taken", kz=settings.kz)
            return
        self._kz = gateway
        if self.faults is not None:
            self._bend_kz(gateway, self.faults)
        self.kz_address = format_address(*bound)

    def _overhear(self, gateway: TcpGateway | KzGateway, protocol: str) -> None:
        self._tuned(gateway, protocol, None if self._overhearing is None else self._overhearing.ear)

    def _tune(self, ear: Traffic | None) -> None:
        """Who hears registers that connect from now on; HTTP asks at every request."""
        for gateway, protocol in ((self._native, "native"), (self._kz, "kz")):
            if gateway is not None:
                self._tuned(gateway, protocol, ear)

    def _tuned(self, gateway: TcpGateway | KzGateway, protocol: str, ear: Traffic | None) -> None:
        if ear is None:
            gateway.overhear = None
            return
        from ofd_server.gateways.overheard import overhear_by  # noqa: PLC0415 - as for the traffic itself

        ear.learn(protocol)
        gateway.overhear = overhear_by(ear, protocol)

    def _watch_faults(self, run: FaultRun | None) -> None:
        if run is not None and self._overhearing is not None:
            self._stop_watching.append(run.watch(self._overhearing.struck))

    def _protocol_routes(self, stopping: asyncio.Event) -> Iterable[Route]:
        overhearing = self._overhearing
        assert overhearing is not None, "start() makes it"
        routes = protocol_routes(
            self.service, stopping, self.settings.silence_max, self.interference, lambda: overhearing.ear is not None
        )
        return overheard(routes, lambda: overhearing.ear)

    async def _listen_http(self, listening: socket.socket | None, tls: ssl.SSLContext | None) -> None:
        if listening is None:
            return
        settings = self.settings
        stopping = asyncio.Event()
        self._http = HttpGateway(
            self._routes(stopping),
            stopping,
            connections_max=settings.http_connections,
            body_max=settings.http_body_max,
            api_token=None if settings.api_token is None else settings.api_token.get_secret_value(),
            hosts=settings.hosts,
            control=settings.control,
        )
        await self._http.start(listening, tls)
        self.http_address = format_address(*listening.getsockname()[:2])

    def _routes(self, stopping: asyncio.Event) -> list[Route]:
        settings = self.settings
        service = self.service
        receipts = Receipts(service)
        pages = Pages(service, receipts)
        self._feed = EventFeed(service, stopping, settings.viewers, settings.viewer_events)
        self._fleet = Fleet(service, self._counts)
        routes = [
            *self._protocol_routes(stopping),
            *admin_routes(service),
            *link_routes(service, self.interference),
            *control_routes(
                service, self.interference, self.addresses, lambda: self.harness, stopping, settings.kz_zone
            ),
            *fleet_routes(self._fleet, stopping),
            *ledger_routes(service, receipts),
            *paper_routes(service),
            *load_routes(service),
            *event_routes(self._feed),
            *health_routes(service, self._listeners, stopping, (self._siblings or self.metrics).exposition),
            *asset_routes(assets.app, assets.find),
            *page_routes(
                {
                    "/addresses": ("Where everything is, without a script", pages.index),
                    "/r": ("The receipt behind a QR code", pages.receipt),
                }
            ),
            *self._more_routes(stopping),
        ]
        return [*routes, openapi_route(routes)]

    def _counts(self) -> Counts:
        return Counts(sum(self.metrics.answers.values()), self.metrics.late_answers)

    def _bend(self, run: FaultRun) -> None:
        """From now on every gateway obeys this plan; HTTP asks the interference itself."""
        self.faults = run
        self._watch_faults(run)
        if self._native is not None:
            self._native.converse_by(self._bent_by(run))
        if self._kz is not None:
            self._bend_kz(self._kz, run)

    def _bent_by(self, run: FaultRun) -> Callable[[TcpGateway], Conversation]:
        """Conversations under a fault plan; a server without one does not even load the code."""
        from ofd_server.gateways.faulty import FaultyConversation  # noqa: PLC0415

        return partial(FaultyConversation, run, self.interference.host)

    def _bend_kz(self, gateway: KzGateway, run: FaultRun) -> None:
        from ofd_server.gateways.kz_bent import FaultyKzConversation  # noqa: PLC0415 - likewise

        gateway.converse_by(partial(FaultyKzConversation, run, self.interference.host))

    def _sever(self, register_id: str) -> None:
        if self._native is not None:
            self._native.sever(register_id)

    def _listeners(self) -> dict[str, bool]:
        found = {"http": self._http, "native": self._native, "kz": self._kz}
        return {name: gateway.is_listening for name, gateway in found.items() if gateway is not None}

    def addresses(self) -> dict[str, str]:
        """Where registers connect, as addresses that they take, by the protocol's word."""
        http = "http" if self.settings.http_tls_cert is None else "https"
        found = {
            "native": ("native", self.native_address),
            "http": (http, self.http_address),
            "kz": ("kz", self.kz_address),
        }
        return {word: f"{scheme}://{address}" for word, (scheme, address) in found.items() if address is not None}

    def _gauges(self) -> dict[str, tuple[str, Any]]:
        return {
            "mock_ofd_http_connections": (
                "Open connections of the HTTP interface.",
                lambda: len(self._http.connections) if self._http else 0,
            ),
            "mock_ofd_viewers": (
                "Open streams of events.",
                lambda: len(self._feed.viewers) if self._feed else 0,
            ),
            "mock_ofd_native_connections": (
                "Open connections of the native protocol.",
                lambda: len(self._native.connections) if self._native else 0,
            ),
            "mock_ofd_kz_connections": (
                "Open connections of the Kazakhstan protocol.",
                lambda: len(self._kz.connections) if self._kz else 0,
            ),
        }

    def _warn(self) -> None:
        settings = self.settings
        if settings.signing_keys is None and not self._is_in_code:
            log.warning("signs are made with the public key of the mock: they prove nothing", setting="signing_keys")
        if self.http_address is not None and settings.api_token is None and not is_loopback(self.http_address):
            log.warning(
                "other machines may administer this server: set a token", setting="api_token", http=self.http_address
            )

    def ready_line(self) -> dict[str, Any]:
        """What ``mock-ofd serve`` prints when it is ready: one key for each listener, and how the ledger is kept."""
        addresses = {"http": self.http_address, "native": self.native_address, "kz": self.kz_address}
        return {
            "event": "ready",
            **{name: address for name, address in addresses.items() if address is not None},
            "durable": self.journal.durable,
            **ledger_of(self.journal, self.settings.data),
            "version": VERSION,
        }

    # ----------------------------------------------------------------------------------------------------- stop

    def _mark_broken(self) -> None:
        assert self._broken is not None
        self._broken.set()

    async def broken(self) -> None:
        """Return when the ledger broke: nothing more is accepted, readyz is red, and the process should end."""
        assert self._broken is not None, "the server was not started"
        await self._broken.wait()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.service.flush()

    async def stop(self) -> None:
        """Take nothing more, finish and answer what is being committed, close everything. May be called twice.

        ``is_stuck`` is set when something did not end in time: a thread may still wait for the disk.
        """
        while self._stop_watching:
            self._stop_watching.pop()()
        gateways = [gateway for gateway in (self._http, self._native, self._kz) if gateway is not None]
        self._http = self._native = self._kz = None
        for gateway in gateways:
            gateway.stop_accepting()
        if self._feed is not None:
            self._feed.wake()
        if self._fleet is not None:
            self._fleet.wake()
            self._fleet.close()
        if self._flusher is not None:
            self._flusher.cancel()
            with suppress(asyncio.CancelledError):
                await self._flusher
            self._flusher = None
        if self._siblings is not None:
            await self._siblings.stop()
        journal, self._opened = self._opened, None
        if journal is None:
            return
        if hasattr(self, "service"):
            self.interference.host.end()
            await self._within(DRAIN_S, self.service.drain(), "commits")
        await self._within(CLOSE_S, asyncio.gather(*(gateway.close() for gateway in gateways)), "connections")
        await self._within(CLOSE_S, journal.close(), "the ledger")

    async def _within(self, seconds: float, ending: Awaitable[Any], what: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                await ending
        except TimeoutError:
            self.is_stuck = True
            log.warning("did not end in time", what=what, seconds=seconds)


def _run_of(faults: FaultRun | Faults, setting: str | None, clock: Clock) -> FaultRun | None:
    """The plan at work; a server without one does not even load the code."""
    if faults is None and setting is None:
        return None
    from fiscal.faults.run import FaultRun  # noqa: PLC0415
    from ofd_server.harness.plans import plan_of, plan_of_setting  # noqa: PLC0415

    if faults is None and setting is not None:
        return FaultRun(plan_of_setting(setting, clock.now()))
    return faults if isinstance(faults, FaultRun) else FaultRun(plan_of(faults, clock.now()))


def _desk(settings: ServerSettings) -> Callable[..., Desk]:
    """What the Kazakhstan protocol is judged by; :class:`ConfigurationError` when a file is not right."""
    from fiscal.protocols.kz.codes import UserRole  # noqa: PLC0415
    from fiscal.protocols.kz.nomenclature import CATALOGUE_SIZE_MAX, SMALL, parse_catalogue  # noqa: PLC0415
    from fiscal.wire.given import TooLarge, read_within  # noqa: PLC0415
    from ofd_server.core.kz_desk import Checksum, Desk, Login  # noqa: PLC0415

    cashiers = {}
    for login, cashier in cashiers_of(settings).items():
        roles = tuple(UserRole[role.name] for role in cashier.roles)
        cashiers[login] = Login(cashier.password.get_secret_value(), cashier.code, cashier.name, roles)
    catalogue = SMALL
    if settings.kz_catalogue is not None:
        try:
            with settings.kz_catalogue.open("rb") as file:
                catalogue = parse_catalogue(read_within(file, CATALOGUE_SIZE_MAX))
        except OSError as error:
            raise ConfigurationError(
                f"kz_catalogue: {settings.kz_catalogue} cannot be read: {error.strerror}"
            ) from error
        except (ConfigurationError, TooLarge) as error:
            raise ConfigurationError(f"kz_catalogue: {settings.kz_catalogue}: {error}") from None
    return partial(
        Desk,
        full=settings.kz_strictness is KzStrictness.FULL,
        checksum=Checksum(settings.kz_z_checksum.value),
        zone=settings.kz_zone,
        catalogue=catalogue,
        cashiers=cashiers,
    )


__all__ = ["AddressUnavailable", "OfdServer"]
