"""Long work in slices: everybody else has a turn between them, and who sells meanwhile is not run after."""

import asyncio

import pytest

from fiscal.domain.messages import Accepted
from ofd_server.harness import harness, pacing
from ofd_server.harness.pacing import Pace
from tests.ofd_server.gateways.http.test_links import native
from tests.ofd_server.site import Site

COUNT = 40


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(harness, "PAGE", 7)


async def test_between_two_pieces_others_have_their_turns():
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    seen = [item async for item in Pace().over(range(10))]
    task.cancel()
    assert seen == list(range(10))
    assert turns >= 10


async def test_a_short_look_needs_no_rest(monkeypatch):
    monkeypatch.setattr(pacing, "SLICE_S", 3_600.0)
    assert not Pace().is_over


@pytest.mark.parametrize("ask", ["verdict", "look_for", "documents"])
async def test_sales_go_on_while_somebody_looks_and_are_not_run_after(ask):
    async with Site() as site, native(site) as till:
        for number in range(1, COUNT + 1):
            assert isinstance(await till.sell(number), Accepted)
        harness_ = site.ofd.harness
        work = {"verdict": harness_.verdict, "look_for": lambda: harness_.look_for({}), "documents": harness_.documents}
        looking = asyncio.ensure_future(work[ask]())
        await asyncio.sleep(0)  # it has begun
        sold = 0
        while not looking.done():
            sold += 1
            assert isinstance(await till.sell(COUNT + sold), Accepted)
        came = await looking
        seen = {
            "verdict": lambda: came.accounts[0].documents,
            "look_for": lambda: len(came.found),
            "documents": lambda: len(came),
        }[ask]()
        assert seen == COUNT
        assert sold > 1
