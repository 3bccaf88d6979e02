"""``mock-ofd load`` as a command: what it refuses before it begins, what it prints and writes, and how it ends."""

import asyncio
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fiscal.errors import StorageBusy, StorageError
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.load import OPTIONS, main, parser
from mock_ofd.load import engine
from mock_ofd.load.report import Comparison, Report, Verdict, read_json
from mock_ofd.load.result import LoadFailed, Phase, Progress
from mock_ofd.load.scenario import Policy, Scenario
from tests.mock_ofd.cli.test_serve import environment
from tests.mock_ofd.load.books import faulty, foreign, storm

SMALL = ["--registers", "20", "--documents", "5", "--no-reference", "--processes", "1"]
LIMIT_S = 120


class Engine:
    """In place of the run: takes the scenarios, and has its results ready."""

    def __init__(self):
        self.played = []
        self.results = {}
        self.error = None

    async def run(self, scenario, *, tell, stop):
        self.played.append(scenario)
        if self.error is not None:
            raise self.error
        tell(Progress(phase=Phase.PREPARING, done=0, of=scenario.registers))
        found = self.results.get(scenario.policy, storm())
        if not found.complete:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.wait_for(stop.wait(), LIMIT_S)
        return found


@pytest.fixture
def played(monkeypatch):
    made = Engine()
    monkeypatch.setattr(engine, "run", made.run)
    return made


def read(path):
    return read_json(path.read_bytes())


# -------------------------------------------------------------------------------------------- refused before it begins


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--registers", "0"], "--registers: must be a whole number from 1"),
        (["--registers", "ten"], "argument --registers: invalid int value"),
        (["--documents", "0"], "--documents: must be a whole number"),
        (
            ["--registers", "1000000", "--documents", "1000"],
            "--documents: the registers would send about 1,000,000,000",
        ),
        (["--outage", "4d"], "argument --outage: must be seconds, or a number with s, min or h, is '4d'"),
        (["--outage", "100h"], "--outage: must be a number from 1 to 259200, is 360000"),
        (["--rate", "nan"], "--rate: must be a number"),
        (["--profile", "night"], "--profile: must be flat, shop, 24 weights"),
        (["--profile", "1,2,3"], "--profile: must be flat, shop, 24 weights"),
        (["--profile", "1,x"], "argument --profile: must be flat, shop, or 24 numbers"),
        (["--return", "window:soon"], "--return: must be at_once, backoff or window:SECONDS"),
        (["--policy", "polite"], "--policy: must be one of none, equal, full, decorrelated, paced"),
        (["--protocol", "ru"], "--protocol: ru is not there yet"),
        (["--target", "nowhere"], "--target: must be HOST:PORT"),
        (["--target", "a:1", "--storage", "postgresql://x"], "--storage: is for an operator that is started"),
        (["--processes", "9999"], "--processes: must be a whole number from 0 to 256"),
        (["--seed", "-1"], "--seed: must be a whole number"),
        (["--backoff-base", "70000"], "--backoff-base: must be a whole number from 1 to 60,000"),
        (["--answer-limit", "0"], "--answer-limit: must be a number from 0.001"),
        (["--fail-if", "p95>1s"], "--fail-if 'p95>1s': there is no metric 'p95'; metrics: lost"),
        (["--fail-if", "p99>1s", "--fail-if", "late"], "--fail-if 'late': is not METRIC OPERATOR VALUE[UNIT]"),
        (["--scenario", "none.toml"], "none.toml: cannot be read: No such file or directory"),
        (["--compare", "none"], "--compare: name at least two policies, each once, is 'none'"),
        (["--compare", "none,none"], "--compare: name at least two policies"),
        (["--compare", "none,polite"], "--compare: 'polite' is no policy; policies: none, equal"),
        (["--compare", ""], "--compare: '' is no policy"),
        (["--compare", "none,full", "--policy", "none"], "there is no --policy beside it"),
        (["--json", "same", "--html", "./same"], "--json and --html name the same file"),
        (["--lang", "de"], "argument --lang: invalid choice"),
        (["--what"], "unrecognized arguments: --what"),
        (["7"], "unrecognized arguments: 7"),
    ],
)
def test_what_is_asked_wrongly(arguments, words, played, capsys):
    assert main(arguments) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert played.played == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("registers = 'many'", "storm.toml: registers: must be a whole number"),
        ("register = 5", "storm.toml: register: is no field of a scenario; did you mean registers?"),
        ("registers = ", "storm.toml: is no TOML"),
    ],
)
def test_a_scenario_that_is_wrong(text, words, played, tmp_path, capsys):
    path = tmp_path / "storm.toml"
    path.write_text(text)
    assert main(["--scenario", str(path)]) == Exit.USAGE
    assert words in capsys.readouterr().err
    assert played.played == []


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_report_that_cannot_be_written_is_found_before_the_run(option, played, tmp_path, capsys):
    assert main([option, str(tmp_path / "none" / "report")]) == Exit.NOT_BEGUN
    assert f"{option} {tmp_path}/none/report: cannot be written: No such file or directory" in capsys.readouterr().err
    assert main([option, str(tmp_path)]) == Exit.NOT_BEGUN
    assert "is a folder" in capsys.readouterr().err
    assert played.played == []


def test_without_the_extra_it_is_named(played, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "hdrh", None)
    assert main([]) == Exit.NOT_INSTALLED
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert 'pip install "mock-ofd[load]"' in err


def test_help_needs_nothing():
    code = "import sys; from mock_ofd.cli.load import main; main(['--help']); sys.exit('msgspec' in sys.modules or 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, env=environment(), stdout=subprocess.DEVNULL)
    assert done.returncode == 0


def test_every_option_sets_a_field_and_every_field_has_an_option():
    fields = set(Scenario.__dataclass_fields__)
    assert set(OPTIONS.values()) == fields
    known = {action.dest for action in parser()._actions}
    assert set(OPTIONS) <= known


# --------------------------------------------------------------------------------------------------- what is asked for


def test_what_is_played(played, tmp_path):
    (tmp_path / "storm.toml").write_text('registers = 7\ndocuments = 3\npolicy = "full"\noutage_s = 60\n')
    arguments = [
        "--scenario",
        str(tmp_path / "storm.toml"),
        "--registers",
        "9",
        "--outage",
        "1.5h",
        "--return",
        "window:30",
    ]
    assert main([*arguments, "--profile", ",".join(["2"] * 24), "--steady", "90", "--no-reference"]) == Exit.OK
    (scenario,) = played.played
    assert scenario == Scenario(
        registers=9,
        documents=3,
        policy=Policy.FULL,
        outage_s=5_400,
        returns="window:30",
        day=(2.0,) * 24,
        steady_s=90,
        reference=False,
    )


def test_without_options_it_is_the_usual_storm(played):
    assert main([]) == Exit.OK
    assert played.played == [Scenario()]


def test_policies_have_their_own_ledgers(played, tmp_path):
    assert main(["--compare", "none,full,paced", "--data", str(tmp_path), "--seed", "5"]) == Exit.OK
    assert [scenario.policy for scenario in played.played] == ["none", "full", "paced"]
    assert [scenario.data for scenario in played.played] == [str(tmp_path / word) for word in ("none", "full", "paced")]
    assert {scenario.seed for scenario in played.played} == {5}


def test_a_target_has_one_ledger(played, tmp_path):
    assert main(["--compare", "none,full", "--data", str(tmp_path), "--target", "a:1"]) == Exit.OK
    assert [scenario.data for scenario in played.played] == [str(tmp_path)] * 2


# ------------------------------------------------------------------------------------------------------ how it ends


@pytest.mark.parametrize(
    ("result", "arguments", "code"),
    [
        (storm(), [], Exit.OK),
        (foreign(), [], Exit.OK),
        (storm(), ["--fail-if", "p99>1s"], Exit.OK),
        (storm(), ["--fail-if", "p99>1s", "--fail-if", "p99>0"], Exit.EXCEEDED),
        (foreign(), ["--fail-if", "rss>1GB"], Exit.EXCEEDED),
        (faulty(), [], Exit.UNPROVEN),
        (faulty(), ["--fail-if", "lost>0"], Exit.UNPROVEN),
        (storm(late=1), [], Exit.UNPROVEN),
        (storm(documents_acknowledged=5), [], Exit.UNPROVEN),
        (storm(complete=False, documents_acknowledged=5), [], Exit.INTERRUPTED),
        (storm(complete=False, documents_acknowledged=5), ["--fail-if", "undelivered>0"], Exit.INTERRUPTED),
    ],
)
def test_the_exit_code(result, arguments, code, played, capsys):
    played.results["paced"] = result
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith(("✔ ", "✘ ", "■ "))
    assert err == "making documents 0%\n"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (LoadFailed("the operator did not start"), Exit.NOT_BEGUN, "mock-ofd load: the operator did not start\n"),
        (StorageBusy("another process holds it"), Exit.DATA_BUSY, "another process holds it"),
        (StorageError("no room"), Exit.DATA_UNUSABLE, "no room"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, ""),
    ],
)
def test_what_goes_wrong_is_one_line(error, code, words, played, tmp_path, capsys):
    played.error = error
    assert main(["--json", str(tmp_path / "report.json")]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") <= 1
    assert list(tmp_path.iterdir()) == []


def test_the_reports_are_written(played, tmp_path, capsys):
    arguments = ["--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html"), "--lang", "ru"]
    assert main([*arguments, "--fail-if", "late>0"]) == Exit.OK
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]
    found = read(tmp_path / "r.json")
    assert isinstance(found, Report)
    assert [each.exceeded for each in found.thresholds] == [False]
    assert '<html lang="ru">' in (tmp_path / "r.html").read_text("utf-8")
    assert "✔ proven" in capsys.readouterr().out


def test_json_without_a_file_is_all_that_is_printed(played, capsys):
    assert main(["--json"]) == Exit.OK
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1
    assert isinstance(read_json(out), Report)


def test_ctrl_c_tells_and_writes_what_was_proven(played, tmp_path, capsys):
    played.results["paced"] = storm(complete=False, documents_acknowledged=41_000)
    assert main(["--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html")]) == Exit.INTERRUPTED
    assert "■ stopped: Stopped: 41,000 of 100,000 documents" in capsys.readouterr().out
    assert read(tmp_path / "r.json").verdict == Verdict.STOPPED
    assert "41,000" in (tmp_path / "r.html").read_text("utf-8")


def test_a_comparison(played, tmp_path, capsys):
    played.results = {Policy.NONE: storm(late=4_000, queue_peak=91_000)}
    assert (
        main(["--compare", "none,full,paced", "--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html")])
        == 0
    )
    found = read(tmp_path / "r.json")
    assert isinstance(found, Comparison)
    assert list(found.runs) == ["none", "full", "paced"]
    assert found.complete
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split() == ["policy", "none", "full", "paced"]
    assert err.splitlines() == [f"{name}: making documents 0%" for name in found.runs]


@pytest.mark.parametrize(
    ("result", "arguments", "code"),
    [
        (storm(late=9), ["--fail-if", "late>0"], Exit.EXCEEDED),
        (storm(lost=1), [], Exit.UNPROVEN),
        (storm(documents_acknowledged=9), [], Exit.UNPROVEN),
    ],
)
def test_the_exit_code_of_a_comparison(result, arguments, code, played):
    played.results[Policy.FULL] = result
    assert main(["--compare", "none,full", *arguments]) == code


def test_a_comparison_that_is_stopped_plays_no_more(played, tmp_path):
    played.results[Policy.FULL] = storm(complete=False, documents_acknowledged=9)
    assert main(["--compare", "none,full,paced", "--json", str(tmp_path / "r.json")]) == Exit.INTERRUPTED
    found = read(tmp_path / "r.json")
    assert list(found.runs) == ["none", "full"]
    assert not found.complete
    assert len(played.played) == 2


def test_a_report_that_cannot_be_written_any_more_is_printed_all_the_same(played, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    run = played.run

    async def vanishing(scenario, **given):
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()
        return await run(scenario, **given)

    monkeypatch.setattr(engine, "run", vanishing)
    assert main(["--json", str(folder / "r.json")]) == Exit.UNWRITTEN
    out, err = capsys.readouterr()
    assert "✔ proven" in out
    assert f"--json {folder}/r.json: cannot be written: No such file or directory" in err


class Full(io.StringIO):
    def flush(self):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_outcome_that_cannot_be_printed_is_written_all_the_same(played, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    assert main(["--json", str(tmp_path / "r.json")]) == Exit.UNWRITTEN
    assert "mock-ofd load: standard output: cannot be written: No space left on device" in capsys.readouterr().err
    assert read(tmp_path / "r.json").verdict == Verdict.PROVEN


def test_whoever_reads_it_may_have_seen_enough(played, capsys, monkeypatch):
    class Left(io.StringIO):
        def flush(self):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr(sys, "stdout", Left())
    assert main([]) == Exit.UNWRITTEN
    assert "cannot be written" not in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------- with an operator


def command(*arguments, **given):
    return subprocess.Popen(
        [sys.executable, "-m", "mock_ofd", "load", *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **given,
    )


def test_twenty_registers_and_an_operator_of_their_own(tmp_path):
    process = command(
        *SMALL, "--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html"), "--fail-if", "lost>0"
    )
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == Exit.OK, out + err
    found = read(tmp_path / "r.json")
    assert isinstance(found, Report)
    assert (found.verdict, found.registers, found.documents_acknowledged) == (Verdict.PROVEN, 20, 100)
    assert (found.lost, found.doubled, found.out_of_order, found.late) == (0, 0, 0, 0)
    assert found.latency_ms.count == 100
    assert found.wait_ms.count == 20
    assert sum(tick.acknowledged for tick in found.ticks) == 100
    assert found.ticks[-1].backlog == 0
    assert found.reference is None
    assert "✔ proven: 100 documents of 20 registers" in out
    assert "Traceback" not in err


def test_an_operator_that_is_nowhere_gets_nothing():
    process = command(*SMALL, "--target", "127.0.0.1:1", "--end-after", "2", "--json")
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == Exit.UNPROVEN, out + err
    found = read_json(out)
    assert isinstance(found, Report)
    assert (found.verdict, found.documents_acknowledged, found.lost) == (Verdict.FAILED, 0, None)
    assert any("refused" in error for error in found.errors)
    assert "Traceback" not in err


def test_an_operator_that_cannot_start_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    process = command(*SMALL, "--data", str(tmp_path / "file"), "--json")
    out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, out) == (Exit.NOT_BEGUN, "")
    assert "mock-ofd load: the operator did not start: " in err
    assert "Traceback" not in err


def test_ctrl_c_in_the_middle_of_a_storm(tmp_path):
    process = command(
        *("--registers", "20", "--documents", "20", "--processes", "1", "--no-reference"),
        *("--return", "window:600", "--policy", "none", "--json"),
    )
    try:
        until = time.monotonic() + LIMIT_S
        while "the storm" not in process.stderr.readline():
            assert time.monotonic() < until
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    assert process.returncode == Exit.INTERRUPTED, out + err
    found = json.loads(out)
    assert found["complete"] is False
    assert found["verdict"] == "stopped"
    assert "Traceback" not in err
