"""One order after the other: from what the cashier asks for to a document that is durable and, if possible, signed.

The rule is the order of :meth:`Selling._issue_online`: reach the operator, make the document durable, send it, make the
answer durable, return. When a limit passes on the way, the document is made autonomous in its place, durable again,
and returned as that. When the operator is known to be out of reach, both records go in one commit (semantics 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from fiscal.domain.document import kind_of
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.receipt import Cashier
from fiscal.errors import DiskFull
from fiscal.time import Moment
from kkt_client.config import RegisterSettings
from kkt_client.core import outbox, records
from kkt_client.core.autonomous import block_if_too_long, is_too_long, lose_channel, make_autonomous
from kkt_client.core.basket import Order, digest_of_order
from kkt_client.core.dossier import SAVED_STATES, Dossier
from kkt_client.core.errors import DocumentRefused, KeyReused, RegisterBlocked
from kkt_client.core.issuing import Carriage, Draft, issue
from kkt_client.core.records import Record
from kkt_client.core.state import RegisterState
from kkt_client.delivery import Delivery
from kkt_client.keeping import NOTHING, Intent, Keeper
from kkt_client.ports import Clock, DiskSpace, Ids

Drafting = Callable[[RegisterState], Draft]


class Selling:
    """Serves the orders of one register; :attr:`turn` is held by the order that is being served."""

    def __init__(
        self,
        keeper: Keeper,
        delivery: Delivery,
        clock: Clock,
        ids: Ids,
        disk: DiskSpace,
        carriage: Carriage,
        settings: RegisterSettings,
    ) -> None:
        self.turn = asyncio.Lock()
        self.low_power = False
        """Whether there is not enough power for talking to the operator (S3-14)."""
        self._keeper = keeper
        self._delivery = delivery
        self._clock = clock
        self._ids = ids
        self._disk = disk
        self._carriage = carriage
        self._settings = settings

    async def serve(self, order: Order, key: str | None, cashier: Cashier) -> Dossier:
        """The document of this order, issued now or, under the same key, before. See :class:`Register` for errors."""
        async with self.turn:
            basket = None
            if key is not None:
                basket = digest_of_order(order)
                known = await self._keeper.of_key(key)
                if known is not None:
                    if known.basket != basket:
                        raise KeyReused(key, known.number)
                    return await self._finish(known)
            least = self._settings.free_space_min
            if self._disk.free() < least:
                raise DiskFull(f"less than {least} bytes are free: nothing is sold")
            return await self._issue(lambda state: self._draft(state, order, cashier, key, basket))

    def _draft(
        self, state: RegisterState, order: Order, cashier: Cashier, key: str | None, basket: bytes | None
    ) -> Draft:
        now = self._clock.now()
        profile = self._keeper.registration.profile
        return issue(state, order, cashier, now, self._ids.fresh(now), profile, self._carriage, key, basket)

    async def _issue(self, drafting: Drafting) -> Dossier:
        until = self._clock.monotonic() + self._settings.sale_budget_s
        while True:
            await self._refuse_when_blocked(until)
            issued = await (self._issue_alone(drafting) if self._works_alone else self._issue_online(drafting, until))
            if issued is not None:
                return issued

    @property
    def _works_alone(self) -> bool:
        return self.low_power or self._keeper.state.is_autonomous

    async def _issue_alone(self, drafting: Drafting) -> Dossier | None:
        """The operator is known to be out of reach: one commit, and the receipt is returned (S3-16, S3-20).

        ``None`` when the queue has been sent meanwhile, so that the operator can be asked after all.
        """

        def decide(state: RegisterState) -> Intent:
            if not self._works_alone:
                return NOTHING
            refuse_blocked(state)
            draft = drafting(state)
            lasting = state.open_period
            reason = AutonomousReason.QUEUE_NOT_EMPTY if lasting is None else lasting.reason
            if self.low_power:
                reason = AutonomousReason.LOW_POWER
            made = make_autonomous(state, reason, self._clock.now(), [draft], channel_lost=self.low_power)
            return Intent(made, draft)

        return self._issued(await self._keeper.commit(decide, owed=True))

    async def _issue_online(self, drafting: Drafting, until: Moment) -> Dossier | None:
        """Ask the operator, as long as the sale's budget lasts; then go on without it.

        The operator is reached before a number is given: a memory that is behind, a wrong token or a block are found
        out while there is nothing yet to be taken back. ``None`` when the register works alone meanwhile.
        """
        if not self._delivery.is_clear:
            drafting(self._keeper.state)  # so that a basket that cannot be sold is refused before anybody waits
        async with self._lane(until) as alone_with_operator:
            if not alone_with_operator:
                return await self._without_operator(drafting, AutonomousReason.LATE_ANSWER)
            if self._works_alone:
                return None
            setback = None if self._delivery.is_clear else await self._delivery.reach(until)
            refuse_blocked(self._keeper.state)
            if setback is not None:
                issued = await self._without_operator(drafting, setback.reason)
                self._delivery.set_back(setback)
                return issued
            made = await self._keeper.commit(lambda state: self._online(drafting(state)), owed=True)
            issued = self._issued(made)
            assert issued is not None, "what was decided was issued"
            return await self._deliver(issued, until)

    @asynccontextmanager
    async def _lane(self, until: Moment) -> AsyncIterator[bool]:
        """Have the operator to oneself; ``False`` when somebody else waits for it all the time that the sale has."""
        lane = self._delivery.lane
        taken = not lane.locked()
        if taken:
            await lane.acquire()
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, until - self._clock.monotonic())):
                    taken = await lane.acquire()
        try:
            yield taken
        finally:
            if taken:
                lane.release()

    def _online(self, draft: Draft) -> Intent:
        document = draft.document
        return Intent(draft.records, draft, self._delivery.notes_before(document.number, kind_of(document)))

    async def _without_operator(self, drafting: Drafting, reason: AutonomousReason) -> Dossier | None:
        """The document in doubt, if there is one, and the one that is issued now become autonomous in one commit."""

        def decide(state: RegisterState) -> Intent:
            refuse_blocked(state)
            draft = drafting(state)
            return Intent(make_autonomous(state, reason, self._clock.now(), [draft]), draft)

        return self._issued(await self._keeper.commit(decide, owed=True))

    async def _deliver(self, dossier: Dossier, until: Moment) -> Dossier:
        """Wait for the operator's answer to a document that is durable; without one in time it turns autonomous."""
        setback = await self._delivery.deliver(dossier, until)
        if setback is not None:
            await self._lose(setback.reason)
            self._delivery.set_back(setback)
        return self._outcome(dossier)

    async def _lose(self, reason: AutonomousReason) -> None:
        await self._keeper.commit(lambda state: Intent(lose_channel(state, reason, self._clock.now())))

    def _outcome(self, dossier: Dossier) -> Dossier:
        """The document that the caller gets; an exception when he gets none, though it was issued."""
        refusal = dossier.refusal
        if refusal is not None:
            raise DocumentRefused(dossier.number, refusal.code, refusal.field, refusal.text)
        if dossier.state in SAVED_STATES and not dossier.autonomous:
            for block in self._keeper.state.blocks.values():
                raise RegisterBlocked(block.reason, block.text, dossier.number)
        return dossier

    async def _finish(self, known: Dossier) -> Dossier:
        """The document of a key that was used before; if its answer is still unknown, that is settled first (1.6)."""
        state = self._keeper.state
        # By its key, not by its number: a void that took the place of the document has none.
        waiting = next((dossier for dossier in state.queue if dossier.key == known.key), known)
        if waiting is state.in_doubt:
            until = self._clock.monotonic() + self._settings.sale_budget_s
            async with self._lane(until) as alone_with_operator:
                if not alone_with_operator:
                    await self._lose(AutonomousReason.LATE_ANSWER)
                elif waiting is state.in_doubt:
                    return await self._deliver(waiting, until)
        return self._outcome(waiting)

    def _issued(self, made: Sequence[Record]) -> Dossier | None:
        numbers = {record.number for record in made if isinstance(record, records.Issued)}
        return next((dossier for dossier in reversed(self._keeper.state.queue) if dossier.number in numbers), None)

    async def _refuse_when_blocked(self, until: Moment) -> None:
        """Sell nothing while blocked; where the operator alone can lift the block, ask it first."""
        state, limit = self._keeper.state, self._settings.autonomous_max_ms
        if is_too_long(state, self._clock.now(), limit):
            await self._keeper.commit(lambda state: Intent(block_if_too_long(state, self._clock.now(), limit)))
        if state.blocks and all(reason in outbox.DECIDED_BY_OPERATOR for reason in state.blocks):
            async with self._lane(until) as alone_with_operator:
                if alone_with_operator:
                    await self._delivery.reach(until)
        refuse_blocked(state)


def refuse_blocked(state: RegisterState) -> None:
    """:class:`RegisterBlocked` when the register sells nothing now."""
    for block in state.blocks.values():
        raise RegisterBlocked(block.reason, block.text)
