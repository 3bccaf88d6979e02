"""Long work in the operator's loop, in slices: whoever sells meanwhile waits for a slice, not for the whole.

The rule: whoever goes over everything that is there asks ``is_over`` after every piece, and rests when it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

SLICE_S: Final = 0.002
"""How long it goes on without a rest."""
TURNS: Final = 5
"""Turns of the loop of a rest: as many as a document needs from its bytes to its answer, with a ledger in memory."""


class Pace:
    """One piece of long work."""

    def __init__(self) -> None:
        self._time = asyncio.get_running_loop().time
        self._end = self._time() + SLICE_S

    @property
    def is_over(self) -> bool:
        """Whether it is time for a rest."""
        return self._time() >= self._end

    async def rest(self) -> None:
        """Let all others do what they have to do."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self._end = self._time() + SLICE_S

    async def over(self, items: Iterable[T]) -> AsyncIterator[T]:
        """The same one by one, with rests between them."""
        for item in items:
            yield item
            if self.is_over:
                await self.rest()
