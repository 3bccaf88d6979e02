"""Work done aside: in one thread, in order, with its result or its error for who asked and still waits."""

import asyncio
import gc
import subprocess
import sys
import threading
import weakref

import pytest

from fiscal.aside import Aside

WAIT_S = 20


@pytest.fixture
def aside():
    made = Aside("aside-of-a-test")
    yield made
    made.close()


async def test_work_is_done_in_order_in_one_thread_of_its_name(aside):
    done: list[int] = []

    def work(number, *, times=1):
        done.append(number)
        return threading.current_thread().name, number * times

    told = await asyncio.gather(*(aside.do(work, number, times=2) for number in range(50)))
    assert told == [("aside-of-a-test", number * 2) for number in range(50)]
    assert done == list(range(50))


async def test_the_loop_goes_on_meanwhile(aside):
    may_end = threading.Event()
    asked = asyncio.ensure_future(aside.do(may_end.wait, WAIT_S))
    await asyncio.sleep(0.01)
    assert not asked.done()
    may_end.set()
    assert await asked


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
async def test_an_error_is_told_and_the_thread_goes_on(aside, error):
    def fail():
        raise error

    with pytest.raises(type(error)) as told:
        await aside.do(fail)
    assert told.value is error
    assert await aside.do(len, "four") == 4


async def test_who_is_cancelled_before_his_work_begins_has_none_done(aside):
    may_end = threading.Event()
    done: list[str] = []
    first = asyncio.ensure_future(aside.do(may_end.wait, WAIT_S))
    second = asyncio.ensure_future(aside.do(done.append, "second"))
    third = asyncio.ensure_future(aside.do(done.append, "third"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.gather(first, third)
    assert done == ["third"]
    assert second.cancelled()


async def test_who_is_cancelled_while_his_work_is_done_hears_nothing_of_it(aside):
    begun, may_end = threading.Event(), threading.Event()
    done: list[str] = []

    def work():
        begun.set()
        may_end.wait(WAIT_S)
        done.append("done")

    asked = asyncio.ensure_future(aside.do(work))
    await asyncio.sleep(0)
    begun.wait(WAIT_S)
    asked.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await aside.do(len, "")
    assert done == ["done"]
    assert asked.cancelled()


async def test_closing_lets_what_was_asked_be_done_and_takes_no_more(aside):
    done: list[int] = []
    asked = [asyncio.ensure_future(aside.do(done.append, number)) for number in range(10)]
    await asyncio.sleep(0)
    aside.close()
    assert done == list(range(10))
    await asyncio.gather(*asked)
    with pytest.raises(RuntimeError, match="aside-of-a-test is closed"):
        await aside.do(len, "")
    aside.close()


async def test_closing_need_not_wait():
    aside, may_end = Aside("slow"), threading.Event()
    asked = asyncio.ensure_future(aside.do(may_end.wait, WAIT_S))
    await asyncio.sleep(0)
    aside.close(wait=False)
    may_end.set()
    assert await asked


async def test_nothing_is_kept_of_what_is_done(aside):
    class Thing:
        pass

    thing = Thing()
    gone = weakref.ref(thing)
    await aside.do(id, thing)
    await aside.do(len, "")
    del thing
    gc.collect()
    assert gone() is None


def test_two_loops_one_after_the_other():
    aside = Aside("both")
    try:
        assert asyncio.run(aside.do(len, "one")) == 3
        assert asyncio.run(aside.do(len, "four")) == 4
    finally:
        aside.close()


def test_a_loop_that_is_gone_is_not_told():
    aside, begun, may_end, ended = Aside("late"), threading.Event(), threading.Event(), []

    def work():
        begun.set()
        may_end.wait(WAIT_S)
        ended.append(True)

    async def ask():
        asked = asyncio.ensure_future(aside.do(work))
        await asyncio.sleep(0)
        begun.wait(WAIT_S)
        asked.cancel()

    asyncio.run(ask())
    may_end.set()
    aside.close()
    assert ended == [True]


def test_a_process_that_closes_nothing_ends_all_the_same():
    code = "import asyncio\nfrom fiscal.aside import Aside\nprint(asyncio.run(Aside('x').do(len, 'four')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4\n", "")
