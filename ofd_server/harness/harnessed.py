"""The methods that a test calls on an operator: all of them are those of its harness.

The rule: nothing is done here, and nothing is loaded until somebody calls; an operator at work has no harness.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any

from ofd_server.config import RECORDS_MAX

if TYPE_CHECKING:
    from fiscal.judging.findings import Verdict
    from ofd_server.harness.documents import HeldDocument
    from ofd_server.harness.harness import Harness
    from ofd_server.harness.plans import Faults
    from ofd_server.traffic import Frame

WITHIN_S = 5.0
"""How long a test waits when it does not say: as long as a register waits for an answer."""


class Harnessed:
    """What has a :attr:`harness`."""

    __slots__ = ()

    @property
    @abstractmethod
    def harness(self) -> Harness:
        """Who does all this."""

    def url(self, protocol: str = "native", register: str | None = None, token: str | None = None) -> str:
        """Where a register connects: ``native://127.0.0.1:4711?id=till-1``. See :meth:`Harness.url`."""
        return self.harness.url(protocol, register, token)

    @property
    def received(self) -> Sequence[Frame]:
        """Every frame that passed so far, in both directions."""
        return self.harness.received

    def record(self, limit: int = RECORDS_MAX) -> None:
        """Record traffic from now on, or with 0 no more. See :meth:`Harness.record`."""
        self.harness.record(limit)

    def save_recording(self, path: str | PathLike[str], protocol: str | None = None, *, secrets: bool = False) -> None:
        """Write the traffic into a file for ``mock-ofd judge`` and ``mock-ofd replay``. See :meth:`Harness.save_recording`."""
        self.harness.save_recording(path, protocol, secrets=secrets)

    def dialogue(self, shown: int = 60) -> str:
        """What passed, as text, with the faults and why: the last ``shown`` records."""
        return self.harness.dialogue(shown)

    async def documents(self, register: str | None = None) -> list[HeldDocument]:
        """Every document of the ledger, or those of one register, in the order of their commits."""
        return await self.harness.documents(register)

    async def expect(
        self, expected: Mapping[str, Any] | None = None, /, *, count: int | None = None, **fields: Any
    ) -> list[HeldDocument]:
        """The documents like this that the ledger holds now: exactly ``count``, or at least one; else an
        :class:`AssertionError` that says what came instead. See :meth:`Harness.expect`.
        """
        __tracebackhide__ = True
        return await self.harness.expect(expected, count=count, **fields)

    async def wait_for(
        self,
        expected: Mapping[str, Any] | None = None,
        /,
        *,
        count: int = 1,
        within_s: float = WITHIN_S,
        **fields: Any,
    ) -> list[HeldDocument]:
        """Wait until the ledger holds ``count`` documents like this, or more. See :meth:`Harness.wait_for`."""
        __tracebackhide__ = True
        return await self.harness.wait_for(expected, count=count, within_s=within_s, **fields)

    async def verdict(self) -> Verdict:
        """What the judge says of every register."""
        return await self.harness.verdict()

    async def check(self) -> Verdict:
        """The verdict when all is right, else an :class:`AssertionError` with the proof."""
        __tracebackhide__ = True
        return await self.harness.check()

    async def reset(self) -> None:
        """As if it had just been started. See :meth:`Harness.reset`."""
        await self.harness.reset()

    def inflict(self, faults: Faults, seed: int | None = None) -> None:
        """Let go wrong from now on what this plan says, and nothing else."""
        self.harness.inflict(faults, seed)

    def heal(self) -> None:
        """Let nothing go wrong any more, links included."""
        self.harness.heal()

    @contextmanager
    def inflicted(self, faults: Faults, seed: int | None = None) -> Iterator[None]:
        """Let it go wrong inside the ``with`` block, and well again behind it."""
        self.inflict(faults, seed)
        try:
            yield
        finally:
            self.heal()

    def cut(self, register: str) -> None:
        """Cut the register's link until :meth:`restore`; its connections are severed."""
        self.harness.cut(register)

    def slow_down(self, register: str, delay_ms: int | None = None) -> None:
        """Let answers to the register come later, by six seconds if nothing is said."""
        self.harness.slow_down(register, delay_ms)

    def restore(self, register: str) -> None:
        """Let the register's link be as it should be."""
        self.harness.restore(register)

    def lose_next_answer(self, register: str) -> None:
        """Commit the register's next document, and lose the answer."""
        self.harness.lose_next_answer(register)

    async def add_register(self, register: str, token: str) -> None:
        """Make a register known, as a strict operator demands it."""
        await self.harness.add_register(register, token)

    async def block(self, register: str, reason: str = "") -> None:
        """Answer the register that it is blocked, until :meth:`unblock`."""
        await self.harness.block(register, reason)

    async def unblock(self, register: str) -> None:
        """End a block."""
        await self.harness.unblock(register)

    async def stop_paying(self, register: str) -> None:
        """Give the register no answer any more, as one that nobody pays for, until :meth:`pay`."""
        await self.harness.stop_paying(register)

    async def pay(self, register: str) -> None:
        """Answer the register again."""
        await self.harness.pay(register)
