"""The conversation with the operator: what is compared, what is reported, when it is tried again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypedDict

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.errors import ConfigurationError, NotDelivered
from fiscal.retry import Backoff, Jitter
from fiscal.time import SECOND
from kkt_client.config import RegisterSettings
from kkt_client.core import records
from kkt_client.core.errors import DocumentRefused, NothingToResolve, RegisterBlocked
from kkt_client.core.events import AnomalyNoted
from kkt_client.core.records import Decision, Sealed, unseal
from kkt_client.core.saying import Said
from kkt_client.storage.memory import MemoryDisk
from tests.kkt_client.shop import BASKET, Shop, VirtualLoop, play

S, B = DocumentState, BlockReason


class Who(TypedDict):
    by: str
    why: str


WHO: Who = {"by": "Айгуль", "why": "проверено"}


def copy_of(disk: MemoryDisk) -> MemoryDisk:
    """A backup."""
    copy = MemoryDisk()
    copy.records = list(disk.records)
    copy.beside = dict(disk.beside)
    copy.keys = dict(disk.keys)
    return copy


def statuses(shop: Shop) -> list[tuple[int, RegisterMode]]:
    return [(said.unsent, said.mode) for said in shop.operator.heard if isinstance(said, ReportStatus)]


def decided(shop: Shop) -> list[Decision]:
    found = [unseal(sealed) for sealed in shop.disk.records]
    return [record.decision for record in found if isinstance(record, records.Resolved)]


# --------------------------------------------------------------------------------------------------- two memories


def restored(sold_since: int = 2, alone: bool = False) -> Shop:
    """A shop whose register was restored from a backup that is one sale old, while more was sold since."""
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
        backup = copy_of(shop.disk)
        async with shop.opened() as register:
            if alone:
                shop.operator.down = True
            for _ in range(sold_since):
                await register.sell(BASKET)
            shop.operator.down = False
            await register.sync()
        return backup

    shop.disk = play(scene)
    shop.operator.forget()
    shop.events.clear()
    return shop


@pytest.mark.parametrize("alone", [False, True])
def test_a_memory_that_is_behind_gives_no_number_until_a_person_adopts(alone):
    shop = restored(alone=alone)

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            blocked = register.status()
            await asyncio.sleep(600)
            silent = shop.operator.words()
            await register.resolve(Decision.ADOPT, **WHO)
            after = await register.sell(BASKET)
            more = await register.sell(BASKET)
            return found.value, blocked, silent, after, more, register.status()

    blocked, status, silent, after, more, later = play(scene)

    assert (blocked.reason, blocked.number) == (B.MEMORY_BEHIND, None)
    assert (status.last_number, status.mode) == (1, RegisterMode.BLOCKED)
    assert silent == ["hello"]
    assert (after.number, after.state, more.number) == (4, S.DELIVERED, 5)
    assert later.cash == 5 * 25_000
    assert shop.operator.numbers() == [1, 2, 3, 4, 5]


def test_a_sign_that_the_memory_does_not_know_stops_it_as_well():
    shop = Shop()
    shop.operator.answers = [(Hello, Welcome(at=1, operator="o", last_autonomous_sign=99_999_999))]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            return found.value.reason

    assert play(scene) is B.MEMORY_BEHIND


def test_looking_again_without_a_change_blocks_again():
    shop = restored()

    async def scene():
        async with shop.opened() as register:
            for _ in range(2):
                with pytest.raises(RegisterBlocked):
                    await register.sell(BASKET)
                await register.resolve(Decision.RETRY, **WHO)
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            return register.status().last_number

    assert play(scene) == 1
    assert decided(shop) == [Decision.RETRY, Decision.RETRY]


def test_what_was_sold_alone_on_an_old_memory_is_given_up_when_it_is_adopted():
    shop = restored(sold_since=2)
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)  # number 2, which the operator knows as another document
            shop.operator.down = False
            with pytest.raises(RegisterBlocked):
                await register.sync()
            await register.resolve(Decision.ADOPT, **WHO)
            await register.sync()
            after = await register.sell(BASKET)
            return after, await register.document(2), (await register.verify()).is_whole

    after, given_up, whole = play(scene)

    assert (after.number, after.state) == (4, S.DELIVERED)
    assert given_up is not None
    assert given_up.state is S.VOIDED_AUTONOMOUS
    assert whole
    assert decided(shop) == [Decision.ADOPT, Decision.ADOPT]


def test_adopting_needs_the_operator():
    shop = restored()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            shop.operator.down = True
            with pytest.raises(NotDelivered):
                await register.resolve(Decision.ADOPT, **WHO)
            shop.operator.down = False
            shop.operator.answers = [(type(None), Noted(at=1))]
            await register.resolve(Decision.ADOPT, **WHO)
            with pytest.raises(NothingToResolve):
                await register.resolve(Decision.ADOPT, **WHO)

    play(scene)

    assert decided(shop) == [Decision.ADOPT]


def test_an_operator_that_does_not_say_what_it_holds_cannot_be_adopted():
    shop = restored()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            shop.operator.answers = [(AskInformation, Refused(code=RefusalCode.UNKNOWN_COMMAND))]
            with pytest.raises(NotDelivered, match="does not tell"):
                await register.resolve(Decision.ADOPT, **WHO)

    play(scene)


def behind(lost: int = 2) -> Shop:
    """A shop whose operator lost its last documents."""
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)

    play(scene)
    del shop.operator.contents[-lost:], shop.operator.deliveries[-lost:]
    shop.operator.forget()
    shop.events.clear()
    return shop


def test_an_operator_that_is_behind_gets_back_what_it_lost_when_a_person_allows_it():
    shop = behind()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            await register.resolve(Decision.RESEND, **WHO)
            after = await register.sell(BASKET)
            return found.value.reason, after, await register.document(3)

    reason, after, kept = play(scene)

    assert reason is B.OPERATOR_BEHIND
    assert shop.operator.words() == ["hello", "hello", "document 2", "document 3", "document 4"]
    assert (after.number, kept.sign) == (4, "700000000003")


@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_link_that_is_lost_while_a_document_is_looked_up_is_made_anew(hangs_up):
    shop = behind()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            memory, lost = shop.memory, list[int]()
            assert memory is not None
            looked_up = memory.of_documents

            async def of_documents(first: int, last: int) -> Sequence[Sealed]:
                link = register._delivery._link
                if link is not None and register._delivery.is_connected and not lost:  # for sending it, not for hello
                    lost.append(first)
                    link.close() if hangs_up else register.greet()
                    await asyncio.sleep(0.02)
                return await looked_up(first, last)

            memory.of_documents = of_documents  # type: ignore[method-assign]
            await register.resolve(Decision.RESEND, **WHO)
            await register.sync()
            return lost, register.status().last_error_code, await register.sell(BASKET)

    lost, error, after = play(scene)

    assert lost == [2]
    assert error is Said.CONNECTION_LOST
    assert shop.operator.numbers() == [1, 2, 3, 4]
    assert after.state is S.DELIVERED


def test_what_the_operator_lost_is_sent_again_although_nothing_else_waits():
    shop = behind()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.resolve(Decision.RESEND, **WHO)
            await register.sync()

    play(scene)

    assert shop.operator.words() == ["hello", "hello", "document 2", "document 3"]


def test_a_greeting_comes_although_nothing_waits():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await asyncio.sleep(10)
            before = shop.operator.words()
            register.greet()
            await asyncio.sleep(10)
            return before

    assert play(scene) == []
    assert shop.operator.words() == ["hello"]


def test_the_first_sign_is_kept_when_another_one_comes():
    shop = behind()
    shop.operator.sign_suffix = "9"

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.resolve(Decision.RESEND, **WHO)
            await register.sell(BASKET)
            return await register.document(3)

    kept = play(scene)

    assert kept.sign == "700000000003"
    assert [event.number for event in shop.events if isinstance(event, AnomalyNoted)] == [2, 3]


@pytest.mark.parametrize(
    "answer",
    [Refused(code=RefusalCode.TOO_OLD, text="too old"), Refused(code=RefusalCode.CONFLICT)],
)
def test_what_the_operator_does_not_take_back_blocks_again(answer):
    shop = behind()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            shop.operator.answers = [(SubmitDocument, answer)]
            await register.resolve(Decision.RESEND, **WHO)
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            return found.value.reason

    assert play(scene) is B.OPERATOR_BEHIND
    assert [event.code for event in shop.events if isinstance(event, AnomalyNoted)] == ["resend_refused"]


def test_what_is_not_in_this_memory_cannot_be_sent_again():
    shop = restored()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.resolve(Decision.ADOPT, **WHO)
            await register.sell(BASKET)
            del shop.operator.contents[1:], shop.operator.deliveries[1:]
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.resolve(Decision.RESEND, **WHO)
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            return found.value

    blocked = play(scene)

    assert blocked.reason is B.OPERATOR_BEHIND
    assert "document 2 is not in this memory" in blocked.text


def test_a_gap_that_only_a_document_shows_blocks_too():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.contents.clear()
            shop.operator.deliveries.clear()
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            await register.resolve(Decision.RESEND, **WHO)
            await register.sync()
            return found.value

    blocked = play(scene)

    assert (blocked.reason, blocked.number) == (B.OPERATOR_BEHIND, 2)
    assert shop.operator.numbers() == [1, 2]


# ------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    "wrong",
    [Accepted(number=7, at=1, sign="1"), Accepted(number=1, at=1)],
    ids=["another number", "no sign"],
)
def test_an_acceptance_that_does_not_fit_is_not_believed(wrong):
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, wrong)]

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            await register.sync()
            return receipt, await register.document(1)

    receipt, after = play(scene)

    assert receipt.autonomous
    assert after is not None
    assert after.state is S.DELIVERED_AUTONOMOUS


def test_a_hello_that_is_refused_for_another_reason_is_a_lost_connection():
    shop = Shop()
    shop.operator.answers = [(Hello, Refused(code=RefusalCode.BAD_REQUEST, text="profile"))] * 2

    async def scene():
        async with shop.opened() as register:
            return await register.sell(BASKET), register.status().last_error

    receipt, _ = play(scene)

    assert receipt.state is S.DELIVERED
    assert shop.operator.words() == ["hello", "hello", "hello", "document 1"]


def test_a_hello_that_is_asked_to_come_later_is_repeated_later():
    shop = Shop()
    shop.operator.answers = [(Hello, TryLater(delay_ms=1_000))] * 3

    async def scene():
        async with shop.opened() as register:
            return await register.sell(BASKET), shop.clock.monotonic()

    receipt, at = play(scene)

    assert receipt.state is S.DELIVERED
    assert shop.operator.words() == ["hello"] * 4 + ["document 1"]
    assert 3.0 <= at <= 3.4


def test_a_sale_that_is_asked_at_the_door_to_come_too_late_goes_on_alone():
    shop = Shop()
    shop.operator.answers = [(Hello, TryLater(delay_ms=1_000))] * 100

    async def scene():
        async with shop.opened() as register:
            receipt, at = await register.sell(BASKET), shop.clock.monotonic()
            return receipt, at, shop.operator.words()

    receipt, at, words = play(scene)

    assert receipt.autonomous
    assert 3 <= len(words) <= 5
    assert at <= 5.0


def test_a_refused_period_does_not_hold_the_documents():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.answers = [(ReportOfflinePeriod, Refused(code=RefusalCode.BAD_REQUEST, text="no"))]
            await register.sync()

    play(scene)

    assert shop.operator.numbers() == [1]
    assert [event.code for event in shop.events if isinstance(event, AnomalyNoted)] == ["period_refused"]


def test_a_document_that_a_blocked_operator_has_to_be_asked_about():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.blocked = "долг"
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            asked = len(shop.operator.heard)
            await asyncio.sleep(300)
            still = register.status()
            shop.operator.blocked = ""
            await register.sync(120.0)
            return len(shop.operator.heard) - asked, still, register.status()

    more, still, after = play(scene)

    assert more > 5
    assert (still.mode, after.mode) == (RegisterMode.BLOCKED, RegisterMode.ONLINE)
    assert shop.operator.numbers() == [1, 2]


# -------------------------------------------------------------------------------------------------------- status


def test_the_operator_hears_at_once_that_a_sale_has_stopped_the_register():
    """The background looks round after every sale, also when it had nothing to do before."""
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await asyncio.sleep(1)
            shop.operator.answers = [(SubmitDocument, Refused(code=RefusalCode.BAD_TOTALS, text="wrong"))]
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET)
            await asyncio.sleep(1)
            return statuses(shop)

    assert play(scene) == [(0, RegisterMode.ONLINE), (1, RegisterMode.BLOCKED)]


def test_the_operator_hears_how_the_register_is_doing_after_hello_and_when_the_mode_changes():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await asyncio.sleep(1)
            shop.operator.down = True
            await register.sell(BASKET)
            await register.sell(BASKET)
            shop.operator.down = False
            await register.sync()
            await asyncio.sleep(1)

    play(scene)

    assert statuses(shop) == [(0, RegisterMode.ONLINE), (2, RegisterMode.AUTONOMOUS), (0, RegisterMode.ONLINE)]


def test_while_a_backlog_is_sent_the_operator_hears_now_and_then_how_much_is_left():
    shop = Shop()
    shop.operator.delays = {SubmitDocument: 0.5}

    async def scene():
        async with shop.opened() as register:
            shop.operator.down = True
            for _ in range(21):
                await register.sell(BASKET)
            shop.operator.down = False
            await register.sync()
            await asyncio.sleep(1)

    play(scene)

    *sending, last = [said for said in shop.operator.heard if isinstance(said, ReportStatus)]
    assert [said.unsent for said in sending] == [21, 17, 13, 9, 5, 1]
    assert {said.mode for said in sending} == {RegisterMode.AUTONOMOUS}
    assert [said.head for said in sending] == [1, 5, 9, 13, 17, 21]
    assert sending[0].last_error, "why it could not send before"
    assert (last.unsent, last.mode, last.head, last.last_error) == (0, RegisterMode.ONLINE, None, None)
    assert last.since is not None
    assert last.since > (sending[0].since or 0)


def test_a_register_that_is_stuck_says_so():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, Refused(code=RefusalCode.BAD_TOTALS, text="wrong"))]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(Exception, match="bad_totals"):
                await register.sell(BASKET)
            await asyncio.sleep(1)

    play(scene)

    (said,) = [said for said in shop.operator.heard if isinstance(said, ReportStatus)]
    assert (said.unsent, said.mode) == (1, RegisterMode.BLOCKED)
    assert said.stuck is not None
    assert "bad_totals: wrong" in said.stuck


def test_a_register_with_nothing_to_say_does_not_connect():
    shop = Shop()

    async def scene():
        async with shop.opened():
            await asyncio.sleep(3_600)

    play(scene)

    assert shop.operator.connections == 0


def test_a_connection_that_was_lost_while_nobody_used_it_is_made_anew():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = True
            await asyncio.sleep(60)
            connected = register.status().connected
            shop.operator.down = False
            return connected, await register.sell(BASKET)

    connected, receipt = play(scene)

    assert not connected
    assert receipt.state is S.DELIVERED


# ------------------------------------------------------------------------------------------------------- back-off


def attempts(shop: Shop, seconds: float) -> list[float]:
    """When the background knocked in this time."""
    moments: list[float] = []

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            transport = register._ports.transport
            connect = transport.connect

            async def knocked():
                moments.append(shop.clock.monotonic())
                return await connect()

            transport.connect = knocked  # type: ignore[method-assign]  # to see when it knocks
            await asyncio.sleep(seconds)

    shop.operator.down = True
    play(scene)
    return moments


def test_the_background_backs_off_to_a_minute():
    backoff = Backoff(base_ms=1_000, cap_ms=60_000, jitter=Jitter.NONE)
    moments = attempts(Shop(RegisterSettings(backoff=backoff, retry_in_sale_s=0.0)), 300)

    assert [round(later - earlier) for earlier, later in pairwise(moments)] == [
        2,
        4,
        8,
        16,
        32,
        60,
        60,
        60,
    ]


def test_an_operator_that_welcomes_and_hangs_up_is_not_called_again_at_once():
    shop = Shop(RegisterSettings(backoff=Backoff(base_ms=1_000, cap_ms=60_000, jitter=Jitter.NONE)))
    moments: list[float] = []

    async def scene():
        async with shop.opened() as register:
            shop.operator.down = True
            await register.sell(BASKET)
            shop.operator.down = False
            transport = register._ports.transport
            connect = transport.connect

            async def hangs_up():
                moments.append(shop.clock.monotonic())
                link = await connect()
                request = link.request

                async def once(asked):
                    answer = await request(asked)
                    link.close()
                    return answer

                link.request = once  # type: ignore[method-assign]  # likewise
                return link

            transport.connect = hangs_up  # type: ignore[method-assign]  # to be seen and to hang up
            await asyncio.sleep(100)

    play(scene)

    assert [round(later - earlier) for earlier, later in pairwise(moments)] == [2, 4, 8, 16, 32]


def test_full_jitter_spreads_a_fleet():
    moments = attempts(Shop(RegisterSettings(retry_in_sale_s=0.0)), 3_600)

    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert max(pauses) <= 60.0
    assert min(pauses[6:]) < 30.0 < max(pauses[6:])


def test_progress_begins_the_back_off_anew():
    shop = Shop(RegisterSettings(backoff=Backoff(base_ms=1_000, cap_ms=60_000, jitter=Jitter.NONE)))
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)
            await asyncio.sleep(200)
            shop.operator.down = False
            await shop.until(lambda: shop.operator.contents)
            shop.operator.down = True
            await asyncio.sleep(0.1)
            return register.status().next_attempt_s

    wait = play(scene)

    assert wait is None or wait <= 1.0


def test_a_time_that_the_operator_names_is_kept_by_the_background():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=30_000))]
            await shop.until(lambda: len(shop.operator.heard) >= 3)
            asked, status = shop.clock.monotonic(), register.status()
            await shop.until(lambda: shop.operator.contents)
            return shop.clock.monotonic() - asked, status

    waited, status = play(scene)

    assert 29.0 <= waited <= 34.0
    assert status.next_attempt_s is not None
    assert "come back in 30000 ms" in status.last_error


def test_sync_does_not_wait_for_the_back_off_to_end():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await asyncio.sleep(600)
            shop.operator.down = False
            begun = shop.clock.monotonic()
            await register.sync()
            return shop.clock.monotonic() - begun

    assert play(scene) < 0.001


def test_sync_gives_up_with_the_last_error():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            with pytest.raises(NotDelivered, match="1 documents wait: connection refused"):
                await register.sync(10.0)
            shop.operator.down, shop.operator.blocked = False, "долг"
            with pytest.raises(RegisterBlocked, match="долг"):
                await register.sync(10.0)

    play(scene)


def test_the_first_attempt_is_counted_and_a_head_that_went_is_not():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.deaf = {SubmitDocument}
            await register.sell(BASKET)
            await asyncio.sleep(60)
            waiting = register.status()
            shop.operator.deaf = set()
            await register.sync()
            return waiting, register.status()

    waiting, after = play(scene)

    assert waiting.head == 2
    assert waiting.attempts > 2
    assert (after.head, after.attempts) == (None, 0)


# ------------------------------------------------------------------------------------------------ other protocols


@pytest.mark.parametrize("unsent", [True, False])
def test_the_protocol_changes_only_with_nothing_unsent(unsent):
    shop = Shop()
    shop.operator.down = unsent

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
        shop.whose = replace(shop.whose, protocol="http")
        if unsent:
            with pytest.raises(ConfigurationError, match="1 documents wait to be sent over native"):
                async with shop.opened():
                    pass
            return None
        async with shop.opened() as register:
            return register.registration.protocol

    assert play(scene) == (None if unsent else "http")


def test_another_operator_goes_on_from_what_this_one_accepted():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await register.close_shift()
        shop.operator.forget()
        shop.operator.answers = [(Hello, Welcome(at=1, operator="new", last_number=2))]
        async with shop.opened() as register:
            await register.sell(BASKET)

    play(scene)

    hello = shop.operator.heard[0]
    assert isinstance(hello, Hello)
    assert (hello.last_number, hello.last_shift, hello.accepted_number, hello.accepted_shift) == (2, 1, 2, 1)
    assert shop.operator.numbers() == [1, 2, 3]


def test_the_reason_of_a_period_is_why_it_began():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.deaf = {SubmitDocument}
            await register.sell(BASKET)
            shop.operator.deaf = set()
            await register.sync()

    play(scene)

    (period,) = [said for said in shop.operator.heard if isinstance(said, ReportOfflinePeriod)]
    assert period.reason is AutonomousReason.LATE_ANSWER
    assert period.end - period.begin >= 5 * SECOND


@pytest.mark.parametrize("kind", [ReportOfflinePeriod, ReportStatus, SubmitDocument])
def test_a_session_that_was_superseded_is_begun_again_whatever_was_asked(kind):
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.answers = [(kind, Refused(code=RefusalCode.SUPERSEDED, text="another"))]
            await register.sync(120.0)

    play(scene)

    assert shop.operator.numbers() == [1]
    assert [event for event in shop.events if isinstance(event, AnomalyNoted)] == []
    assert shop.operator.words().count("hello") == 2


def test_an_operator_that_does_not_say_whether_it_blocks_is_asked_ever_more_rarely():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, Blocked(reason="долг"))]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            shop.operator.answers = [(AskInformation, Refused(code=RefusalCode.UNKNOWN_COMMAND))] * 10_000
            await asyncio.sleep(3_600)

    play(scene)

    assert 30 < shop.operator.words().count("askinformation") < 400


def test_an_operator_that_says_that_it_still_blocks_is_believed():
    shop = Shop()
    held = Information(at=1, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0, blocked=True)
    shop.operator.answers = [(SubmitDocument, Blocked(reason="долг")), (AskInformation, held)]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await shop.until(lambda: "askinformation" in shop.operator.words())
            still = register.status().mode
            await register.sync(120.0)
            return still, register.status().mode

    assert play(scene) == (RegisterMode.BLOCKED, RegisterMode.ONLINE)
    assert shop.operator.numbers() == [1]


def test_the_power_goes_while_a_sale_waits_for_the_time_that_the_operator_named():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=2_000))]

    async def scene():
        async with shop.opened() as register:
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(1.0)
            await register.low_power(True)
            receipt = await sale
            return receipt, len(shop.operator.contents)

    receipt, sent = play(scene)

    assert receipt.autonomous
    assert sent == 0


def test_an_answer_that_came_behind_the_end_of_the_sale_is_not_believed():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            answer = shop.operator.answer

            def slowly(request, now):
                if isinstance(request, SubmitDocument):
                    jump(6.0)  # the machine was busy with something else
                return answer(request, now)

            shop.operator.answer = slowly  # type: ignore[method-assign]  # to stop the machine
            receipt = await register.sell(BASKET)
            shop.operator.answer = answer  # type: ignore[method-assign]
            await register.sync()
            return receipt, await register.document(2)

    receipt, after = play(scene)

    assert receipt.autonomous
    assert after is not None
    assert after.state is S.DELIVERED_AUTONOMOUS
    assert shop.operator.numbers() == [1, 2]


def jump(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.seconds += seconds


@pytest.mark.parametrize("kind", [Hello, ReportOfflinePeriod, SubmitDocument])
def test_what_could_not_be_kept_is_asked_for_again_over_another_connection(kind):
    shop = Shop(RegisterSettings(free_space_min=0))
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays[kind] = 1.0
            await shop.until(lambda: any(isinstance(said, kind) for said in shop.operator.heard))
            shop.disk.full = True
            await asyncio.sleep(10)
            shop.disk.full = False
            await register.sync()
            return register.status().mode, (await register.verify()).is_whole

    assert play(scene) == (RegisterMode.ONLINE, True)
    assert shop.operator.numbers() == [1]
    assert shop.operator.words().count("hello") >= 2


def test_a_link_that_is_back_is_tried_within_a_second_at_random():
    moments = set()
    for seed in range(5):
        shop = Shop(RegisterSettings(backoff=Backoff(base_ms=60_000, cap_ms=60_000, jitter=Jitter.NONE)))
        shop.operator.down = True

        async def scene(shop=shop, seed=seed):
            async with shop.opened() as register:
                register._delivery._chance.seed(seed)
                await register.sell(BASKET)
                await asyncio.sleep(5.0)
                shop.operator.down = False
                back = shop.clock.monotonic()
                register.link_restored()
                await shop.until(lambda: shop.operator.contents)
                return shop.clock.monotonic() - back

        moments.add(round(play(scene), 3))
    assert len(moments) > 1
    assert max(moments) <= 1.0


def test_what_the_operator_said_last_holds_although_the_link_was_lost_meanwhile():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=30_000))]
            await shop.until(lambda: len(shop.operator.heard) >= 3)
            told = shop.clock.monotonic()
            link = register._delivery._link
            assert link is not None
            link.close()
            register.link_restored()
            await shop.until(lambda: shop.operator.contents)
            return shop.clock.monotonic() - told

    assert 29.0 <= play(scene) <= 34.0


@pytest.mark.parametrize(("delay_ms", "autonomous"), [(2_000, False), (20_000, True)])
def test_a_sale_that_is_put_off_turns_autonomous_only_when_its_time_would_be_over(delay_ms, autonomous):
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=delay_ms))]

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            return receipt, shop.clock.monotonic()

    receipt, at = play(scene)

    assert receipt.autonomous is autonomous
    assert at <= 5.0
