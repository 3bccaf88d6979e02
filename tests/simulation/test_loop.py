"""Virtual time and mortal processes."""

from __future__ import annotations

import asyncio

import pytest

from mock_ofd.simulation.loop import Process, SimulationStuck, VirtualLoop, current_process


@pytest.fixture
def loop() -> VirtualLoop:
    return VirtualLoop()


def test_an_hour_takes_no_time(loop: VirtualLoop) -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return loop.time()

    assert loop.run_until_complete(main()) == pytest.approx(3600)
    loop.close()


def test_waiting_for_nothing_is_an_error_and_not_a_hang(loop: VirtualLoop) -> None:
    async def main() -> None:
        await loop.create_future()

    with pytest.raises(SimulationStuck):
        loop.run_until_complete(main())
    loop.close()


def test_a_killed_process_takes_no_further_step(loop: VirtualLoop) -> None:
    steps: list[str] = []
    process = Process("P", 1)

    async def live() -> None:
        assert current_process() is process
        try:
            for number in range(10):
                steps.append(str(number))
                await asyncio.sleep(1)
        finally:
            steps.append("finally")

    async def main() -> None:
        loop.start(process, live)
        await asyncio.sleep(2.5)
        process.alive = False
        await asyncio.sleep(100)
        assert steps == ["0", "1", "2"], "no step, and no finally, after its death"

    loop.run_until_complete(main())
    loop.close()


def test_children_belong_to_the_process_that_made_them(loop: VirtualLoop) -> None:
    done: list[str] = []
    process = Process("P", 1)

    async def child() -> None:
        await asyncio.sleep(5)
        done.append("child")

    async def live() -> None:
        asyncio.get_running_loop().create_task(child())
        asyncio.get_running_loop().call_later(5, done.append, "timer")

    async def main() -> None:
        loop.start(process, live)
        await asyncio.sleep(1)
        process.alive = False
        await asyncio.sleep(10)

    loop.run_until_complete(main())
    assert done == []
    loop.close()


def test_an_error_that_nobody_caught_is_a_finding(loop: VirtualLoop) -> None:
    found: list[object] = []
    loop.set_exception_handler(lambda _loop, context: found.append(context["exception"]))

    async def fail() -> None:
        raise ValueError("wrong")

    async def main() -> None:
        loop.start(Process("P", 1), fail)
        await asyncio.sleep(1)

    loop.run_until_complete(main())
    assert [str(error) for error in found] == ["wrong"]
    loop.close()
