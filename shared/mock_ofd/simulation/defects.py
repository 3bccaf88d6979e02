"""Defects that are planted on purpose, to see that the simulation finds them.

The rule: each is what a hurried programmer would write, put in the place of the right code for the time of a
``with`` block. A simulation that does not find one of them proves nothing about its absence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final

from msgspec.structs import replace

from fiscal.domain.messages import Answer, SubmitDocument
from fiscal.protocols.content import decode_content, encode_content
from fiscal.time import Instant, Moment
from kkt_client import delivery
from kkt_client.core import autonomous, outbox
from kkt_client.core.outbox import Action, LinkView, SendDocument
from kkt_client.core.records import KIND_OF, MadeAutonomous, Sealed
from kkt_client.core.state import RegisterState
from kkt_client.keeping import Keeper
from ofd_server.core.decide import Decision
from ofd_server.lane import Lane, Waiting
from ofd_server.service import Service


class Defect(StrEnum):
    """What is wrong."""

    ANSWER_BEFORE_COMMIT = "answer-before-commit"
    SEND_BEFORE_PERSIST = "send-before-persist"
    NEW_NUMBER_ON_RESEND = "new-number-on-resend"
    OVERTAKING = "overtaking"
    UNSYNCED_SIGN = "unsynced-sign"


@contextmanager
def planted(defect: Defect | None) -> Iterator[None]:
    """The product with this defect; ``None`` is the product as it is."""
    places = () if defect is None else _PLACES[defect]()
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, wrong in places:
        setattr(owner, name, wrong)
    try:
        yield
    finally:
        for owner, name, right in kept:
            setattr(owner, name, right)


_Places = Sequence[tuple[Any, str, Any]]


def _answer_before_commit() -> _Places:
    right = Service.take

    def wrong(self: Service, lane: Lane, asked: Waiting, decision: Decision) -> None:
        if decision.entries:
            asked.reply(decision.answer)
            asked.reply = _nobody
        right(self, lane, asked, decision)

    return [(Service, "take", wrong)]


def _nobody(_answer: Answer | None) -> None:
    return None


def _send_before_persist() -> _Places:
    right = Keeper._append

    async def wrong(self: Keeper, sealed: list[Sealed], beside: dict[str, bytes], issued: Sequence[int] = ()) -> None:
        before = self.__dict__.get("_unfinished_write")
        task = asyncio.get_running_loop().create_task(_after(before, right(self, sealed, beside, issued)))
        self.__dict__["_unfinished_write"] = task

    return [(Keeper, "_append", wrong)]


async def _after(before: asyncio.Task[None] | None, write: Any) -> None:
    if before is not None:
        await before
    await write


def _new_number_on_resend() -> _Places:
    right = vars(SendDocument)["message"].fget
    sent: dict[bytes, int] = {}

    def wrong(self: SendDocument) -> SubmitDocument:
        message: SubmitDocument = right(self)
        tries = sent[message.content] = sent.get(message.content, 0) + 1
        if tries == 1:
            return message
        document = decode_content(message.content)
        fresh = document.id[:-2] + tries.to_bytes(2, "big")
        again = replace(document, number=document.number + 1, id=max(fresh, document.id))
        return replace(message, content=encode_content(again))

    return [(SendDocument, "message", property(wrong))]


def _overtaking() -> _Places:
    right: Callable[[RegisterState, LinkView, Moment], Action] = outbox.next_action

    def wrong(state: RegisterState, link: LinkView, now: Moment) -> Action:
        action = right(state, link, now)
        if isinstance(action, SendDocument) and len(state.queue) > 1 and now % 2 < 1:
            return SendDocument(state.queue[1])
        return action

    return [(delivery, "next_action", wrong), (outbox, "next_action", wrong)]


def _unsynced_sign() -> _Places:
    """An autonomous receipt is handed out while its record is still on its way to the disk."""
    right = Keeper._append
    kind = KIND_OF[MadeAutonomous]

    async def wrong(self: Keeper, sealed: list[Sealed], beside: dict[str, bytes], issued: Sequence[int] = ()) -> None:
        before = self.__dict__.pop("_unfinished_write", None)
        write = _after(before, right(self, sealed, beside, issued))
        if any(one.kind == kind for one in sealed):
            self.__dict__["_unfinished_write"] = asyncio.get_running_loop().create_task(write)
        else:
            await write

    def next_one(last: int, _now: Instant) -> int:
        return last + 1

    return [(Keeper, "_append", wrong), (autonomous, "next_autonomous_sign", next_one)]


_PLACES: Final[Mapping[Defect, Callable[[], _Places]]] = {
    Defect.ANSWER_BEFORE_COMMIT: _answer_before_commit,
    Defect.SEND_BEFORE_PERSIST: _send_before_persist,
    Defect.NEW_NUMBER_ON_RESEND: _new_number_on_resend,
    Defect.OVERTAKING: _overtaking,
    Defect.UNSYNCED_SIGN: _unsynced_sign,
}
