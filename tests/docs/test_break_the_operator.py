"""docs/how-to/break-the-operator.md: each of its plans is run, over every protocol, and what it prints is what comes of it."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from fiscal.faults.effects import Point
from fiscal.faults.notation import KINDS, plan_from_toml
from fiscal.faults.plan import NO_FAULTS
from tests.docs.pages import Page
from tests.trouble import PROTOCOLS, story

PAGE = Page("docs/how-to/break-the-operator.md")
EXAMPLES = [(plan, text) for plan, text in pairwise(PAGE.blocks) if (plan.language, text.language) == ("toml", "text")]
STANDS_STILL = "RegisterBlocked"
"""What a sale says that is not made."""


def plan_in(block):
    return plan_from_toml(block.text, time.time_ns() // 1_000_000)


@pytest.fixture(scope="module", autouse=True)
def _everything_is_loaded(tmp_path_factory):
    """The limits are short, and the first use of a protocol imports it."""
    for protocol in PROTOCOLS:
        asyncio.run(story(NO_FAULTS, tmp_path_factory.mktemp(protocol), protocol, sales=1))


@pytest.mark.parametrize(("block", "told"), EXAMPLES, ids=[plan_in(block).faults[-1].name for block, _ in EXAMPLES])
async def test_a_register_meets_this_fault_and_keeps_its_promises(block, told, tmp_path):
    stories = await asyncio.gather(*(story(plan_in(block), tmp_path / protocol, protocol) for protocol in PROTOCOLS))
    assert stories[0].text == told.text.rstrip("\n")
    for protocol, one in zip(PROTOCOLS, stories, strict=True):
        assert one.applied, protocol
        whole = [1, 2, 3]
        assert one.ledger == whole[: len(one.ledger)], protocol
        assert one.ledger == whole or STANDS_STILL in one.sold, protocol


def test_every_kind_and_every_point_has_an_example():
    faults = [fault for block, _ in EXAMPLES for fault in plan_in(block)]
    assert {type(effect) for fault in faults for effect in fault.effects} == set(KINDS.values())
    assert {fault.at for fault in faults} == set(Point)
    for word in KINDS:
        assert f"### `{word}`" in PAGE.text
