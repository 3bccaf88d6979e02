"""Our own register over the Kazakhstan protocol with a defect in it: ``python planted_client.py DEFECT``.

Each defect is one that registers for this protocol have, or nearly had: what the protocol's pages leave to the reader.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from random import uniform
from typing import Any

from msgspec.structs import replace as changed

from fiscal.domain.document import DocumentKind
from fiscal.domain.messages import Answer, SubmitDocument
from fiscal.protocols.kz import frames, messages
from fiscal.protocols.kz.codes import Command, Reaction, ResultCode, reaction_to
from fiscal.protocols.kz.header import Header, parse_header
from fiscal.protocols.kz.numbers import number_after
from fiscal.protocols.kz.reports import close_shift_fields
from fiscal.protocols.kz.service_block import service_request_fields
from fiscal.protocols.kz.tickets import ticket_fields
from fiscal.time import MINUTE
from kkt_client import delivery
from kkt_client.config import RegisterSettings
from kkt_client.core import autonomous, kz_book, kz_messages, outbox
from kkt_client.core.dossier import Dossier
from kkt_client.core.kz_book import Book
from kkt_client.core.outbox import SendDocument
from kkt_client.core.saying import Cause, Said
from kkt_client.transports import kz
from mock_ofd.conformance.own_client import drive


def put(owner: Any, name: str, wrong: Any) -> Any:
    """Put the wrong thing there; what was there before."""
    right = getattr(owner, name)
    setattr(owner, name, wrong)
    return right


# ------------------------------------------------------------------------------------------------ numbers and tokens


def new_request_number() -> None:
    """A document that is sent again gets another request number, as a new one does."""

    def wrong(self: Book, document: int) -> Book:
        number = number_after(self.number)
        return replace(self, number=number, document=document, document_number=number)

    put(Book, "sending", wrong)


def count_tries() -> Counter[tuple[int, int]]:
    """How often each document of each notebook has been sent."""
    tries: Counter[tuple[int, int]] = Counter()
    right = kz.KzLink._submit

    async def counting(self: kz.KzLink, request: SubmitDocument) -> Answer:
        tries[id(self._notebook), self._notebook.book.document] += 1
        return await right(self, request)

    put(kz.KzLink, "_submit", counting)
    return tries


def number_after_replay() -> None:
    """The document behind one that was sent again goes out under the request number of that one."""
    tries = count_tries()
    right = kz.KzNotebook._changed

    def wrong(self: kz.KzNotebook, book: Book) -> bytes | None:
        before = self.book
        if book.document > before.document and tries[id(self), book.document - 1] > 1:
            number = before.document_number or before.number
            book = replace(book, number=number, document_number=number)
        return right(self, book)

    put(kz.KzNotebook, "_changed", wrong)


def other_content() -> None:
    """A document that was not answered is sent again with its token and its number, and another time in it."""
    tries = count_tries()

    def wrong(caller: Any, document: Any, delivered: Any, away: Any) -> Any:
        if delivered.autonomous and any(times > 1 for (_, number), times in tries.items() if number == document.number):
            document = changed(document, issued_at=document.issued_at + MINUTE)
        return right(caller, document, delivered, away)

    right = put(kz, "document_request", wrong)


def token_asked_anew() -> None:
    """Before a document is sent again the operator is asked, and its newest token and a new number are used."""
    tries = count_tries()
    right = kz.KzLink._submit

    async def wrong(self: kz.KzLink, request: SubmitDocument) -> Answer:
        notebook, book = self._notebook, self._notebook.book
        if tries[id(notebook), book.document]:
            asked = number_after(book.number)
            report = kz_messages.question(self._caller, Command.REPORT, self._clock.now(), None)
            token, _ = await self._exchange(report, asked)  # the one command that is answered whatever its token
            anew = number_after(asked)
            notebook._book = replace(book, token=token, number=anew, document_number=anew)
        return await right(self, request)

    put(kz.KzLink, "_submit", wrong)


def numbers_rolled_back() -> None:
    """At the end of a queue token and number are those of its last document again: the next one gets them once more."""
    right = Book.accepted

    def wrong(self: Book, document: int, token: int | None, following: int | None) -> Book:
        book = right(self, document, token, following)
        if self.away is None or following is not None:
            return book
        return replace(book, token=self.token, number=self.document_number - 1)

    put(Book, "accepted", wrong)


def token_in_memory() -> None:
    """The token that an answer brings is used, and not written down: after a restart there is the first one again."""
    right, first = kz_book.write, int(os.environ["OFD_TOKEN"])
    put(kz_book, "write", lambda book: right(replace(book, token=first)))


def number_in_memory() -> None:
    """Which document has the last number is not written down: after a restart it gets the next one."""
    right = kz_book.write
    put(kz_book, "write", lambda book: right(replace(book, document=0, document_number=0)))


def any_answer() -> None:
    """Whatever answer comes is the one that is waited for."""
    put(kz, "answers", lambda _answer, _request: True)


# ------------------------------------------------------------------------------------------------------------- frames


def any_header() -> None:
    """What an answer begins with is not looked at."""
    right = parse_header

    def wrong(data: bytes) -> Header:
        return right(bytes((0xA2, 0x81)) + data[2:])

    put(frames, "parse_header", wrong)


def first_read() -> None:
    """The first read is taken for the whole answer, whatever size its header tells."""
    right = kz.KzWire.data_received

    def wrong(self: kz.KzWire, data: bytes) -> None:
        right(self, data)
        if self.is_amid_answer:
            self.end(Cause(Said.PROTOCOL_BROKEN, "the answer is too short"))

    put(kz.KzWire, "data_received", wrong)


# -------------------------------------------------------------------------------------------------------- alone


def no_period() -> None:
    """The operator is never told how long the register was alone."""
    put(Book, "told", lambda self, _begin, _end: self)
    put(kz.KzNotebook, "away", lambda _self, _now: None)


def period_swapped() -> None:
    """The end of the time alone stands where its begin belongs, and the other way round."""
    right = service_request_fields

    def wrong(profile: Any, device: int, version: int, now: int, period: Any = None, *more: Any) -> Any:
        return right(profile, device, version, now, period and period[::-1], *more)

    put(kz_messages, "service_request_fields", wrong)


def period_with_online() -> None:
    """How long the register was alone goes along with what is sold online, and not with what was sold alone."""

    def wrong(caller: Any, document: Any, delivered: Any, away: Any) -> Any:
        return right(caller, document, delivered, None if delivered.autonomous else away)

    right = put(kz, "document_request", wrong)


def no_own_sign() -> None:
    """A receipt that was issued without the operator is sent as if it were a new one, without its sign."""
    right = ticket_fields

    def wrong(*given: Any) -> Any:
        fields = right(*given)
        fields.pop("offline_ticket_number", None)
        return fields

    put(kz_messages, "ticket_fields", wrong)


def one_sign() -> None:
    """Every process counts its autonomous signs from one."""
    numbers = count(1)
    put(autonomous, "next_autonomous_sign", lambda _last, _now: next(numbers))


def sends_first(choose: Callable[[Sequence[Dossier]], Dossier]) -> None:
    """Of what waits, this is sent, and not the head of the line."""
    right = outbox.next_action

    def wrong(state: Any, link: Any, now: float) -> Any:
        action = right(state, link, now)
        return SendDocument(choose(state.queue)) if isinstance(action, SendDocument) else action

    put(outbox, "next_action", wrong)
    put(delivery, "next_action", wrong)


def overtaking() -> None:
    """The head of the line is sent when nothing else waits."""
    sends_first(lambda queue: queue[min(1, len(queue) - 1)])


def z_first() -> None:
    """The Z-report is sent before the receipts that wait."""
    sends_first(lambda queue: next((one for one in queue if one.kind is DocumentKind.CLOSE_SHIFT), queue[0]))


def z_without_mark() -> None:
    """The Z-report that was taken without the operator is sent as if it were taken now."""
    right = close_shift_fields

    def wrong(*given: Any) -> Any:
        return right(*given) | {"is_offline": False}

    put(kz_messages, "close_shift_fields", wrong)


# ----------------------------------------------------------------------------------------------------------- reports


def no_service() -> None:
    """The Z-report goes without the block that says whose it is."""
    right = messages.serialize

    def wrong(message: Any) -> bytes:
        if message.command == Command.CLOSE_SHIFT:
            message.ClearField("service")
        return right(message)

    put(kz_messages, "serialize", wrong)


def foreign_reg_info() -> None:
    """Whatever register it is, it says that it is the one that was configured first."""
    right = service_request_fields

    def wrong(profile: Any, _device: int, *more: Any) -> Any:
        return right(profile, 1, *more)

    put(kz_messages, "service_request_fields", wrong)


def empty_report() -> None:
    """The Z-report has no figures."""
    right = close_shift_fields

    def wrong(*given: Any) -> Any:
        fields = right(*given)
        fields.pop("z_report", None)
        return fields

    put(kz_messages, "close_shift_fields", wrong)


# ----------------------------------------------------------------------------------------------------------- answers


def _taken_as(wrong_for: Mapping[int, Reaction]) -> None:
    right = reaction_to

    def wrong(code: int, *, is_returning: bool = False) -> Reaction:
        return wrong_for.get(code) or right(code, is_returning=is_returning)

    put(kz_messages, "reaction_to", wrong)


def ignores_block() -> None:
    """Code 15 is taken for an outage."""
    _taken_as({ResultCode.BLOCKED: Reaction.RETRY})


def final_is_passing() -> None:
    """Every code that is not 0 means: later."""
    _taken_as({code: Reaction.RETRY for code in ResultCode if code not in (0, 2, 15)})


def passing_is_final() -> None:
    """Code 254 blocks the register until somebody comes."""
    _taken_as({ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE: Reaction.BLOCK})


# ------------------------------------------------------------------------------------------------------------- time


def no_interval() -> None:
    """The interval between attempts to reconnect is not kept."""
    put(delivery.Delivery, "_own_pause_s", lambda _self: uniform(0.01, 0.03))


def waits_longer() -> None:
    """Seven seconds for each step, as some libraries have it, where there are five for all."""
    right = RegisterSettings.__init__

    def wrong(self: RegisterSettings, *, answer_limit_s: float, sale_budget_s: float, **more: Any) -> None:
        right(self, answer_limit_s=answer_limit_s * 2.5, sale_budget_s=sale_budget_s * 2.5, **more)

    put(RegisterSettings, "__init__", wrong)


DEFECTS: dict[str, Callable[[], None]] = {
    "new-request-number": new_request_number,
    "number-after-replay": number_after_replay,
    "other-content": other_content,
    "token-asked-anew": token_asked_anew,
    "numbers-rolled-back": numbers_rolled_back,
    "token-in-memory": token_in_memory,
    "number-in-memory": number_in_memory,
    "any-answer": any_answer,
    "any-header": any_header,
    "first-read": first_read,
    "no-period": no_period,
    "period-swapped": period_swapped,
    "period-with-online": period_with_online,
    "no-own-sign": no_own_sign,
    "one-sign": one_sign,
    "z-first": z_first,
    "z-without-mark": z_without_mark,
    "no-service": no_service,
    "foreign-reg-info": foreign_reg_info,
    "empty-report": empty_report,
    "ignores-block": ignores_block,
    "final-is-passing": final_is_passing,
    "passing-is-final": passing_is_final,
    "no-interval": no_interval,
    "waits-longer": waits_longer,
    "overtaking": overtaking,
}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    asyncio.run(drive(os.environ))
