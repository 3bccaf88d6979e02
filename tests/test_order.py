"""What takes long is begun first, and what does not keeps its order."""

from pathlib import Path, PurePath

import pytest

from tests.order import LONG, place, pytest_xdist_auto_num_workers

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", LONG)
def test_every_long_file_is_there_once(name):
    assert (ROOT / name).is_file()
    assert LONG.count(name) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"/home/{LONG[0]}", 0),
        (f"/home/{LONG[-1]}", len(LONG) - 1),
        ("/home/tests/test_order.py", len(LONG)),
        (f"/elsewhere/{LONG[0]}", len(LONG)),
    ],
)
def test_where_a_file_stands(name, expected):
    assert place(PurePath(name), PurePath("/home")) == expected


def test_long_files_come_first_where_there_are_several_processes(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take seconds to load
    pytester.makeconftest('pytest_plugins = ["tests.order"]')
    pytester.makeini("[pytest]\n")
    for name in ("tests/a/test_many.py", "tests/b/test_few.py", *LONG[1::-1]):
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import pytest\n\n@pytest.mark.parametrize('n', [1, 2])\ndef test_one(n): pass\n", "utf-8")
    usual = ["-p", "no:cacheprovider", "--import-mode=importlib", "-v"]

    alone = pytester.runpytest_subprocess(*usual)
    dealt = pytester.runpytest_subprocess(*usual, "-p", "xdist.plugin", "-n", "1", "--dist", "loadfile")

    short = ["*a/test_many.py*", "*b/test_few.py*"]
    long = [f"*{name}*" for name in LONG[:2]]
    alone.assert_outcomes(passed=8)
    alone.stdout.fnmatch_lines([short[0], short[1]])
    alone.stdout.fnmatch_lines([short[0], long[1]])
    dealt.assert_outcomes(passed=8)
    dealt.stdout.fnmatch_lines([*long, *short])


@pytest.mark.parametrize("cores", [1, 2])
def test_one_process_more_than_there_are_cores(cores, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    assert pytest_xdist_auto_num_workers() == cores + 1
