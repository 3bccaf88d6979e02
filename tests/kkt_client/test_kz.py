"""The register over the Kazakhstan protocol: every document is counted once, whatever is lost and whoever dies."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from fiscal.domain.document import Delivery, kind_of
from fiscal.domain.lifecycle import BlockReason, DocumentState, RegisterMode
from fiscal.domain.receipt import PaymentKind
from fiscal.errors import ConfigurationError, DiskFull, InvalidValue, NotDelivered, StorageError
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.header import HEADER_SIZE
from kkt_client.config import RegisterSettings
from kkt_client.core.basket import Basket
from kkt_client.core.errors import DocumentRefused, NothingToResolve, RegisterBlocked
from kkt_client.core.kz_book import write
from kkt_client.core.kz_messages import document_request
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.records import Decision, Sealed
from kkt_client.ports import EXCHANGE
from kkt_client.register import Register
from kkt_client.transports import kz as transports_kz
from tests.kkt_client.kz_shop import TOKEN, KzShop, Say
from tests.kkt_client.shop import BASKET, BREAD, play

S = DocumentState
TICKET, PLACEMENT, CLOSE, SYSTEM = Command.TICKET, Command.MONEY_PLACEMENT, Command.CLOSE_SHIFT, Command.SYSTEM


def test_a_sale_is_signed():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            first = await register.sell(BASKET)
            second = await register.sell(BASKET)
            return shop, first, second

    shop, first, second = play(scene)
    assert (first.state, first.sign, first.qr) == (S.DELIVERED, "700000000001", "qr:700000000001")
    assert second.sign == "700000000002"
    assert shop.kz.words() == ["TICKET", "TICKET"]
    assert [number for _, number in shop.kz.numbers()] == [1, 2]
    assert shop.kz.connections == 1
    assert shop.kz.periods() == [None, None]
    assert shop.book.token == shop.kz.exchange.issued_token


# ----------------------------------------------------------------------------------------------- lost on the way

Order = Callable[[Register], Awaitable[FiscalPaper]]
SALE = Basket(lines=(BREAD,))


async def sell(register: Register) -> FiscalPaper:
    return await register.sell(BASKET, key="it")


async def give_back(register: Register) -> FiscalPaper:
    sold = await register.find("before")
    assert isinstance(sold, FiscalReceipt)
    return await register.sell_return(replace(SALE, parent=sold.as_parent()), key="it")


async def buy(register: Register) -> FiscalPaper:
    return await register.buy(BASKET, key="it")


async def buy_return(register: Register) -> FiscalPaper:
    sold = await register.find("before")
    assert isinstance(sold, FiscalReceipt)
    return await register.buy_return(replace(SALE, parent=sold.as_parent()), key="it")


async def deposit(register: Register) -> FiscalPaper:
    return await register.deposit(500, key="it")


async def withdraw(register: Register) -> FiscalPaper:
    return await register.withdraw(500, key="it")


async def close_shift(register: Register) -> FiscalPaper:
    return await register.close_shift(key="it")


KINDS: list[tuple[Order, Command]] = [
    (sell, TICKET),
    (give_back, TICKET),
    (buy, TICKET),
    (buy_return, TICKET),
    (deposit, PLACEMENT),
    (withdraw, PLACEMENT),
    (close_shift, CLOSE),
]


@pytest.mark.parametrize("version", [202, 203])
@pytest.mark.parametrize("trouble", ["lose", "drop"])
@pytest.mark.parametrize(("order", "command"), KINDS)
def test_a_lost_answer_or_request_is_one_document_on_both_sides(order, command, trouble, version):
    async def scene():
        shop = KzShop(version=version)
        async with shop.opened() as register:
            await register.sell(BASKET, key="before")
            getattr(shop.kz, trouble).add(command)
            paper = await order(register)
            return shop, paper, [one async for one in register.documents()]

    shop, paper, papers = play(scene)
    assert paper.state is S.DELIVERED
    assert len(papers) == len(shop.kz.counted) == 2
    assert shop.kz.replays == (trouble == "lose")
    if trouble == "lose":
        first, again = shop.kz.heard[-2:]
        assert first == again, "word for word, with the same token and number"


@pytest.mark.parametrize(("order", "command"), KINDS)
def test_a_document_whose_answer_never_came_is_sent_again_first_with_its_numbers(order, command):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET, key="before")
            shop.kz.says = [Say(command, 254)] * 1000
            paper = await order(register)
            waiting = paper.state
            shop.kz.says.clear()
            later = await register.sell(BASKET, key="later")
            await register.sync()
            return shop, waiting, later, [one async for one in register.documents()]

    shop, waiting, later, papers = play(scene)
    assert waiting is S.SAVED_AUTONOMOUS
    assert later.autonomous
    assert len(papers) == len(shop.kz.counted) == 3
    assert {(heard.token, heard.number) for heard in shop.kz.heard if heard.number == 2} == {shop.kz.numbers()[1]}
    assert all(paper.state is S.DELIVERED_AUTONOMOUS for paper in papers[1:])


# ------------------------------------------------------------------------------------------------------- crashes


async def online(shop: KzShop, register: Register) -> list[FiscalPaper]:
    return [await register.sell(BASKET, key="a"), await register.deposit(500, key="b")]


async def lost(shop: KzShop, register: Register) -> list[FiscalPaper]:
    shop.kz.lose = {TICKET, CLOSE}
    sold: FiscalPaper = await register.sell(BASKET, key="a")
    return [sold, await register.close_shift(key="b")]


async def alone_and_back(shop: KzShop, register: Register) -> list[FiscalPaper]:
    shop.kz.down = True
    issued: list[FiscalPaper] = [
        await register.sell(BASKET, key="a"),
        await register.deposit(100, key="b"),
        await register.sell(BASKET, key="c"),
        await register.close_shift(key="d"),
    ]
    shop.kz.down = False
    await register.sync()
    return [*issued, await register.sell(BASKET, key="e")]


async def in_doubt_and_back(shop: KzShop, register: Register) -> list[FiscalPaper]:
    await register.sell(BASKET, key="a")
    shop.kz.deaf = {TICKET}
    issued: list[FiscalPaper] = [await register.sell(BASKET, key="b"), await register.sell(BASKET, key="c")]
    shop.kz.deaf = set()
    await register.sync()
    return issued


@pytest.mark.parametrize("scene", [online, lost, alone_and_back, in_doubt_and_back])
def test_a_crash_between_any_two_steps_counts_nothing_twice_and_loses_nothing(scene):
    async def count() -> int:
        shop = KzShop()
        async with shop.opened() as register:
            await scene(shop, register)
        assert shop.memory is not None
        return shop.memory.steps

    async def crashed_at(step: int) -> None:
        shop = KzShop()
        register = shop.register(crash_after=step)
        try:
            await shop.start(register)
            await scene(shop, register)
        except StorageError:
            pass
        await shop.kill()
        assert shop.memory is not None
        shop.kz.down, shop.kz.deaf, shop.kz.lose = False, set(), set()
        async with shop.opened() as register:
            papers = await scene(shop, register)
            await register.sync()
            kept = [paper async for paper in register.documents()]
            assert register.status().mode is RegisterMode.ONLINE
        assert len({paper.number for paper in papers}) == len(papers)
        assert len(kept) == len(shop.kz.counted), f"step {step}"
        commands = {"receipt": TICKET, "deposit": PLACEMENT, "close_shift": CLOSE}
        assert [commands[kind_of(paper.document)] for paper in kept if paper.document is not None] == [
            one.command for one in shop.kz.counted
        ]
        signs = [paper.sign for paper in kept if isinstance(paper, FiscalReceipt) and paper.sign]
        assert len(set(signs)) == len(signs)

    steps = play(count)
    assert steps > 8
    for step in range(steps):
        play(lambda step=step: crashed_at(step))  # type: ignore[misc]


# --------------------------------------------------------------------------------- a link that is lost at the disk


class Cut:
    """Loses the link while the memory keeps something: at the append with this number, in one of :data:`CUTS`."""

    def __init__(self, shop: KzShop, register: Register, at: int | None = None, how: str = "hangs up") -> None:
        assert shop.memory is not None
        self.appends = 0
        self.done = False
        self._shop, self._register, self._at, self._how = shop, register, at, how
        self._append = shop.memory.append
        shop.memory.append = self.append  # type: ignore[method-assign]

    async def append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        self.appends += 1
        if self.appends - 1 == self._at:
            self.done = True
            getattr(self, self._how.replace(" ", "_"))()
            await asyncio.sleep(0.02)  # a disk takes its time, and the background looks what there is to do
        await self._append(records, beside)

    def hangs_up(self) -> None:
        """The operator; and somebody says that the network is back, so that the background looks at once."""
        for wire in self._shop.kz.wires:
            wire.connection_lost(ConnectionResetError("reset"))
        self._register.link_restored()

    def greets(self) -> None:
        """Somebody wants memories compared: over a new link."""
        self._register.greet()

    def loses_power(self) -> None:
        """For as long as two receipts take."""
        loop = asyncio.get_running_loop()
        self._calls = [loop.create_task(self._register.low_power(True))]
        loop.call_later(1.0, lambda: self._calls.append(loop.create_task(self._register.low_power(False))))


CUTS = ["hangs up", "greets", "loses power"]


async def sold_while_blocked(shop: KzShop, register: Register) -> None:
    shop.kz.blocked = "Оплатите услуги"
    await blocked_sale(register)
    await blocked_sale(register)  # asks first
    await asyncio.sleep(70)  # the background asks
    shop.kz.blocked = ""
    await settled(shop, register)


async def sold_with_a_wrong_token(shop: KzShop, register: Register) -> None:
    right = shop.kz.exchange.issued_token
    shop.kz.reset_token(555)
    await blocked_sale(register)
    await blocked_sale(register)
    shop.kz.reset_token(right)
    await asyncio.sleep(70)
    await settled(shop, register)


async def refused_and_tried_again(shop: KzShop, register: Register) -> None:
    shop.kz.says = [Say(TICKET, 13)]
    with suppress(DocumentRefused):
        await register.sell(BASKET, key="refused")
    await shop.until(lambda: register.status().blocks)  # at once, or when the background has sent it
    await register.resolve(Decision.RETRY, by="Айгуль", why="исправлено")
    await settled(shop, register)


async def came_back(shop: KzShop, register: Register) -> None:
    shop.kz.down = True
    for wire in shop.kz.wires:
        wire.connection_lost(None)
    for _ in range(3):
        await register.sell(BASKET)
    await register.deposit(100)
    shop.kz.down = False
    await asyncio.sleep(200)


async def asked(shop: KzShop, register: Register) -> None:
    for _ in range(3):
        with suppress(NotDelivered, NothingToResolve):
            await register.resolve(Decision.ADOPT, by="Айгуль", why="проба")
    await register.sell(BASKET)


async def blocked_sale(register: Register) -> None:
    with suppress(RegisterBlocked):
        await register.sell(BASKET)


async def settled(shop: KzShop, register: Register) -> None:
    """Nothing blocks any more, and a sale goes through."""
    await shop.until(lambda: not register.status().blocks)
    await register.sell(BASKET)


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize(
    "scene", [sold_while_blocked, sold_with_a_wrong_token, refused_and_tried_again, came_back, asked]
)
def test_a_link_that_is_lost_while_something_is_kept_is_a_setback(scene, how):
    async def count() -> int:
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            cut = Cut(shop, register)
            await scene(shop, register)
            return cut.appends

    async def cut_at(append: int) -> None:
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            cut = Cut(shop, register, append, how)
            await scene(shop, register)
            await asyncio.sleep(2)
            await register.sync(600)
            kept = [paper async for paper in register.documents()]
            assert register._delivery.failure is None
            last = await register.sell(BASKET)
        assert cut.done
        assert last.state is S.DELIVERED, f"append {append}"
        assert all(paper.state in (S.DELIVERED, S.DELIVERED_AUTONOMOUS) for paper in kept), f"append {append}"
        assert len(kept) + 1 == len(shop.kz.counted), f"append {append}"

    appends = play(count)
    assert appends > 3
    for append in range(appends):
        play(lambda append=append: cut_at(append))  # type: ignore[misc]


# -------------------------------------------------------------------------------------------- what a code leads to

REFUSED = [
    (3, "bad_request"),
    (4, "unknown_command"),
    (5, "unknown_command"),
    (6, "bad_request"),
    (8, "conflict"),
    (9, "conflict"),
    (10, "bad_request"),
    (11, "shift_expired"),
    (12, "bad_request"),
    (13, "bad_request"),
    (14, "not_enough_cash"),
    (16, "bad_request"),
    (17, "same_taxpayer_and_customer"),
    (18, "bad_request"),
    (99, "bad_request"),
]


@pytest.mark.parametrize(("code", "refusal"), REFUSED)
def test_a_code_that_refuses_waits_for_a_person_and_is_sent_with_new_numbers(code, refusal):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.says = [Say(TICKET, code, "слово оператора")]
            with pytest.raises(DocumentRefused) as refused:
                await register.sell(BASKET)
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.resolve(Decision.RETRY, by="Айгуль", why="исправлено")
            await register.sync()
            return shop, refused.value, await register.document(1)

    shop, error, paper = play(scene)
    assert (error.number, error.code) == (1, refusal)
    assert error.text.startswith(str(code))
    assert "слово оператора" in error.text
    assert shop.kz.numbers() == [(TOKEN, 1), (TOKEN, 2)]
    assert paper is not None
    assert paper.state is S.DELIVERED


def test_a_void_stays_in_the_register():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.says = [Say(TICKET, 13)]
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET)
            await register.resolve(Decision.VOID, by="Айгуль", why="не нужен")
            await register.sync()
            return shop, await register.sell(BASKET), await register.document(2)

    shop, sold, void = play(scene)
    assert (sold.number, sold.state, sold.sign) == (3, S.DELIVERED, "700000000002")
    assert void is not None
    assert (kind_of(void.document), void.state) == ("void", S.DELIVERED)
    assert len(shop.kz.counted) == 2


def test_a_void_in_the_queue_is_passed_over():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            for _ in range(3):
                await register.sell(BASKET)
            shop.kz.says = [Say(TICKET, 13)]
            shop.kz.down = False
            with pytest.raises(RegisterBlocked):
                await register.sync()
            await register.resolve(Decision.VOID, by="Айгуль", why="не нужен")
            await register.sync()
            return shop, [paper.state async for paper in register.documents()]

    shop, states = play(scene)
    assert len(shop.kz.counted) == 2
    assert states == [S.VOIDED_AUTONOMOUS, S.DELIVERED_AUTONOMOUS, S.DELIVERED_AUTONOMOUS, S.DELIVERED_AUTONOMOUS]
    assert shop.book.away is None


@pytest.mark.parametrize("code", [254, 255])
def test_an_operator_that_cannot_is_asked_again_within_the_sale(code):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.says = [Say(TICKET, code)] * 5
            return shop, await register.sell(BASKET)

    shop, paper = play(scene)
    assert paper.state is S.DELIVERED
    assert shop.kz.connections == 6
    assert set(shop.kz.numbers()) == {(TOKEN, 1)}


def test_ssl_is_not_allowed_makes_the_receipt_autonomous_at_once():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.says = [Say(TICKET, 7)]
            begun = shop.clock.monotonic()
            paper = await register.sell(BASKET)
            took = shop.clock.monotonic() - begun
            await register.sync()
            return shop, paper, took

    shop, paper, took = play(scene)
    assert paper.autonomous
    assert took < 0.1
    assert shop.kz.numbers() == [(TOKEN, 1), (TOKEN, 1)]


def test_while_the_queue_is_sent_code_7_waits_for_a_person():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            await register.sell(BASKET)
            shop.kz.down = False
            shop.kz.says = [Say(TICKET, 7)]
            with pytest.raises(RegisterBlocked) as blocked:
                await register.sync()
            return blocked.value.reason

    assert play(scene) is BlockReason.REFUSED_DOCUMENT


def test_a_block_shows_the_ad_and_ends_when_system_is_taken():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.blocked = "Оплатите услуги, тел. 1702"
            with pytest.raises(RegisterBlocked) as first:
                await register.sell(BASKET)
            with pytest.raises(RegisterBlocked) as second:
                await register.sell(BASKET)
            asked = shop.kz.words()
            await asyncio.sleep(130)
            polls = len(shop.kz.heard) - len(asked)
            shop.kz.blocked = ""
            await shop.until(lambda: not register.status().blocks)
            await register.sync()
            return shop, first.value, second.value, asked, polls, await register.document(2)

    shop, first, second, asked, polls, paper = play(scene)
    assert (first.reason, first.text, first.number) == (BlockReason.BY_OPERATOR, "Оплатите услуги, тел. 1702", 2)
    assert (second.reason, second.number) == (BlockReason.BY_OPERATOR, None)
    assert asked == ["TICKET", "TICKET", "SYSTEM"]
    assert polls == 2, "a look each minute"
    assert paper.state is S.DELIVERED
    tickets = [(heard.token, heard.number) for heard in shop.kz.heard if heard.command == TICKET]
    assert tickets[1] == tickets[2], "the document that was answered with a block keeps its numbers"
    systems = [heard.number for heard in shop.kz.heard if heard.command == SYSTEM]
    assert len(set(systems)) == len(systems), "a question has a number of its own"


def test_code_15_that_is_no_block_is_a_missing_parameter():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.says = [Say(TICKET, 15, "нет параметра"), Say(TICKET, 15, "нет параметра")]
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await shop.until(lambda: BlockReason.REFUSED_DOCUMENT in {one.reason for one in register.status().blocks})
            return shop, await register.document(1)

    shop, paper = play(scene)
    assert shop.kz.words() == ["TICKET", "SYSTEM", "TICKET"]
    assert paper.refusal.startswith("bad_request: 15 BLOCKED")
    assert "нет параметра" in paper.refusal


# ------------------------------------------------------------------------------------------------------- tokens


def test_a_wrong_token_blocks_until_the_right_one_is_set():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.reset_token(555)
            with pytest.raises(RegisterBlocked) as blocked:
                await register.sell(BASKET)
            await asyncio.sleep(200)
            polled = shop.kz.words()[2:]
            with pytest.raises(ConfigurationError):
                await register.set_token("secret")
            await register.set_token("555")
            await register.sync()
            return shop, blocked.value, polled, await register.document(2)

    shop, blocked, polled, paper = play(scene)
    assert (blocked.reason, blocked.number) == (BlockReason.REJECTED_CREDENTIALS, 2)
    assert set(polled) == {"SYSTEM"}
    assert 2 <= len(polled) <= 4
    assert paper.state is S.DELIVERED
    first, *_, last = [heard for heard in shop.kz.heard if heard.command == TICKET][1:]
    assert (last.token, last.number) == (555, first.number), "another token, the same request number"


@pytest.mark.parametrize("slow_s", [0.0, 3.0, 1000.0])
@pytest.mark.parametrize("after_s", [0.0, 0.005, 0.01, 0.015, 0.02, 0.025])
def test_a_token_that_is_set_while_the_old_one_is_asked_about_stays(slow_s, after_s):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.reset_token(555)
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            asked = len(shop.kz.connected_at)
            shop.kz.slow_s = slow_s
            await shop.until(lambda: len(shop.kz.connected_at) > asked)
            await asyncio.sleep(after_s)
            await register.set_token("555")
            shop.kz.slow_s = 0.0
            shop.events.clear()
            await register.sync()
            return shop, await register.document(2)

    shop, paper = play(scene)
    assert paper.delivered
    assert "WasBlocked" not in shop.told()
    assert shop.kz.heard[-1].token == 555
    assert len(shop.kz.counted) == 2


def test_a_token_that_was_reset_behind_a_lost_answer_counts_nothing_twice():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:

            def reset(_header: Any, _frame: bytes) -> bytes:
                """The answer is lost, and whoever resets the token wipes what the operator knew a repeat by."""
                shop.kz.exchange = shop.kz.exchange._replace(issued_token=555, last_token=None)
                raise ConnectionResetError

            shop.kz.raw = [reset]
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET)
            await register.set_token("555")
            with pytest.raises(RegisterBlocked):
                await register.sync()
            return shop, await register.document(1)

    shop, paper = play(scene)
    assert len(shop.kz.counted) == 1
    assert paper.refusal.startswith("conflict: 8 ")


def test_an_unknown_device_is_looked_for_until_the_operator_knows_it():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.says = [Say(TICKET, 1), Say(SYSTEM, 1), Say(SYSTEM, 1)]
            with pytest.raises(RegisterBlocked) as blocked:
                await register.sell(BASKET)
            await shop.until(lambda: not register.status().blocks)
            await register.sync()
            return shop, blocked.value.reason

    shop, reason = play(scene)
    assert reason is BlockReason.REJECTED_CREDENTIALS
    assert shop.kz.words() == ["TICKET", "SYSTEM", "SYSTEM", "SYSTEM", "TICKET"]


@pytest.mark.parametrize("code", [3, 4, 5, 6, 99])
def test_a_question_that_is_refused_for_good_is_no_outage(code):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            waiting = await register.sell(BASKET)
            shop.kz.says = [Say(SYSTEM, code, "позовите мастера") for _ in range(3)]
            shop.kz.down = False
            await shop.until(lambda: register.status().blocks)
            with pytest.raises(RegisterBlocked) as blocked:
                await register.sell(BASKET)
            issued = register.status().last_number
            await shop.until(lambda: not register.status().blocks)
            await register.sync()
            return shop, waiting.number, blocked.value, issued, await register.document(waiting.number)

    shop, number, blocked, issued, paper = play(scene)
    assert (blocked.reason, issued) == (BlockReason.BY_OPERATOR, number), "nothing was sold"
    assert blocked.text.startswith(f"{code}")
    assert "позовите мастера" in blocked.text
    assert shop.kz.says == []
    assert paper.state is S.DELIVERED_AUTONOMOUS


def test_numbers_begin_anew_after_the_last_one():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
        shop.disk.beside[EXCHANGE] = write(replace(shop.book, number=65534))
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)
            return shop

    assert [number for _, number in play(scene).kz.numbers()] == [1, 65535, 0, 1]


def test_a_disk_that_is_full_leaves_the_numbers_as_they_were():
    async def scene():
        shop = KzShop(RegisterSettings(free_space_min=0))
        async with shop.opened() as register:
            await register.sell(BASKET)
            before = shop.book
            shop.disk.full = True
            with pytest.raises(DiskFull):
                await register.sell(BASKET)
            assert shop.book == before
            shop.disk.full = False
            await register.sell(BASKET)
            return shop

    assert [number for _, number in play(scene).kz.numbers()] == [1, 2]


# -------------------------------------------------------------------------------------------------------- offline


def test_a_backlog_comes_in_order_with_its_period_in_every_message():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.down = True
            for _ in range(3):
                await register.sell(BASKET)
            await register.deposit(100)
            shop.kz.down = False
            await register.sync()
            await register.sell(BASKET)
            return shop, [paper async for paper in register.documents()]

    shop, papers = play(scene)
    assert shop.kz.words() == ["TICKET", "TICKET", "TICKET", "TICKET", "MONEY_PLACEMENT", "TICKET"]
    periods = shop.kz.periods()
    assert periods[0] is None
    assert periods[-1] is None
    told = periods[1:-1]
    assert None not in told
    assert len({period[0] for period in told}) == 1, "one begin"
    tickets = [heard for heard in shop.kz.counted if heard.command == TICKET]
    signs = [heard.request.ticket.offline_ticket_number for heard in tickets]
    assert signs == [0, *[paper.autonomous_sign for paper in papers[1:4]], 0]
    assert shop.kz.counted[4].request.money_placement.is_offline
    assert shop.book.away is None


def test_what_is_sent_next_is_composed_while_the_answer_is_awaited(monkeypatch):
    composed: list[tuple[int, int]] = []

    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.down = True
            await register.sell(BASKET)
            await register.sell(BASKET)
            await register.deposit(100)
            shop.kz.down = False

            def spied(caller, document, delivery, away):
                composed.append((document.number, len(shop.kz.heard)))
                return document_request(caller, document, delivery, away)

            monkeypatch.setattr(transports_kz, "document_request", spied)
            await register.sync()
            await register.sell(BASKET)
            return shop

    shop = play(scene)
    assert composed == [(2, 1), (3, 1), (4, 2), (5, 4)], "each once, and the next before the answer"
    assert shop.kz.words() == ["TICKET"] * 3 + ["MONEY_PLACEMENT", "TICKET"]


@pytest.mark.parametrize("damage", [b"\xc1", None])
def test_what_cannot_be_composed_ahead_says_so_in_its_turn(damage, monkeypatch):
    """The document behind is damaged, or was composed for other circumstances."""
    shop = KzShop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.down = True
            for _ in range(3):
                await register.sell(BASKET)
            shop.kz.down = False
            real = transports_kz.KzNotebook.foresees

            def told(self, behind):
                if behind is not None and damage is not None:
                    behind = SimpleNamespace(kind=behind.kind, content=damage, delivery=behind.delivery)
                elif behind is not None:
                    behind = SimpleNamespace(kind=behind.kind, content=behind.content, delivery=Delivery())
                real(self, behind)

            monkeypatch.setattr(transports_kz.KzNotebook, "foresees", told)
            await register.sync()
            return [paper.delivered async for paper in register.documents()]

    assert play(scene) == [True] * 4
    tickets = [heard.request.ticket.offline_ticket_number for heard in shop.kz.counted]
    assert tickets[0] == 0
    assert all(tickets[1:])


def test_the_period_is_told_also_after_a_restart():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            for _ in range(4):
                await register.sell(BASKET)
            shop.kz.down = False
            shop.kz.says = [Say(TICKET, 254)] * 100
            with pytest.raises(Exception, match="4 documents wait"):
                await register.sync(1)
        shop.kz.says.clear()
        shop.kz.heard.clear()
        async with shop.opened() as register:
            await register.sync()
            return shop

    shop = play(scene)
    assert len(shop.kz.counted) == 4
    assert all(period is not None for period in shop.kz.periods())


def test_several_interruptions_are_one_period():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            for _ in range(3):
                await register.sell(BASKET)
            shop.kz.down = False
            shop.kz.raw = [lambda header, frame: frame, lambda header, frame: b"garbage, and the connection ends"]
            await register.sync(300)
            return shop

    shop = play(scene)
    periods = shop.kz.periods()
    assert shop.kz.words() == ["SYSTEM", "TICKET", "TICKET", "TICKET", "TICKET"]
    assert None not in periods
    assert len({period[0] for period in periods}) == 1
    ends = [period[1] for period in periods]
    assert ends == sorted(ends)
    assert ends[-1] > ends[1]


def test_the_background_comes_back_each_minute_and_a_little_more_by_chance():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.down = True
            await register.sell(BASKET)
            shop.kz.connected_at.clear()
            await asyncio.sleep(600)
            return shop.kz.connected_at

    at = play(scene)
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert 8 <= len(gaps) <= 10
    assert all(60.0 <= gap <= 66.1 for gap in gaps)
    assert len({round(gap, 3) for gap in gaps}) > 3


def test_an_operator_that_hangs_up_after_each_answer_is_connected_anew():
    async def scene():
        shop = KzShop()
        shop.kz.closes_after_answer = True
        async with shop.opened() as register:
            shop.kz.down = True
            for _ in range(3):
                await register.sell(BASKET)
            shop.kz.down = False
            begun = shop.clock.monotonic()
            await register.sync()
            await register.sell(BASKET)
            return shop, shop.clock.monotonic() - begun

    shop, took = play(scene)
    assert len(shop.kz.counted) == 4
    assert took < 2, "no minute is lost over it"


def test_a_silent_operator_is_an_unpaid_one_when_nothing_is_in_doubt():
    async def scene():
        shop = KzShop(RegisterSettings(operator_name="Транстелеком", operator_phone="1702"))
        async with shop.opened() as register:
            shop.kz.down = True
            await register.sell(BASKET)
            shop.kz.down = False
            shop.kz.deaf = {SYSTEM, TICKET}
            await shop.until(lambda: "PersonNeeded" in shop.told())
            return [event.text for event in shop.events if type(event).__name__ == "PersonNeeded"]

    assert "Оплата услуг: ОФД Транстелеком, телефон 1702" in play(scene)[0]


# -------------------------------------------------------------------------------------------------- no real answer

GARBAGE: dict[str, Callable[[Any, bytes], bytes]] = {
    "no header": lambda header, frame: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "no message": lambda header, frame: frame[:4] + (HEADER_SIZE + 3).to_bytes(4, "little") + frame[8:18] + b"\xff" * 3,
    "token 0": lambda header, frame: frame[:12] + bytes(4) + frame[16:],
    "cut short": lambda header, frame: frame[:-3],
    "of another request": lambda header, frame: frame[:16] + b"\x99\x99" + frame[18:],
    "of another device": lambda header, frame: frame[:8] + b"\x01\x00\x00\x00" + frame[12:],
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_is_no_answer_leaves_the_document_in_doubt_and_it_is_counted_once(garbage):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.kz.raw = [GARBAGE[garbage]]
            paper = await register.sell(BASKET)
            await register.sync()
            return shop, paper, [one async for one in register.documents()]

    shop, paper, papers = play(scene)
    assert paper.number == 2
    assert len(papers) == len(shop.kz.counted) == 2
    assert {(heard.token, heard.number) for heard in shop.kz.heard[1:]} == {shop.kz.numbers()[1]}


def test_a_stale_answer_before_the_right_one_is_waited_past():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            shop.kz.raw = [lambda header, frame: GARBAGE["of another request"](header, frame) + frame]
            return await register.sell(BASKET)

    assert play(scene).state is S.DELIVERED


# ------------------------------------------------------------------------------------------- what it does not carry


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda register: register.sell(replace(SALE, payments={PaymentKind.ADVANCE: 250_00})), "not_carried"),
        (lambda register: register.sell_return(BASKET), "parent_missing"),
    ],
)
def test_what_cannot_be_carried_gets_no_number(ask, code):
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            await register.sell(BASKET)
            with pytest.raises(InvalidValue) as refused:
                await ask(register)
            return refused.value.code, register.status().last_number

    assert play(scene) == (code, 1)


def test_nothing_is_to_be_adopted():
    async def scene():
        shop = KzShop()
        async with shop.opened() as register:
            with pytest.raises(NothingToResolve):
                await register.resolve(Decision.ADOPT, by="Айгуль", why="проба")
            return shop.kz.words()

    assert play(scene) == ["INFO"]
