"""What stands behind the fixtures: one thread for the whole run of the tests, one operator in it, and a clean state.

The rule: an operator is started when the first test asks for one, and every test finds it as it was then. A test that
wants another one (strict, on a disk) gets one of its own, which ends with the test. Nothing here knows pytest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from fiscal.errors import ConfigurationError, FiscalError
from fiscal.retry import Backoff
from kkt_client import BlockingCashRegister, CashRegister, RegisterSettings
from mock_ofd.harness.beside import OfdServerBeside, RegisterBeside
from ofd_server.app import OfdServer
from ofd_server.defects import Defect
from ofd_server.harness.plans import Faults
from ofd_server.threaded import LoopThread, OfdServerThread

IMPATIENT: Final = RegisterSettings(
    answer_limit_s=1.0,
    sale_budget_s=1.0,
    retry_in_sale_s=0.2,
    backoff=Backoff(base_ms=50, cap_ms=500),
    kz_reconnect_s=0.5,
)
"""A register of a test waits a second for an answer, not five, and comes back at once when it can."""
STORAGES: Final = ("memory", "sqlite")

Ofd = OfdServerThread | OfdServerBeside
Till = BlockingCashRegister | RegisterBeside


class Stage:
    """The thread, and the operator that all tests share. :meth:`close` ends both."""

    def __init__(self) -> None:
        self.thread = LoopThread()
        self._shared: OfdServerThread | None = None

    def shared(self) -> OfdServerThread:
        """The operator that is there already, or is started now."""
        if self._shared is None:
            self._shared = self.started()
        return self._shared

    def started(self, **options: Any) -> OfdServerThread:
        """Another operator in the same thread."""
        server = OfdServerThread(lambda: OfdServer(**options), self.thread)
        server.start()
        return server

    def clean(self) -> None:
        """Bring the shared operator back into its first state; one that cannot be is thrown away."""
        if self._shared is None:
            return
        try:
            self._shared.reset()
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the next test gets another
            broken, self._shared = self._shared, None
            with suppress(Exception):
                broken.stop()

    def close(self) -> None:
        """End everything."""
        if self._shared is not None:
            self._shared.stop()
        self.thread.stop()


class Scene:
    """What one test has: its operators, its registers. ``is_async``: for a coroutine. Close it with :meth:`close`."""

    def __init__(self, stage: Stage, folder: Callable[[], Path], *, is_async: bool) -> None:
        self.servers: list[OfdServerThread] = []
        self._stage = stage
        self._folder = folder
        self._is_async = is_async
        self._registers = 0
        self._told: list[Defect] = []
        self._late: list[Defect] = []
        self._ending = ExitStack()

    # ---------------------------------------------------------------------------------------------------- operators

    def ofd(self, options: Mapping[str, Any]) -> Ofd:
        """The operator with these options: the shared one when it will do."""
        faults, seed, own = _split(options)
        if own:
            return self.make_ofd(**options)
        server = self._stage.shared()
        self._ending.callback(self._stage.clean)
        self._ending.callback(self._look_again)
        return self._given(server, faults, seed)

    def make_ofd(self, **options: Any) -> Ofd:
        """Another operator, with settings of its own; it ends with the test."""
        faults, seed, own = _split(options)
        if own.pop("storage", "memory") == "sqlite":
            own.setdefault("data", self._folder() / f"ledger-{len(self.servers) + 1}")
        server = self._stage.started(**own)
        self._ending.callback(server.stop)
        self._ending.callback(self._look_again)
        return self._given(server, faults, seed)

    def _given(self, server: OfdServerThread, faults: Faults, seed: int | None) -> Ofd:
        self.servers.append(server)
        if faults is not None:
            server.inflict(faults, seed)
        return OfdServerBeside(server) if self._is_async else server

    # ---------------------------------------------------------------------------------------------------- registers

    def make_register(
        self,
        ofd: Ofd,
        register_id: str | None = None,
        *,
        protocol: str = "native",
        settings: RegisterSettings = IMPATIENT,
        **options: Any,
    ) -> Till:
        """A register at this operator, with its memory in the test's folder and the operator's clock."""
        self._registers += 1
        is_kz = protocol == "kz"
        name = register_id or (str(self._registers) if is_kz else f"till-{self._registers}")
        folder = self._folder() / f"register-{self._registers}"
        options = {"settings": settings, "clock": ofd.clock, **options}
        where = ofd.url(protocol, name, options.pop("token", None))
        if not self._is_async:
            register = BlockingCashRegister(folder, where, **options)
            self._ending.callback(register.close)
            return register
        thread = self._stage.thread
        opened = thread.run(_opened(folder, where, options))
        self._ending.callback(lambda: thread.run(opened.close()))
        return RegisterBeside(opened, thread)

    # ------------------------------------------------------------------------------------------------------ the end

    def defects(self) -> list[Defect]:
        """Errors inside any of the operators that were not told yet, each once."""
        found: list[Defect] = []
        for server in self.servers:
            with suppress(AssertionError):  # it was stopped by the test
                found += [defect for defect in server.defects if all(defect is not other for other in found)]
        new = [defect for defect in found if all(defect is not told for told in self._told)]
        self._told += new
        return new

    def _look_again(self) -> None:
        self._late += self.defects()

    def report(self) -> Iterator[tuple[str, str]]:
        """What a failing test shows of its operators, each part with its head."""
        for place, server in enumerate(self.servers, 1):
            which = "" if len(self.servers) == 1 else f" (operator {place})"
            try:
                text = server.dialogue()
            except (AssertionError, FiscalError) as error:
                text = f"nothing can be told: {error}"
            yield f"mock-ofd: what passed{which}", text or "nothing was received"
        self.defects()
        yield from self.errors()

    def errors(self) -> Iterator[tuple[str, str]]:
        """The errors inside them, each once and with its trace."""
        told = Counter(map(str, self._told))
        for text, times in told.items():
            first = next(defect for defect in self._told if str(defect) == text)
            again = "" if times == 1 else f" ({times} times)"
            yield "mock-ofd: an error inside the operator", f"{text}{again}\n{first.trace}"

    def close(self) -> list[Defect]:
        """End what is the test's own, and clean what is everybody's, registers first; errors that nobody was told of."""
        self._ending.close()
        return self._late


def _split(options: Mapping[str, Any]) -> tuple[Faults, int | None, dict[str, Any]]:
    """Faults, their seed, and what else is wanted of the operator."""
    own = dict(options)
    faults, seed = own.pop("faults", None), own.pop("seed", None)
    if seed is not None and faults is None:
        raise ConfigurationError("ofd: a seed is that of faults, and there are none")
    storage = own.get("storage", STORAGES[0])
    if storage not in STORAGES:
        raise ConfigurationError(f"ofd: storage must be one of {', '.join(STORAGES)}, is {storage!r}")
    if storage == STORAGES[0]:
        own.pop("storage", None)
    return faults, seed, own


async def _opened(folder: Path, where: str, options: dict[str, Any]) -> CashRegister:
    return await CashRegister.open(folder, where, **options)
