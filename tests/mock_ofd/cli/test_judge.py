"""``mock-ofd judge``: its verdict, its files, its exit codes."""

import json
import re
import subprocess
import sys

import pytest

from mock_ofd.cli.exits import Exit
from mock_ofd.cli.judge import main
from tests.mock_ofd.judge.lines import line, sale


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(each) for each in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def written(tmp_path):
    def written(name, *rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return written


def test_right_and_wrong(run, written):
    right, wrong = written("right.jsonl", *sale(1), *sale(2)), written("wrong.jsonl", *sale(1), *sale(3))
    code, out, err = run(right)
    assert (code, err) == (Exit.OK, "")
    assert out.endswith("right: nothing was found\n")
    code, out, err = run(wrong)
    assert (code, err) == (Exit.FOUND, "")
    assert "gap: number 2 is missing" in out
    code, out, _ = run("--data", wrong, "--json")
    assert code == Exit.FOUND
    assert json.loads(out)["counts"] == {"gap": 1}


def test_one_register_of_several(run, written):
    other = [row | {"register": "till-2"} for row in [*sale(1), *sale(3)]]
    path = written("tills.jsonl", *sale(1), *other)
    assert run(path)[0] == Exit.FOUND
    assert run(path, "--register", "till-1")[0] == Exit.OK
    assert run(path, "--register", "till-1", "--register", "till-2")[0] == Exit.FOUND


def test_the_limit_of_an_answer(run, written):
    path = written("slow.jsonl", line("sent", 1, at=0), line("answered", 1, at=5_500))
    assert run(path)[0] == Exit.FOUND
    assert run(path, "--answer-limit", "5.5")[0] == Exit.OK


def test_junit(run, written, tmp_path):
    path = written("wrong.jsonl", *sale(1), *sale(3))
    assert run(path, "--junit", tmp_path / "verdict.xml")[0] == Exit.FOUND
    assert b"number 2 is missing" in (tmp_path / "verdict.xml").read_bytes()
    code, _, err = run(path, "--junit", tmp_path / "no" / "verdict.xml")
    assert code == Exit.UNWRITTEN
    assert "cannot be written" in err


def test_all_findings(run, written):
    path = written("gaps.jsonl", *(row for number in range(1, 20, 2) for row in sale(number)))
    assert "gap: and 4 more" in run(path)[1]
    assert "more" not in run(path, "--all")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], Exit.USAGE, "name at least one JOURNAL"),
        (["--answer-limit", "0", "x"], Exit.USAGE, "must be above 0"),
        (["gone.jsonl"], Exit.USAGE, "there is no such file"),
        (["bad.jsonl"], Exit.USAGE, "bad.jsonl:1: is no JSON"),
        (["text.sqlite"], Exit.DATA_CORRUPT, "damaged or no ledger"),
        (["fiscal-memory.db"], Exit.DATA_UNUSABLE, "fiscal-memory.db"),
    ],
)
def test_what_cannot_be_judged(run, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.jsonl").write_text("so it is\n")
    (tmp_path / "text.sqlite").write_bytes(b"SQLite format 3\0" + b"and then nothing that would be right" * 50)
    (tmp_path / "fiscal-memory.db").write_bytes(b"")
    got, _, err = run(*arguments)
    assert got == code
    assert said in err


def test_it_is_a_command_and_reads_standard_input():
    rows = "".join(json.dumps(row) + "\n" for row in [*sale(1), *sale(3)])
    done = subprocess.run(
        [sys.executable, "-m", "mock_ofd", "judge", "-"],
        input=rows,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == Exit.FOUND
    assert "stdin:5" in done.stdout


def test_a_terminal_gets_the_same_words_in_colours(run, written, monkeypatch):
    path = written("wrong.jsonl", *sale(1), *sale(3))
    plain = run(path)[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "20")
    coloured = run(path)[1]
    assert "\x1b[31m  gap: number 2 is missing" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "\x1b[32mright" in run(written("right.jsonl", *sale(1)))[1]
