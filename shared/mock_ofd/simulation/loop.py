"""An event loop in virtual time, in which a process can be killed between any two of its steps.

The rule: nothing sleeps. When no callback is ready, the clock jumps to the next timer; when there is none, everybody
waits for ever and :class:`SimulationStuck` says so. Time starts at 0, because a float counts microseconds exactly only
near it.

A :class:`Process` stands for a process of an operating system: every callback knows the process in whose name it was
scheduled (through its context), and the callbacks of a killed process never run. Its unfinished coroutines are kept
until the loop is closed, so that no ``finally`` of a dead process runs in between.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, cast


class SimulationStuck(AssertionError):
    """Every task waits and no timer is set."""


class Process:
    """A process that can be killed. ``name`` is for people, ``incarnation`` counts its lives."""

    __slots__ = ("alive", "incarnation", "name")

    def __init__(self, name: str, incarnation: int) -> None:
        self.name = name
        self.incarnation = incarnation
        self.alive = True

    def __repr__(self) -> str:
        return f"{self.name}#{self.incarnation}"


_CURRENT: ContextVar[Process | None] = ContextVar("process", default=None)


def current_process() -> Process | None:
    """In whose name this code runs; ``None`` is the world itself."""
    return _CURRENT.get()


class _NeverWaits(selectors.DefaultSelector):
    """Instead of sleeping until the next timer, move the loop's clock to it."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise SimulationStuck("every task waits and no timer is set")
            self._advance(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. Its time is the world's monotonic clock."""

    def __init__(self) -> None:
        self._now = 0.0
        self._kept: list[asyncio.Task[Any]] = []
        super().__init__(_NeverWaits(self._step))
        self.set_task_factory(cast(Any, self._make_task))  # newer Pythons pass more options than older ones know

    def _step(self, seconds: float) -> None:
        self._now += seconds

    def time(self) -> float:
        return self._now

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
        if _CURRENT.get() is not None:
            self._kept.append(task)
        return task

    def call_soon(  # type: ignore[override]  # plainer than the original, which ties the arguments to the callback
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return super().call_soon(*self._guarded(callback, args, context), context=context)

    def call_at(  # type: ignore[override]  # as above
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return super().call_at(when, *self._guarded(callback, args, context), context=context)

    def _guarded(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> tuple[Any, ...]:
        process = _CURRENT.get() if context is None else context.get(_CURRENT)
        if process is None:
            return (callback, *args)
        return (_run_if_alive, process, callback, args)

    def start(self, process: Process, main: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
        """Run ``main`` in the name of a process."""
        context = copy_context()
        context.run(_CURRENT.set, process)
        task = self.create_task(main(), context=context)
        task.add_done_callback(_surface)
        return task

    def close(self) -> None:
        """The world ends: what its processes had not finished is thrown away while there is still a loop around it."""
        self.set_exception_handler(lambda _loop, _context: None)
        kept, self._kept = self._kept, []
        for task in kept:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                with suppress(Exception, asyncio.CancelledError):
                    cast(Any, task.get_coro()).close()
        super().close()


def _run_if_alive(process: Process, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
    if process.alive:
        callback(*args)


def _surface(task: asyncio.Task[Any]) -> None:
    """An error that nobody caught ends the simulation: it is a finding."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "a process failed", "exception": error, "task": task})
