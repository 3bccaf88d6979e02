"""What stands behind the fixtures, without pytest: one operator for all, a clean one for each, and what went wrong told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fiscal.errors import ConfigurationError
from kkt_client import BlockingCashRegister, Line
from mock_ofd.harness.beside import OfdServerBeside, RegisterBeside
from mock_ofd.harness.stage import Ofd, Scene, Stage
from ofd_server.defects import Defect, tell
from ofd_server.threaded import OfdServerThread

BREAD = [Line(name="Хлеб", price=250_00)]
LOST = {"faults": [{"at": "after_commit", "effects": [{"kind": "lose_answer"}], "when": {"command": "document"}}]}

MakeScene = Callable[..., Scene]


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def scene(stage: Stage, tmp_path: Path) -> MakeScene:
    places = count(1)

    def make(*, is_async: bool = False) -> Scene:
        folder = tmp_path / str(next(places))
        return Scene(stage, lambda: folder, is_async=is_async)

    return make


def blocking(ofd: Ofd) -> OfdServerThread:
    assert isinstance(ofd, OfdServerThread)
    return ofd


def sold(scene: Scene, ofd: Ofd, **options: Any) -> BlockingCashRegister:
    """A register that has made a sale."""
    till = scene.make_register(ofd, **options)
    assert isinstance(till, BlockingCashRegister)
    till.sell(BREAD)
    return till


def test_a_stage_that_nobody_used_has_no_operator(stage: Stage) -> None:
    stage.clean()
    assert stage.shared() is stage.shared()


def test_two_tests_share_an_operator_and_none_sees_what_the_other_did(scene: MakeScene) -> None:
    first = scene()
    one = blocking(first.ofd({}))
    sold(first, one)
    one.cut("till-1")
    one.clock.move(days=3)
    address = one.native_address
    assert first.close() == []
    second = scene()
    two = blocking(second.ofd({}))
    assert (two.native_address, two.documents(), two.clock.ahead_ms) == (address, [], 0)
    assert not sold(second, two).status().unsent
    assert second.close() == []


def test_faults_end_with_the_test_that_asked_for_them(scene: MakeScene) -> None:
    first = scene()
    ofd = blocking(first.ofd({"faults": LOST, "seed": 7}))
    run = ofd.server.faults
    assert run is not None
    assert run.plan.seed == 7
    assert sold(first, ofd).status().unsent
    first.close()
    second = scene()
    assert not sold(second, second.ofd({})).status().unsent
    second.close()


def test_whoever_wants_another_operator_gets_one_of_its_own_that_ends_with_the_test(
    scene: MakeScene, tmp_path: Path
) -> None:
    now = scene()
    shared, own = blocking(now.ofd({})), blocking(now.ofd({"strict": True}))
    kept = blocking(now.make_ofd(storage="sqlite"))
    assert own is not shared
    assert own.server.settings.strict
    assert kept.server.journal.durable
    assert list(tmp_path.glob("*/ledger-*/*"))
    assert now.servers == [shared, own, kept]
    assert now.close() == []
    assert shared.native_address
    for ended in (own, kept):
        with pytest.raises(AssertionError):
            _ = ended.server


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"storage": "paper"}, "storage must be one of memory, sqlite, is 'paper'"),
        ({"seed": 7}, "a seed is that of faults, and there are none"),
        ({"strickt": True}, "strickt"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_told(scene: MakeScene, options: dict[str, Any], told: str) -> None:
    now = scene()
    with pytest.raises(ConfigurationError, match=told):
        now.ofd(options)
    assert now.close() == []


def test_an_operator_that_cannot_be_cleaned_is_thrown_away(scene: MakeScene, stage: Stage) -> None:
    first = scene()
    broken = blocking(first.ofd({}))
    broken.stop()
    first.close()
    second = scene()
    assert blocking(second.ofd({})) is not broken
    second.close()


@pytest.mark.parametrize(
    ("protocol", "names"), [("native", ["till-1", "till-2"]), ("kz", ["1", "2"]), ("http", ["till-1", "till-2"])]
)
def test_registers_have_names_that_their_protocol_knows_and_the_clock_of_their_operator(
    scene: MakeScene, protocol: str, names: list[str]
) -> None:
    now = scene()
    ofd = blocking(now.ofd({}))
    ofd.clock.move(days=30)
    for _ in names:
        assert not sold(now, ofd, protocol=protocol).status().unsent
    assert [held.register for held in ofd.documents()] == names
    assert now.close() == []


def test_a_register_may_have_a_name_and_a_token_of_its_own(scene: MakeScene) -> None:
    now = scene()
    ofd = blocking(now.ofd({"strict": True}))
    ofd.add_register("till-7", "secret")
    till = sold(now, ofd, register_id="till-7", token="secret")
    assert not till.status().unsent
    assert ofd.documents("till-7")
    now.close()


def test_registers_are_closed_with_their_test(scene: MakeScene) -> None:
    now = scene()
    till = sold(now, now.ofd({}))
    now.close()
    assert not till._thread.is_alive()


async def test_a_coroutine_gets_what_it_can_await(scene: MakeScene) -> None:
    now = scene(is_async=True)
    ofd = now.ofd({})
    assert isinstance(ofd, OfdServerBeside)
    till = now.make_register(ofd)
    assert isinstance(till, RegisterBeside)
    assert not (await till.sell(BREAD)).autonomous
    assert len(await ofd.documents()) == 1
    assert isinstance(now.make_ofd(), OfdServerBeside)
    assert now.close() == []


# ------------------------------------------------------------------------------------------------------ what goes wrong


def fail(text: str) -> None:
    """An error inside the operator."""
    tell(Defect("a request could not be decided", ValueError(text), {}))


def test_an_error_inside_the_operator_is_told_once(scene: MakeScene) -> None:
    now = scene()
    now.ofd({})
    fail("something of ours")
    [defect] = now.defects()
    assert "something of ours" in str(defect)
    assert now.defects() == []
    fail("again")
    assert ["again" in str(defect) for defect in now.defects()] == [True]
    assert now.close() == []


def test_an_error_while_the_test_ends_is_told_at_its_end(scene: MakeScene) -> None:
    now = scene()
    now.ofd({})
    now.make_ofd()
    fail("too late")
    assert ["too late" in str(defect) for defect in now.close()] == [True]


def test_a_report_has_what_passed_and_every_error_with_how_often_it_came(scene: MakeScene) -> None:
    now = scene()
    sold(now, now.ofd({}))
    for _ in range(2):
        fail("something of ours")
    (head, passed), (_, error) = now.report()
    assert head == "mock-ofd: what passed"
    assert "till-1 --> document" in passed
    assert error.startswith("a request could not be decided: ValueError: something of ours (2 times)")
    assert now.close() == []


def test_a_report_tells_operators_apart_and_of_one_that_ended_that_nothing_can_be_told(scene: MakeScene) -> None:
    now = scene()
    now.ofd({})
    blocking(now.make_ofd()).stop()
    (first, nothing), (second, ended) = now.report()
    assert (first, nothing) == ("mock-ofd: what passed (operator 1)", "nothing was received")
    assert second == "mock-ofd: what passed (operator 2)"
    assert ended.startswith("nothing can be told")
    now.close()
