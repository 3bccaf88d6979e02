"""The process dies between any two steps: nothing is lost, nothing is doubled, no sign is used twice.

Every scene is first played without a crash, to count its steps; then once for every step, with the crash there, an
opening of the same memory behind it, and the same orders with the same keys again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fiscal.domain.document import CloseShift
from fiscal.domain.lifecycle import DocumentState, RegisterMode
from fiscal.domain.messages import Hello, SubmitDocument, TryLater
from fiscal.domain.receipt import Receipt
from fiscal.errors import StorageError
from fiscal.protocols.content import decode_content
from fiscal.time import DAY
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.records import unseal
from kkt_client.register import Register
from tests.kkt_client.shop import BASKET, Shop, play

S = DocumentState
Scene = Callable[[Shop, Register], Awaitable[list[FiscalPaper]]]


async def online(shop: Shop, register: Register) -> list[FiscalPaper]:
    return [await register.sell(BASKET, key="a"), await register.deposit(500, key="b")]


async def alone(shop: Shop, register: Register) -> list[FiscalPaper]:
    shop.operator.down = True
    return [
        await register.sell(BASKET, key="a"),
        await register.sell(BASKET, key="b"),
        await register.close_shift(key="c"),
    ]


async def late(shop: Shop, register: Register) -> list[FiscalPaper]:
    first = await register.sell(BASKET, key="a")
    shop.operator.delays[SubmitDocument] = 6.0
    second = await register.sell(BASKET, key="b")
    shop.operator.delays.clear()
    return [first, second, await register.sell(BASKET, key="c")]


async def lost(shop: Shop, register: Register) -> list[FiscalPaper]:
    shop.operator.lose = {SubmitDocument}
    return [await register.sell(BASKET, key="a"), await register.sell(BASKET, key="b")]


async def back(shop: Shop, register: Register) -> list[FiscalPaper]:
    issued = await alone(shop, register)
    shop.operator.down = False
    await register.sync()
    return [*issued, await register.sell(BASKET, key="d")]


async def flapping(shop: Shop, register: Register) -> list[FiscalPaper]:
    issued = await alone(shop, register)
    shop.operator.down = False
    shop.operator.delays[SubmitDocument] = 1.0
    await shop.until(lambda: shop.operator.contents)
    shop.operator.down = True
    await asyncio.sleep(5)
    issued.append(await register.sell(BASKET, key="d"))
    shop.operator.down = False
    shop.operator.delays.clear()
    await register.sync()
    return issued


async def unpaid(shop: Shop, register: Register) -> list[FiscalPaper]:
    shop.operator.deaf = {Hello}
    issued: list[FiscalPaper] = [await register.sell(BASKET, key="a")]
    shop.operator.deaf = set()
    await register.sync()
    return [*issued, await register.sell(BASKET, key="b")]


async def later(shop: Shop, register: Register) -> list[FiscalPaper]:
    shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=30_000))]
    issued: list[FiscalPaper] = [await register.sell(BASKET, key="a"), await register.sell(BASKET, key="b")]
    await register.sync(120.0)
    return issued


async def power(shop: Shop, register: Register) -> list[FiscalPaper]:
    await register.low_power(True)
    issued: list[FiscalPaper] = [await register.sell(BASKET, key="a"), await register.sell(BASKET, key="b")]
    await register.low_power(False)
    await register.sync()
    return issued


SCENES: list[Scene] = [online, alone, late, lost, back, flapping, unpaid, later, power]


def settled(operator: Any) -> None:
    """The trouble of the scene is over."""
    operator.down = False
    operator.delays.clear()
    operator.deaf = set()
    operator.lose = set()
    operator.answers = []


async def play_to_the_crash(shop: Shop, scene: Scene, crash_after: int | None) -> tuple[list[FiscalPaper], bool]:
    """What the callers got before the crash, and whether there was one."""
    returned: list[FiscalPaper] = []
    register = shop.register(crash_after=crash_after)
    original = register._order  # what every order goes through

    async def remembering(order: Any, key: str | None, cashier: Any) -> FiscalPaper:
        paper = await original(order, key, cashier)
        returned.append(paper)
        return paper

    register._order = remembering  # type: ignore[method-assign]  # to see what callers got before the crash
    try:
        await shop.start(register)
        await asyncio.wait_for(scene(shop, register), 600)
        await register.close()
    except (StorageError, TimeoutError):
        await shop.kill()
    assert shop.memory is not None
    return returned, shop.memory.crashed


def crashed_at(scene: Scene, step: int | None) -> tuple[Shop, bool]:
    shop = Shop()

    async def life() -> bool:
        returned, crashed = await play_to_the_crash(shop, scene, step)
        if crashed:
            await shop.kill()
        seen = [delivery.autonomous_sign for delivery in shop.operator.deliveries if delivery.autonomous_sign]
        settled(shop.operator)
        await live_on(shop, scene, returned, seen)
        return crashed

    return shop, play(life)


async def live_on(shop: Shop, scene: Scene, returned: list[FiscalPaper], seen: list[int]) -> None:
    """Open the memory again, order the same again, send everything, and compare both sides."""
    keys = {"online": "ab", "alone": "abc", "late": "abc", "lost": "ab", "back": "abcd", "flapping": "abcd"}
    async with shop.opened() as register:
        unfinished = {paper.number for paper in await register.unfinished()}
        known = {paper.number for paper in returned}
        kept = {paper.number: paper async for paper in register.documents()}
        assert known <= set(kept), "what a caller got is there"
        assert set(kept) - known <= unfinished, "what no caller got is listed"
        again: list[FiscalPaper] = []
        for key in keys.get(scene.__name__, "ab"):
            if scene in (alone, back, flapping) and key == "c":
                again.append(await register.close_shift(key=key))
            elif scene is online and key == "b":
                again.append(await register.deposit(500, key=key))
            else:
                again.append(await register.sell(BASKET, key=key))
        await register.sync()
        papers = [paper async for paper in register.documents()]
        verdict = await register.verify()
        assert verdict.is_whole, verdict
        assert register.status().mode is RegisterMode.ONLINE
        assert await register.unfinished() == []
        assert [paper.number for paper in papers] == list(range(1, len(papers) + 1))
        assert len(papers) == len(again), "one document for each key"
        compare(shop, papers, returned, seen)
        assert register._keeper.state.shift == shop.operator.shift, "both sides fold the same figures"


def compare(shop: Shop, papers: list[FiscalPaper], returned: list[FiscalPaper], seen: list[int]) -> None:
    operator = shop.operator
    assert operator.numbers() == [paper.number for paper in papers], "everything, once, in order"
    assert all(paper.delivered for paper in papers)
    now = {paper.number: paper for paper in papers}
    for paper in returned:
        same = now[paper.number]
        assert paper.issued_at == same.issued_at
        if isinstance(paper, FiscalReceipt):
            assert isinstance(same, FiscalReceipt)
            assert paper.document == same.document
            assert paper.autonomous_sign == same.autonomous_sign, "the autonomous sign that was handed out is kept"
            assert paper.sign in (None, same.sign), "the operator's sign that was handed out is kept"
    signs = [paper.autonomous_sign for paper in papers if isinstance(paper, FiscalReceipt) and paper.autonomous_sign]
    assert len(set(signs)) == len(signs)
    assert sorted(signs) == signs
    assert set(seen) <= set(signs), "no sign that the operator saw was given up"
    for paper, content, delivery in zip(papers, operator.contents, operator.deliveries, strict=True):
        document = decode_content(content)
        assert delivery.autonomous == paper.autonomous
        if isinstance(document, Receipt) and isinstance(paper, FiscalReceipt):
            assert delivery.autonomous_sign == paper.autonomous_sign
            assert paper.sign == operator.sign(document.number)
        if isinstance(document, CloseShift):
            assert delivery.autonomous_sign is None


def steps_of(scene: Scene) -> int:
    shop = Shop()

    async def life() -> int:
        await play_to_the_crash(shop, scene, None)
        assert shop.memory is not None
        return shop.memory.steps

    return play(life)


@pytest.mark.requirement("S3-05", "S3-09", "S3-11", "S3-17")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_crash_at_any_step(scene):
    steps = steps_of(scene)
    assert steps >= 6
    crashes = 0
    for step in range(2, steps):
        _, crashed = crashed_at(scene, step)
        crashes += crashed
    assert crashes == steps - 2, "every crash that was ordered happened"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_without_a_crash_the_same_holds(scene):
    _, crashed = crashed_at(scene, None)

    assert not crashed


@pytest.mark.parametrize("step", [0, 1])
def test_a_crash_while_the_memory_is_founded(step):
    shop = Shop()

    async def life() -> int:
        with pytest.raises(StorageError):
            await shop.start(shop.register(crash_after=step))
        async with shop.opened() as register:
            return (await register.sell(BASKET)).number

    assert play(life) == 1


def test_a_document_in_doubt_is_sent_first_when_the_register_is_opened():
    shop = Shop()

    async def life() -> tuple[str, list[str], DocumentState | None]:
        await play_to_the_crash(shop, online, 4)  # founded, then issued
        in_doubt = await shop_state(shop)
        shop.operator.forget()
        async with shop.opened() as register:
            await register.sync()
            (paper,) = [paper async for paper in register.documents()]
            return in_doubt, shop.operator.words(), paper.state

    assert play(life) == ("Issued", ["hello", "document 1"], S.DELIVERED)


async def shop_state(shop: Shop) -> str:
    return type(unseal(shop.disk.records[-1])).__name__


@pytest.mark.parametrize("same_key", [True, False])
def test_a_document_in_doubt_turns_autonomous_when_the_link_is_down(same_key):
    shop = Shop()

    async def life() -> list[FiscalPaper]:
        await play_to_the_crash(shop, online, 4)
        shop.operator.down = True
        async with shop.opened() as register:
            await register.sell(BASKET, key="a" if same_key else "other")
            shop.operator.down = False
            await register.sync()
            return [paper async for paper in register.documents()]

    papers = play(life)

    assert [paper.number for paper in papers] == ([1] if same_key else [1, 2])
    assert all(paper.state is S.DELIVERED_AUTONOMOUS for paper in papers)
    assert shop.operator.numbers() == [paper.number for paper in papers]


def test_a_key_whose_answer_is_unknown_is_finished_first():
    shop = Shop()

    async def life() -> tuple[Any, list[str]]:
        await play_to_the_crash(shop, online, 4)
        shop.operator.forget()
        async with shop.opened() as register:
            return await register.sell(BASKET, key="a"), shop.operator.words()

    receipt, words = play(life)

    assert (receipt.number, receipt.state) == (1, S.DELIVERED)
    assert words == ["hello", "document 1"]


@pytest.mark.requirement("S3-10", "S3-11")
def test_the_memory_keeps_every_document_of_a_long_life():
    shop = Shop()

    async def life() -> tuple[int, int, bool]:
        for _ in range(20):  # days
            async with shop.opened() as register:
                for _ in range(20):
                    await register.sell(BASKET)
                shop.operator.down = True
                await register.sell(BASKET)
                await register.close_shift()
                shop.operator.down = False
                await register.sync()
            shop.clock.skew_ms += 90 * DAY
        async with shop.opened() as register:
            papers = [paper async for paper in register.documents()]
            reports = [paper for paper in papers if not isinstance(paper, FiscalReceipt)]
            return len(papers), len(reports), (await register.verify()).is_whole

    assert play(life) == (440, 20, True)  # five years lie between the first and the last
