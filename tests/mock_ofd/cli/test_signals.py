"""SIGTERM and Ctrl-C reach a command, on loops that have signals and on those that have none."""

import asyncio
import os
import signal
import threading

import pytest

from mock_ofd.cli.signals import on_end

BOTH = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


@pytest.fixture(autouse=True)
def as_before():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


async def told(number: int, **given: bool) -> None:
    stop = asyncio.Event()
    on_end(stop.set, **given)
    os.kill(os.getpid(), number)
    async with asyncio.timeout(5):
        await stop.wait()


@BOTH
def test_a_signal_ends_it(number):
    asyncio.run(told(number))


def test_the_second_signal_is_pythons():
    async def twice():
        await told(signal.SIGINT, once=True)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    asyncio.run(twice())


@BOTH
def test_a_loop_without_signals_has_pythons(number, monkeypatch):
    def none(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", none)
    asyncio.run(told(number))


def test_a_loop_in_a_thread_hears_none():
    failed: list[BaseException] = []

    async def listen() -> None:
        on_end(lambda: None)

    def run() -> None:
        try:
            asyncio.run(listen())
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert failed == []
