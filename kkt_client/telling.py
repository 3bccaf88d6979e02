"""Events on their way to those who watch the register.

The rule: nobody who watches can hold up a sale. A callback is called by the loop, after the step that made the event;
a reader that does not read loses the oldest events, and is told how many.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from kkt_client.core.events import Event, EventsMissed


class EventStream:
    """Events from the moment it was made, in their order; ends when the register is closed."""

    def __init__(self, size: int) -> None:
        self._waiting: deque[Event] = deque()
        self._size = size
        self._missed = 0
        self._ended = False
        self._ready = asyncio.Event()

    def put(self, event: Event) -> None:
        """Take an event in; the oldest one goes when there is no room."""
        if len(self._waiting) >= self._size:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(event)
        self._ready.set()

    def end(self) -> None:
        """Let the reader have what waits, then end."""
        self._ended = True
        self._ready.set()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        if self._missed:
            missed, self._missed = self._missed, 0
            return EventsMissed(self._waiting[0].at, missed)
        return self._waiting.popleft()


class Teller:
    """Hands every event to the callback, if there is one, and to every stream."""

    def __init__(self, size: int, on_event: Callable[[Event], None] | None) -> None:
        self._size = size
        self._on_event = on_event
        self._streams: list[EventStream] = []

    def tell(self, event: Event) -> None:
        """It has happened."""
        if self._on_event is not None:
            asyncio.get_running_loop().call_soon(self._on_event, event)
        for stream in self._streams:
            stream.put(event)

    def stream(self) -> EventStream:
        """Everything that happens from now on."""
        self._streams.append(EventStream(self._size))
        return self._streams[-1]

    def end(self) -> None:
        """Nothing more will happen."""
        for stream in self._streams:
            stream.end()
        self._streams.clear()
