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
REST_S: Final = 0.001
"""How long a rest is: real time, because the thread that commits to a disk has to get its turn, too."""


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
        await asyncio.sleep(REST_S)
        self._end = self._time() + SLICE_S

    async def over(self, items: Iterable[T]) -> AsyncIterator[T]:
        """The same one by one, with rests between them."""
        for item in items:
            yield item
            if self.is_over:
                await self.rest()
