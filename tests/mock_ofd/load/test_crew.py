"""A generator seen from the run: what it says is handed on, and one that is gone says so in its last words."""

import asyncio

import pytest

from mock_ofd.load import crew
from mock_ofd.load.crew import Generator
from mock_ofd.load.result import LoadFailed
from mock_ofd.load.talk import Failed, Made, Message, Stop
from tests.mock_ofd.load.test_worker import WITHIN_S, order


class Run:
    """Somebody who listens to one generator."""

    def __init__(self, folder, **given) -> None:
        self.heard: list[Message] = []
        self.moved = asyncio.Event()
        self.ends = 0
        self.generator = Generator(order(folder, **given), folder, self._hear, self._ended)

    def _hear(self, generator: Generator, message: Message) -> None:
        assert generator is self.generator
        self.heard.append(message)
        self.moved.set()

    def _ended(self) -> None:
        self.ends += 1
        self.moved.set()

    async def until(self, kind: type) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not any(isinstance(message, kind) for message in self.heard):
                self.moved.clear()
                await self.moved.wait()


@pytest.fixture
async def run(tmp_path):
    run = Run(tmp_path)
    await run.generator.start()
    yield run
    await run.generator.gone(0.0)


async def test_it_is_told_its_order_listened_to_and_stopped(run):
    await run.until(Made)
    assert run.heard[-1] == Made(done=12, documents=[3, 3, 3, 3])
    run.generator.check()
    await run.generator.stop()
    assert (run.ends, run.generator.end) == (1, None)
    run.generator.say(Stop())  # nobody hears it, and nothing breaks


async def test_one_that_is_killed_is_told_with_its_code(run):
    await run.until(Made)
    run.generator._process.kill()
    await run.until(Failed)
    assert run.heard[-1] == Failed(text="a generator ended by itself with code -9: it said nothing")
    await run.generator.gone(WITHIN_S)
    with pytest.raises(LoadFailed, match="code -9"):
        run.generator.check()


async def test_one_that_cannot_go_on_says_so_itself(tmp_path):
    run = Run(tmp_path)
    run.generator.order = order(tmp_path / "nowhere")
    await run.generator.start()
    await run.until(Failed)
    await run.generator.gone(WITHIN_S)
    with pytest.raises(LoadFailed, match="nowhere"):
        run.generator.check()
    assert run.ends == 1


async def test_last_words_are_those_of_its_log(tmp_path):
    run = Run(tmp_path)
    run.generator.order = Made(done=1)  # type: ignore[assignment]  # no order: it ends without a word
    (tmp_path / "generator-0.log").write_text("first\nsecond\nthird\nfourth\n")
    await run.generator.start()
    await run.until(Failed)
    await run.generator.gone(WITHIN_S)
    assert run.generator.failed == "a generator ended by itself with code 0: second: third: fourth"


async def test_one_that_does_not_end_is_killed(run, monkeypatch):
    await run.until(Made)
    monkeypatch.setattr(crew, "STOP_S", 0.0)
    await run.generator.stop()
    assert run.generator._process.returncode is not None
    assert run.ends == 1


async def test_one_that_was_never_started_is_gone_already(tmp_path):
    run = Run(tmp_path)
    await run.generator.stop()
    run.generator.check()
    assert run.heard == []
