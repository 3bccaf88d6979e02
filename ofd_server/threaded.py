"""An operator in a thread of its own, for callers that do not run an event loop.

The rule: one thread runs one loop, in which the operator lives; every call goes there and waits for what comes back.
What goes wrong there is raised here. An error that nobody caught in that loop is a defect of the operator, as any other.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from fiscal.errors import FiscalError
from fiscal.judging.findings import Verdict
from ofd_server.clock import MovableClock
from ofd_server.config import RECORDS_MAX
from ofd_server.defects import Defect, tell
from ofd_server.harness.documents import HeldDocument
from ofd_server.harness.harness import Harness
from ofd_server.harness.harnessed import WITHIN_S
from ofd_server.harness.plans import Faults
from ofd_server.traffic import Frame

if TYPE_CHECKING:
    from ofd_server.app import OfdServer

T = TypeVar("T")

START_S: Final = 30.0
"""How long a start may take before somebody is told that it hangs."""


class LoopThread:
    """An event loop in a thread; :meth:`run` gives it work and waits. Ends with :meth:`stop`."""

    def __init__(self, name: str = "mock-ofd") -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_uncaught)
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work gives, or the error that it ends with."""
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("this is the operator's own thread: it cannot wait for itself")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def call(self, work: Callable[[], T]) -> T:
        """What a plain function gives there."""

        async def run() -> T:
            return work()

        return self.run(run())

    def stop(self) -> None:
        """End the loop and its thread."""
        if self._thread.is_alive():
            self.run(_cancel_all())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _uncaught(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, ConnectionError):
        return  # a peer that is gone concerns nobody
    tell(Defect(str(context.get("message", "an error that nobody caught")), error, {}))
    loop.default_exception_handler(context)


class OfdServerThread:
    """An :class:`OfdServer` in a thread. The same names, and every call waits. Enter it with ``with``.

    ``make`` makes the server; ``thread`` is a thread that is there already, and is left running then.
    """

    def __init__(self, make: Callable[[], OfdServer], thread: LoopThread | None = None) -> None:
        self._make = make
        self._own = thread is None
        self._thread = thread
        self._server: OfdServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        server = self._server
        return f"<OfdServerThread {'stopped' if server is None else ' '.join(server.addresses().values())}>"

    def start(self) -> None:
        """Start the operator; raises whatever its start raises. It is ready when this returns."""
        if self._server is not None:
            return
        server = self._make()
        thread = self._thread if self._thread is not None else LoopThread()
        try:
            thread.run(asyncio.wait_for(server.start(), START_S))
        except BaseException:
            if self._own:
                thread.stop()
            raise
        self._thread, self._server = thread, server

    def stop(self) -> None:
        """Stop the operator, and end its thread. May be called twice."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        try:
            self._thread.run(server.stop())
        finally:
            if self._own:
                self._thread.stop()
                self._thread = None

    @property
    def server(self) -> OfdServer:
        """The operator itself; whatever is done with it has to be done in its thread (:attr:`thread`)."""
        assert self._server is not None, "start() comes first"
        return self._server

    @property
    def thread(self) -> LoopThread:
        """Where the operator runs."""
        assert self._thread is not None, "start() comes first"
        return self._thread

    @property
    def harness(self) -> Harness:
        return self.server.harness

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        __tracebackhide__ = True  # pytest shows the line of the test, and nothing of the way to the thread and back
        try:
            return self.thread.run(work)
        except (AssertionError, FiscalError) as error:
            raise error.with_traceback(None) from None

    # -------------------------------------------------------------------------------------- the methods of OfdServer

    @property
    def native_address(self) -> str | None:
        return self.server.native_address

    @property
    def http_address(self) -> str | None:
        return self.server.http_address

    @property
    def kz_address(self) -> str | None:
        return self.server.kz_address

    def url(self, protocol: str = "native", register: str | None = None, token: str | None = None) -> str:
        """See :meth:`Harness.url`."""
        return self.harness.url(protocol, register, token)

    @property
    def clock(self) -> MovableClock:
        return self.server.clock

    @property
    def received(self) -> Sequence[Frame]:
        """Every frame that passed so far, in both directions."""
        return self.thread.call(lambda: self.harness.received)

    @property
    def defects(self) -> Sequence[Defect]:
        """Errors inside the operator since the last reset."""
        return tuple(self.harness.defects)

    def record(self, limit: int = RECORDS_MAX) -> None:
        """See :meth:`Harness.record`."""
        self.thread.call(lambda: self.harness.record(limit))

    def save_recording(self, path: str | PathLike[str], protocol: str | None = None, *, secrets: bool = False) -> None:
        """See :meth:`Harness.save_recording`."""
        self.thread.call(lambda: self.harness.save_recording(path, protocol, secrets=secrets))

    def dialogue(self, shown: int = 60) -> str:
        return self.thread.call(lambda: self.harness.dialogue(shown))

    def documents(self, register: str | None = None) -> list[HeldDocument]:
        return self._run(self.harness.documents(register))

    def expect(
        self, expected: Mapping[str, Any] | None = None, /, *, count: int | None = None, **fields: Any
    ) -> list[HeldDocument]:
        """See :meth:`Harness.expect`."""
        __tracebackhide__ = True
        return self._run(self.harness.expect(expected, count=count, **fields))

    def wait_for(
        self,
        expected: Mapping[str, Any] | None = None,
        /,
        *,
        count: int = 1,
        within_s: float = WITHIN_S,
        **fields: Any,
    ) -> list[HeldDocument]:
        """See :meth:`Harness.wait_for`."""
        __tracebackhide__ = True
        return self._run(self.harness.wait_for(expected, count=count, within_s=within_s, **fields))

    def verdict(self) -> Verdict:
        return self._run(self.harness.verdict())

    def check(self) -> Verdict:
        __tracebackhide__ = True
        return self._run(self.harness.check())

    def reset(self) -> None:
        self._run(self.harness.reset())

    def inflict(self, faults: Faults, seed: int | None = None) -> None:
        self.thread.call(lambda: self.harness.inflict(faults, seed))

    def heal(self) -> None:
        self.thread.call(self.harness.heal)

    @contextmanager
    def inflicted(self, faults: Faults, seed: int | None = None) -> Iterator[None]:
        """Let it go wrong inside the ``with`` block, and well again behind it."""
        self.inflict(faults, seed)
        try:
            yield
        finally:
            self.heal()

    def cut(self, register: str) -> None:
        self.thread.call(lambda: self.harness.cut(register))

    def slow_down(self, register: str, delay_ms: int | None = None) -> None:
        self.thread.call(lambda: self.harness.slow_down(register, delay_ms))

    def restore(self, register: str) -> None:
        self.thread.call(lambda: self.harness.restore(register))

    def lose_next_answer(self, register: str) -> None:
        self.thread.call(lambda: self.harness.lose_next_answer(register))

    def add_register(self, register: str, token: str) -> None:
        self._run(self.harness.add_register(register, token))

    def block(self, register: str, reason: str = "") -> None:
        self._run(self.harness.block(register, reason))

    def unblock(self, register: str) -> None:
        self._run(self.harness.unblock(register))

    def stop_paying(self, register: str) -> None:
        self._run(self.harness.stop_paying(register))

    def pay(self, register: str) -> None:
        self._run(self.harness.pay(register))
