"""``mock-ofd judge``: its verdict, its files, its exit codes."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from fiscal.judging.findings import Rule
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.judge import main
from ofd_server.storage.sqlite import SqliteJournal
from tests.contract.books import Book, recorded, registered
from tests.documents import receipt
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


EMPTY = [
    pytest.param([], "empty.jsonl holds nothing", 0, id="a journal without lines"),
    pytest.param([line("period_reported", period=1)], "there is no document", 1, id="a register without documents"),
]


@pytest.mark.parametrize(("rows", "why", "registers"), EMPTY)
def test_nothing_to_judge(run, written, tmp_path, monkeypatch, rows, why, registers):
    monkeypatch.chdir(tmp_path)
    written("empty.jsonl", *rows)
    code, out, err = run("empty.jsonl", "--junit", "verdict.xml")
    assert (code, err) == (Exit.NOTHING, "")
    assert out.splitlines()[1:] == [f"nothing to judge: {why}"]
    told = ET.parse("verdict.xml").getroot()
    skipped = registers * len(Rule)
    assert (told.get("errors"), told.get("failures"), told.get("skipped")) == ("1", "0", str(skipped))
    code, out, _ = run("empty.jsonl", "--json")
    assert (code, json.loads(out)["verdict"], json.loads(out)["missing"]) == (Exit.NOTHING, "nothing", [why])


@pytest.mark.parametrize(("rows", "why", "registers"), EMPTY)
def test_nothing_to_judge_where_that_was_expected(run, written, tmp_path, monkeypatch, rows, why, registers):
    monkeypatch.chdir(tmp_path)
    written("empty.jsonl", *rows)
    code, out, _ = run("empty.jsonl", "--allow-empty", "--junit", "verdict.xml")
    assert (code, out.splitlines()[-1]) == (Exit.OK, f"nothing to judge: {why}")
    told = ET.parse("verdict.xml").getroot()
    assert (told.get("errors"), told.get("skipped")) == ("0", str(registers * len(Rule) + 1))
    assert json.loads(run("empty.jsonl", "--allow-empty", "--json")[1])["verdict"] == "nothing"


def test_a_head_alone_is_no_journal(run, tmp_path):
    (tmp_path / "till.csv").write_text("event,register,number\n")
    code, out, _ = run(tmp_path / "till.csv")
    assert code == Exit.NOTHING
    assert "till.csv holds nothing" in out


def test_an_empty_journal_beside_one_that_is_not(run, written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written("one.jsonl", *sale(1))
    written("two.jsonl")
    assert run("one.jsonl")[0] == Exit.OK
    code, out, _ = run("one.jsonl", "two.jsonl")
    assert (code, out.splitlines()[-1]) == (Exit.NOTHING, "nothing to judge: two.jsonl holds nothing")
    assert run("one.jsonl", "two.jsonl", "--allow-empty")[0] == Exit.OK
    written("wrong.jsonl", *sale(1), *sale(3))
    for also in ((), ("--allow-empty",)):
        code, out, _ = run("wrong.jsonl", "two.jsonl", *also)
        assert (code, out.splitlines()[-2:]) == (Exit.FOUND, ["not judged: two.jsonl holds nothing", "wrong: gap 1"])


async def test_an_operator_that_holds_nothing_beside_a_register_that_sold(run, written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    await SqliteJournal.open(tmp_path / "shop").close()
    written("till.jsonl", *sale(1))
    code, out, _ = run("till.jsonl", "shop")
    assert (code, out.splitlines()[-1]) == (Exit.NOTHING, "nothing to judge: shop holds nothing")


@pytest.mark.parametrize("named", [(), ("--register", "till-1")])
async def test_a_ledger_that_does_not_know_the_register(run, written, tmp_path, monkeypatch, named):
    """Everything that it was told of may be lost, or it goes by another name; nothing was compared either way."""
    monkeypatch.chdir(tmp_path)
    journal = SqliteJournal.open(tmp_path / "shop")
    book = Book("till-2")
    await journal.commit([book.append(registered(), recorded(receipt(1)))])
    await journal.close()
    written("till.jsonl", *sale(1))
    code, out, _ = run("till.jsonl", "shop", *named)
    assert (code, out.splitlines()[-1]) == (Exit.NOTHING, "nothing to judge: register till-1 is in no ledger")
    written("till.jsonl", line("issued", 1), line("autonomous", 1, autonomous_sign=1, period=1))
    assert run("till.jsonl", "shop", *named)[0] == Exit.OK, "it was never there"


def test_a_register_that_was_named_and_is_not_there(run, written):
    path = written("tills.jsonl", *sale(1))
    code, out, _ = run(path, "--register", "till-1", "--register", "till-l", "--register", "till-l")
    assert (code, out.splitlines()[-1]) == (Exit.NOTHING, "nothing to judge: register till-l has no document")
    assert run(path, "--register", "till-1", "--register", "till-l", "--allow-empty")[0] == Exit.OK


def test_more_documents_than_are_judged_at_once(run, written):
    path = written("tills.jsonl", *sale(1), *sale(2), *sale(3), *sale(4))
    code, out, err = run(path, "--documents-max", "3")
    assert (code, out) == (Exit.USAGE, "")
    rule = "more than 3 documents and findings are not judged at once"
    advice = "name some registers (--register ID), or raise --documents-max"
    assert err == f"mock-ofd judge: tills.jsonl:9: {rule}: {advice}\n"
    assert run(path, "--documents-max", "5")[0] == Exit.OK, "four documents, and their register"
    assert run(path, "--documents-max", "1", "--register", "till-9", "--allow-empty")[0] == Exit.OK


def test_all_findings(run, written):
    path = written("gaps.jsonl", *(row for number in range(1, 20, 2) for row in sale(number)))
    assert "gap: and 4 more" in run(path)[1]
    assert "more" not in run(path, "--all")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], Exit.USAGE, "name at least one JOURNAL"),
        (["--answer-limit", "0", "x"], Exit.USAGE, "must be above 0"),
        (["--documents-max", "0", "x"], Exit.USAGE, "must be from 1 to 100,000,000, is 0"),
        (["/dev/zero"], Exit.USAGE, "mock-ofd judge: /dev/zero:1: is longer than 65,536 bytes\n"),
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
    assert "\x1b[33mnothing to judge" in run(written("empty.jsonl"))[1]


ENDLESS = {
    "bytes without lines": "yes | tr -d '\\n'",
    "lines that are none": "yes",
}


@pytest.mark.parametrize("endless", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_pipe_gets_an_answer(endless):
    judge = f"{sys.executable} -m mock_ofd judge -"
    done = subprocess.run(
        ["bash", "-c", f"{endless} | {judge}"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.startswith("mock-ofd judge: stdin:1: is ")
