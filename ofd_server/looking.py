"""Lanes that wait for the ledger: whatever cannot be decided without a look into it.

The rule: while something about a register is being read, its lane waits, and no other. A look that fails answers
everybody who waits for it.

Where several nodes share the ledger there is a second rule: whatever is said without an entry (a commit finds out by
itself) rests on what the ledger held after the question had come. So a refusal costs a look at the register's version,
or nothing when a look since the question found it unmoved; one that was moved is read anew, and decides again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine

from fiscal.domain.document import DocumentKind
from fiscal.domain.messages import Hello
from fiscal.errors import StorageError
from ofd_server.committing import Committer
from ofd_server.core.entries import Entry
from ofd_server.core.exchange import Found, Need
from ofd_server.core.state import RegisterState
from ofd_server.defects import WatchedLog
from ofd_server.lane import Lane, Waiting
from ofd_server.loading import load_state
from ofd_server.ports import DocumentFilter, Journal, Unreachable

log = WatchedLog(__name__)


class LookUps:
    """What is being read for lanes now. ``go_on`` is called with a lane that waits no longer."""

    def __init__(
        self,
        journal: Journal,
        committer: Committer,
        go_on: Callable[[Lane], None],
        turn: Callable[[], int] = lambda: 0,
        node: str = "",
    ) -> None:
        self.running: set[asyncio.Task[None]] = set()
        self._turn = turn
        self._node = node
        self._journal = journal
        self._committer = committer
        self._go_on = go_on

    def start(self, lane: Lane, task: Coroutine[None, None, None], asked: Waiting | None = None) -> None:
        """Let the lane wait until something was read; ``asked`` is who is to hear of it when that fails."""
        assert not lane.busy, "one look at a time"
        lane.busy = True

        async def run() -> None:
            try:
                await task
            except Unreachable:  # the ledger has said so, once for all registers
                self._give_up(lane, asked)
            except StorageError as error:
                log.warning("look-up failed", register=lane.register_id, error=str(error))
                self._give_up(lane, asked)
            except Exception:  # what a damaged ledger holds may surprise us; nobody waits for ever because of it
                log.exception("look-up failed", register=lane.register_id)
                self._give_up(lane, asked)
            finally:
                lane.busy = False
            self._go_on(lane)

        reading = asyncio.get_running_loop().create_task(run())
        self.running.add(reading)
        reading.add_done_callback(self.running.discard)

    def _give_up(self, lane: Lane, asked: Waiting | None) -> None:
        waiting, lane.waiting = lane.waiting, deque()
        if asked is not None:
            waiting.appendleft(asked)
        self._committer.put_off(waiting)

    def needs_look(self, lane: Lane, asked: Waiting) -> bool:
        """Whether somebody else may have moved the register since we last saw where it is."""
        return self._journal.shared and asked.turn > lane.known_at

    async def say(self, lane: Lane, asked: Waiting, say: Callable[[], None]) -> None:
        """Call ``say`` if the register is still where this node knows it; else let it be decided again."""
        if await self._is_current(lane):
            say()
        else:
            _again(lane, asked)

    async def _is_current(self, lane: Lane) -> bool:
        turn = self._turn()
        version = await self._journal.version(lane.register_id)
        if version != (0 if lane.committed is None else lane.committed.version):
            lane.loaded = False
            return False
        lane.known_at = turn
        return True

    async def load(self, lane: Lane) -> None:
        """What the ledger knows of this register."""
        turn = self._turn()
        lane.committed = await load_state(self._journal, lane.register_id)
        lane.ahead = lane.committed
        lane.loaded = True
        lane.known_at = turn
        if self._journal.shared:
            self._yield_to_other_node(lane)

    def _yield_to_other_node(self, lane: Lane) -> None:
        """The newest session of the register is at another node: ours ends, unless it is just saying hello (2.1)."""
        older, state = lane.session, lane.committed
        if older is None or state is None or state.holder == self._node:
            return
        if any(isinstance(asked.request, Hello) and asked.session is older for asked in lane.waiting):
            return
        lane.session = None
        older.superseded = True
        lane.waiting = deque(asked for asked in lane.waiting if asked.session is not older)
        older.close("superseded")

    async def found(self, register_id: str, need: Need) -> Found:
        """What an exchange needs of the ledger."""
        journal = self._journal
        used = False
        stored: dict[str, Entry] = {}
        if need.document is not None and (kept := await journal.document(register_id, need.document)) is not None:
            stored["document"] = kept.entry
        if need.last_close:
            closes = DocumentFilter(register_id=register_id, kind=DocumentKind.CLOSE_SHIFT, limit=1)
            for closed in await journal.documents(closes):
                stored["last_close"] = closed.entry
        if need.sign is not None:
            used = await journal.is_autonomous_sign_used(register_id, need.sign, need.document or 0)
        return Found(**stored, sign_used=used)  # type: ignore[arg-type]  # documents are asked for, and documents come

    async def settled(self, lane: Lane, asked: Waiting) -> RegisterState | None:
        """The state when everything of this lane that was on its way to the journal has its outcome.

        ``None`` when that was taken back, or another node has moved the register: then this waits again, behind it.
        """
        while lane.in_flight or lane.queued:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lane.waiters.append(waiter)
            await waiter
        if lane.loaded and self.needs_look(lane, asked):
            await self._is_current(lane)
        state = lane.ahead
        if not lane.loaded or state is None:
            _again(lane, asked)
            return None
        return state


def _again(lane: Lane, asked: Waiting) -> None:
    """It waits again, in its turn."""
    earlier = sum(waiting.turn < asked.turn for waiting in lane.waiting)
    lane.waiting.insert(earlier, asked)
