"""Operators and registers in another thread, for a test that runs an event loop of its own.

The rule: what takes its time there is awaited here, so the test's own loop goes on meanwhile; what is there at once (an
address, a status) is given at once. Everything has the name that it has in :class:`ofd_server.OfdServer` and
:class:`kkt_client.CashRegister`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from fiscal.errors import FiscalError
from ofd_server.config import RECORDS_MAX
from ofd_server.harness.harnessed import WITHIN_S
from ofd_server.threaded import LoopThread, OfdServerThread

if TYPE_CHECKING:
    from fiscal.judging.findings import Verdict
    from kkt_client import CashRegister
    from ofd_server.clock import MovableClock
    from ofd_server.defects import Defect
    from ofd_server.harness.documents import HeldDocument
    from ofd_server.harness.harness import Harness
    from ofd_server.harness.plans import Faults
    from ofd_server.traffic import Frame

T = TypeVar("T")


async def there(thread: LoopThread, work: Coroutine[Any, Any, T]) -> T:
    """Wait here for work that is done in that thread."""
    __tracebackhide__ = True  # pytest shows the line of the test, and nothing of the way to the thread and back
    try:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, thread.loop))
    except (AssertionError, FiscalError) as error:
        raise error.with_traceback(None) from None


class OfdServerBeside:
    """An operator that runs in another thread, as a coroutine sees it."""

    def __init__(self, server: OfdServerThread) -> None:
        self.thread = server
        """The same operator for callers that block."""

    def __repr__(self) -> str:
        return f"<OfdServerBeside {' '.join(self.thread.server.addresses().values())}>"

    @property
    def harness(self) -> Harness:
        return self.thread.harness

    @property
    def native_address(self) -> str | None:
        return self.thread.native_address

    @property
    def http_address(self) -> str | None:
        return self.thread.http_address

    @property
    def kz_address(self) -> str | None:
        return self.thread.kz_address

    @property
    def clock(self) -> MovableClock:
        return self.thread.clock

    @property
    def received(self) -> Sequence[Frame]:
        return self.thread.received

    @property
    def defects(self) -> Sequence[Defect]:
        return self.thread.defects

    def url(self, protocol: str = "native", register: str | None = None, token: str | None = None) -> str:
        return self.thread.url(protocol, register, token)

    def record(self, limit: int = RECORDS_MAX) -> None:
        self.thread.record(limit)

    def save_recording(self, path: str | PathLike[str], protocol: str | None = None, *, secrets: bool = False) -> None:
        self.thread.save_recording(path, protocol, secrets=secrets)

    def dialogue(self, shown: int = 60) -> str:
        return self.thread.dialogue(shown)

    def inflict(self, faults: Faults, seed: int | None = None) -> None:
        self.thread.inflict(faults, seed)

    def heal(self) -> None:
        self.thread.heal()

    @contextmanager
    def inflicted(self, faults: Faults, seed: int | None = None) -> Iterator[None]:
        with self.thread.inflicted(faults, seed):
            yield

    def cut(self, register: str) -> None:
        self.thread.cut(register)

    def slow_down(self, register: str, delay_ms: int | None = None) -> None:
        self.thread.slow_down(register, delay_ms)

    def restore(self, register: str) -> None:
        self.thread.restore(register)

    def lose_next_answer(self, register: str) -> None:
        self.thread.lose_next_answer(register)

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        __tracebackhide__ = True
        return await there(self.thread.thread, work)

    async def documents(self, register: str | None = None) -> list[HeldDocument]:
        return await self._there(self.harness.documents(register))

    async def expect(
        self, expected: Mapping[str, Any] | None = None, /, *, count: int | None = None, **fields: Any
    ) -> list[HeldDocument]:
        __tracebackhide__ = True
        return await self._there(self.harness.expect(expected, count=count, **fields))

    async def wait_for(
        self,
        expected: Mapping[str, Any] | None = None,
        /,
        *,
        count: int = 1,
        within_s: float = WITHIN_S,
        **fields: Any,
    ) -> list[HeldDocument]:
        __tracebackhide__ = True
        return await self._there(self.harness.wait_for(expected, count=count, within_s=within_s, **fields))

    async def verdict(self) -> Verdict:
        return await self._there(self.harness.verdict())

    async def check(self) -> Verdict:
        __tracebackhide__ = True
        return await self._there(self.harness.check())

    async def reset(self) -> None:
        await self._there(self.harness.reset())

    async def stop(self) -> None:
        await self._there(self.thread.server.stop())

    async def add_register(self, register: str, token: str) -> None:
        await self._there(self.harness.add_register(register, token))

    async def block(self, register: str, reason: str = "") -> None:
        await self._there(self.harness.block(register, reason))

    async def unblock(self, register: str) -> None:
        await self._there(self.harness.unblock(register))

    async def stop_paying(self, register: str) -> None:
        await self._there(self.harness.stop_paying(register))

    async def pay(self, register: str) -> None:
        await self._there(self.harness.pay(register))


class RegisterBeside:
    """A :class:`CashRegister` that runs in another thread: its coroutines are awaited, everything else is called."""

    def __init__(self, register: CashRegister, thread: LoopThread) -> None:
        self._register = register
        self._thread = thread

    def __repr__(self) -> str:
        return f"<RegisterBeside {self._register.registration.register}>"

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._register, name)
        if inspect.iscoroutinefunction(found):
            return self._awaited(found)
        if inspect.isasyncgenfunction(found):
            return self._iterated(found)
        if callable(found):
            return lambda *args, **options: self._thread.call(lambda: found(*args, **options))
        return found

    def _awaited(self, method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def call(*args: Any, **options: Any) -> Any:
            __tracebackhide__ = True
            return await there(self._thread, method(*args, **options))

        return call

    def _iterated(self, method: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
        async def each(*args: Any, **options: Any) -> AsyncIterator[Any]:
            items = method(*args, **options)
            done = object()

            async def following() -> Any:
                return await anext(items, done)

            while (item := await there(self._thread, following())) is not done:
                yield item

        return each
