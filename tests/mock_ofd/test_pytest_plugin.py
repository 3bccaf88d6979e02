"""The plugin, as somebody uses it who writes tests: each test here runs a small suite of its own."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from tests.plain_pytest import OPTIONS

HEAD = """
import pytest
from mock_ofd import Line

BREAD = [Line(name="Хлеб", price=250_00)]
LOST = {
    "faults": [
        {
            "name": "lost",
            "at": "after_commit",
            "effects": [{"kind": "lose_answer"}],
            "when": {"command": "document", "times": 1},
        }
    ]
}
"""
AUTO = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
IS_INSTALLED = any(point.value == "mock_ofd.pytest_plugin" for point in entry_points(group="pytest11"))


@pytest.fixture
def suite(pytester):
    """Write a file of tests and run it; without pytest-asyncio unless it is asked for."""

    def run(text, *options, with_asyncio=False):
        pytester.makepyfile(HEAD + text)
        pytester.makeini("[pytest]\n" + (AUTO if with_asyncio else ""))
        if not with_asyncio:
            options = ("-p", "no:asyncio", *options)
        if not IS_INSTALLED:
            options = ("-p", "mock_ofd.pytest_plugin", *options)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *OPTIONS, *options)

    return run


def test_an_operator_is_there_and_clean_in_every_test(suite):
    suite("""
def test_one(ofd, register):
    receipt = register.sell(BREAD)
    [held] = ofd.expect(kind="receipt", total=250_00)
    assert held.sign == receipt.fiscal_sign
    ofd.cut("till-1")
    ofd.clock.move(days=3)
    test_one.address = ofd.native_address

def test_two(ofd, register, ofd_clock):
    assert ofd.native_address == test_one.address, "one operator for all tests"
    assert ofd.documents() == []
    assert ofd_clock is ofd.clock
    assert ofd_clock.ahead_ms == 0
    assert not register.sell(BREAD).autonomous
    assert ofd.check().is_right

def test_three():
    assert True
""").assert_outcomes(passed=3)


def test_coroutines_await_the_same_names(suite):
    suite(
        """
import asyncio
from hypothesis import given, settings, strategies as st, HealthCheck

async def test_one(ofd, register, make_register):
    assert not (await register.sell(BREAD)).autonomous
    assert register.status().mode == "online"
    assert [paper.number async for paper in register.documents()] == [1]
    other = make_register("till-7")
    waiting = asyncio.create_task(ofd.wait_for(register="till-7"))
    await other.sell(BREAD)
    [held] = await waiting
    assert held.number == 1
    assert len(await ofd.documents()) == 2
    with ofd.inflicted(LOST):
        assert (await other.sell(BREAD)).autonomous
    await other.sync()
    assert (await ofd.check()).is_right
    assert (await ofd.verdict()).is_right
    assert "till-7" in repr(other) and "native://" in repr(ofd)
    assert ofd.received and ofd.dialogue() and not ofd.defects
    assert ofd.http_address and ofd.kz_address and ofd.native_address
    await ofd.block("till-7", "x")
    await ofd.unblock("till-7")
    await ofd.stop_paying("till-7")
    await ofd.pay("till-7")
    await ofd.add_register("till-8", "secret")
    ofd.cut("till-8"); ofd.restore("till-8"); ofd.slow_down("till-8"); ofd.lose_next_answer("till-8"); ofd.heal()
    await ofd.reset()
    assert await ofd.documents() == []

async def test_two(ofd):
    with __import__("pytest").raises(AssertionError, match="does the register connect"):
        await ofd.expect(kind="receipt")

@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers())
async def test_three(ofd, number):
    assert await ofd.documents() == []

async def test_four(ofd, make_ofd):
    other = make_ofd()
    await other.stop()
""",
        with_asyncio=True,
    ).assert_outcomes(passed=4)


def test_the_marker_says_what_the_operator_shall_be_like(suite):
    suite(
        """
@pytest.mark.ofd(LOST, seed=7)
def test_faults(ofd, register):
    assert register.sell(BREAD).autonomous
    assert ofd.harness._interference.plan.seed == 7

@pytest.mark.ofd(strict=True, operator_name="Мой ОФД")
def test_strict(ofd, make_register):
    ofd.add_register("till-5", "secret")
    assert not make_register("till-5", token="secret").sell(BREAD).autonomous
    assert ofd.server.settings.operator_name == "Мой ОФД"

@pytest.mark.ofd(storage="sqlite")
def test_on_a_disk(ofd, register, tmp_path):
    register.sell(BREAD)
    assert ofd.server.journal.durable
    assert list(tmp_path.glob("ledger-1/*"))

@pytest.mark.ofd(faults=LOST)
class TestMany:
    def test_of_the_class(self, ofd, register):
        assert register.sell(BREAD).autonomous

    @pytest.mark.ofd(faults=None)
    def test_nearer(self, ofd, register):
        assert not register.sell(BREAD).autonomous

def test_by_its_name(make_ofd, make_register, ofd):
    other = make_ofd(faults="lost-answer")
    assert other.server.faults.plan.faults
    assert make_register(ofd=other).sell(BREAD)
    assert ofd.documents() == []
    assert len(other.documents()) == 1
"""
    ).assert_outcomes(passed=6)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("strickt=True", "strickt"),
        ("storage='paper'", "storage must be one of memory, sqlite, is 'paper'"),
        ("seed=7", "a seed is that of faults, and there are none"),
        ("'lost-answr'", "lost-answr"),
        ("'seed = ['", "toml: "),
        ("1, 2", "everything else by its name"),
    ],
)
def test_a_marker_that_is_wrong_is_told(suite, marker, told):
    ended = suite(f"\n@pytest.mark.ofd({marker})\ndef test_it(ofd):\n    pass\n")
    ended.assert_outcomes(errors=1)
    ended.stdout.fnmatch_lines(f"@pytest.mark.ofd: *{told}*")
    ended.stdout.no_fnmatch_line("*stage.py*")


def test_every_protocol_and_a_whole_fleet(suite):
    suite("""
from kkt_client import RegisterSettings

@pytest.mark.parametrize("protocol", ["native", "http", "kz"])
def test_protocol(ofd, make_register, protocol):
    till = make_register(protocol=protocol, settings=RegisterSettings())
    assert not till.sell(BREAD).autonomous
    [held] = ofd.expect(kind="receipt")
    assert held.protocol == protocol

def test_fleet(ofd, fleet):
    tills = fleet(3)
    for till in tills:
        till.sell(BREAD)
    assert {held.register for held in ofd.expect(kind="receipt", count=3)} == {"till-1", "till-2", "till-3"}

def test_time(ofd, register, ofd_clock):
    register.sell(BREAD)
    ofd_clock.move(hours=25)
    with pytest.raises(Exception, match="take the Z-report"):
        register.sell(BREAD)
    register.close_shift()
    ofd_clock.move(days=30)
    assert not register.sell(BREAD).autonomous
""").assert_outcomes(passed=5)


def test_a_test_that_failed_shows_what_passed(suite):
    ended = suite(
        """
@pytest.mark.ofd(LOST)
def test_it(ofd, register):
    register.sell(BREAD)
    ofd.expect(total=450_00)

def test_nothing(ofd):
    ofd.expect(total=450_00)

def test_two_operators(ofd, make_ofd):
    make_ofd(record=False)
    assert False
"""
    )
    ended.assert_outcomes(failed=3)
    ended.stdout.fnmatch_lines(
        [
            ">       ofd.expect(total=450_00)",
            "E*NotAsExpected: no document is like total=45000; expected at least 1",
            "E   *1 document came; the closest differs in total: 25000, expected 45000",
            "*mock-ofd: what passed*",
            "* native#1 till-1 --> document 2 number=1 kind=receipt operation=sell total=25000*",
            "* native#1 till-1  !  lose_answer: lost, after_commit of document*",
            "*mock-ofd: what passed*",
            "nothing was received",
            "*mock-ofd: what passed (operator 1)*",
            "*mock-ofd: what passed (operator 2)*",
            "nothing can be told: nothing is recorded*",
        ]
    )
    assert "threaded.py" not in ended.stdout.str(), "the way to the thread and back interests nobody"


def test_an_error_inside_the_operator_fails_the_test_that_it_happens_in(suite):
    ended = suite("""
import asyncio
from ofd_server.defects import Defect, tell

def test_during(ofd):
    tell(Defect("a request could not be decided", ValueError("something of ours"), {}))
    tell(Defect("a request could not be decided", ValueError("something of ours"), {}))

def test_next(ofd):
    ofd.check()

@pytest.fixture
def late(ofd):
    yield
    tell(Defect("too late", None, {}))

def test_at_the_end(late):
    pass

def test_after_that(ofd):
    ofd.check()
""")
    ended.assert_outcomes(passed=3, failed=1, errors=1)
    ended.stdout.fnmatch_lines(["an error inside the operator: too late"])
    text = "a request could not be decided: ValueError: something of ours"
    ended.stdout.fnmatch_lines([f"an error inside the operator: {text}", f"{text} (2 times)"])


def test_an_operator_that_cannot_be_cleaned_is_replaced(suite):
    suite("""
def test_one(ofd):
    ofd.stop()

def test_two(ofd, register):
    assert not register.sell(BREAD).autonomous
""").assert_outcomes(passed=2)


def test_who_does_not_ask_loads_nothing():
    ours = "{'ofd_server', 'fiscal', 'kkt_client', 'aiohttp', 'structlog'}"
    code = f"import sys, mock_ofd.pytest_plugin; print({ours} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_fixtures_and_the_marker_are_told(suite):
    told = suite("", "--fixtures").stdout.str()
    for name in ("ofd", "make_ofd", "ofd_clock", "make_register", "register", "fleet"):
        assert f"\n{name} -- " in told
    suite("", "--markers").stdout.fnmatch_lines("@pytest.mark.ofd(faults, *, seed, strict, storage, ...)*")
