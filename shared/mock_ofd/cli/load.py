"""``mock-ofd load``: the link of a whole chain is back, and every register delivers what has waited.

The rule: what cannot work is found before anything is started (an option, a scenario, a report that cannot be written, an
extra that is missing). How it goes is told on standard error; standard output carries the outcome. Ctrl-C ends the run,
and what was proven until then is told and written all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fiscal.errors import ConfigurationError, InvalidValue, StorageBusy, StorageError
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.signals import on_end

if TYPE_CHECKING:
    from mock_ofd.load.files import ReportFile
    from mock_ofd.load.report import Comparison, Report
    from mock_ofd.load.result import Result
    from mock_ofd.load.scenario import Scenario
    from mock_ofd.load.thresholds import Threshold

STDOUT: Final = "-"
"""In place of a file: standard output."""
LANGUAGES: Final = ("en", "ru", "kk")
POLICIES: Final = ("none", "equal", "full", "decorrelated", "paced")
_UNITS: Final = {"": 1, "s": 1, "min": 60, "h": 3_600}
_SECONDS: Final = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,9})?)(?P<unit>s|min|h|)", re.ASCII)

OPTIONS: Final[Mapping[str, str]] = {
    "registers": "registers",
    "documents": "documents",
    "outage": "outage_s",
    "rate": "sales_per_hour",
    "profile": "day",
    "return": "returns",
    "policy": "policy",
    "backoff_base": "backoff_base_ms",
    "backoff_cap": "backoff_cap_ms",
    "steady": "steady_s",
    "protocol": "protocol",
    "target": "target",
    "data": "data",
    "storage": "storage",
    "seed": "seed",
    "processes": "processes",
    "answer_limit": "answer_limit_s",
    "end_after": "end_after_s",
    "reference": "reference",
}
"""Each option of a run, and the field of the scenario that it sets."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd load",
        usage="mock-ofd load [--registers N] [--documents N] [--policy WORD] [--json [FILE]] [--html FILE] [OPTIONS]",
        description="The link of a whole chain is back: registers return with their queues, and both sides are compared "
        "document by document. Without --target an operator is started for the run, on SQLite.",
        epilog="TIME is a number of seconds, or with a unit: 90s, 30min, 2h. Code 0: everything is delivered, nothing lost, "
        "doubled, overtaken or late; 24: something is; 25: a threshold was exceeded; 26: the run could not begin. "
        'Needs the extra `load`: pip install "mock-ofd[load]".',
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    _add_fleet(made.add_argument_group("who returns, with how much, and how"))
    _add_operator(made.add_argument_group("to whom"))
    _add_reports(made.add_argument_group("what is told"))
    return made


def _add_fleet(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--registers", type=int, metavar="N", help="how many (default: 1000)")
    group.add_argument(
        "--documents",
        type=int,
        metavar="N",
        help="how many each of them has (default: what it sold while the link was down)",
    )
    group.add_argument("--outage", type=_seconds, metavar="TIME", help="how long the link was down (default: 2h)")
    group.add_argument("--rate", type=float, metavar="N", help="sales of a register in an hour (default: 50)")
    group.add_argument(
        "--profile",
        type=_profile,
        metavar="WORD",
        help="how busy each hour is: flat, shop, or 24 weights (default: flat)",
    )
    group.add_argument(
        "--return",
        metavar="WORD",
        help="at_once, window:SECONDS, or backoff, as after a long outage (default: at_once)",
    )
    group.add_argument(
        "--policy", metavar="WORD", help=f"how returns are spread: {', '.join(POLICIES)} (default: paced)"
    )
    group.add_argument("--backoff-base", type=int, metavar="MS", help="the first pause of a register (default: 1000)")
    group.add_argument("--backoff-cap", type=int, metavar="MS", help="its longest pause (default: 60000)")
    group.add_argument(
        "--steady", type=_seconds, metavar="TIME", help="no storm: so long sales with the link up, --rate each"
    )
    group.add_argument("--protocol", metavar="WORD", help="what they speak: native, kz, http (default: native)")
    group.add_argument("--seed", type=int, metavar="N", help="another fleet, other goods, other chances (default: 1)")
    group.add_argument(
        "--processes", type=int, metavar="N", help="processes that make the load (default: one less than cores)"
    )
    group.add_argument("--answer-limit", type=_seconds, metavar="TIME", help="what is late (default: 5s)")
    group.add_argument("--end-after", type=_seconds, metavar="TIME", help="end whatever is left then (default: 1h)")
    group.add_argument("--scenario", type=Path, metavar="FILE", help="all of this as TOML; options go before it")


def _add_operator(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--target", metavar="HOST:PORT", help="an operator that runs already")
    group.add_argument(
        "--data", metavar="DIR", help="where the ledger is made, or lies, if --target is on this machine"
    )
    group.add_argument("--storage", metavar="URL", help="the storage of the operator that is started, as for serve")
    group.add_argument(
        "--no-reference", dest="reference", action="store_false", help="do not measure a bare echo beside it"
    )
    group.add_argument(
        "--compare", metavar="WORDS", help="the same storm once for each of these policies: none,full,paced"
    )


def _add_reports(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--json", nargs="?", const=STDOUT, metavar="FILE", help="the report as JSON, to standard output without FILE"
    )
    group.add_argument("--html", type=Path, metavar="FILE", help="the report as a page that opens without a network")
    group.add_argument("--lang", choices=LANGUAGES, help="the language of that page (default: en)")
    group.add_argument(
        "--fail-if",
        action="append",
        metavar="EXPR",
        help="end with code 25 if this holds, as in 'p99>1s'; may be repeated",
    )


def _seconds(text: str) -> float:
    found = _SECONDS.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"must be seconds, or a number with s, min or h, is {text!r}")
    value = float(found["number"]) * _UNITS[found["unit"]]
    return int(value) if value == int(value) else value


def _profile(text: str) -> str | list[float]:
    """A word, or weights; the scenario judges both."""
    if "," not in text:
        return text
    try:
        return [float(weight) for weight in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be flat, shop, or 24 numbers with commas, is {text!r}") from None


def main(arguments: Sequence[str]) -> int:
    """Run the load; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a stream of somebody's own
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ticks still gets all else
    try:
        import hdrh  # noqa: F401, PLC0415 - found to be missing before anything is started
    except ModuleNotFoundError:
        return _say('this needs hdrhistogram, which is not installed: pip install "mock-ofd[load]"', Exit.NOT_INSTALLED)
    try:
        return _run(options)
    except (ConfigurationError, InvalidValue) as error:
        return _say(_by_option(error), Exit.USAGE)
    except StorageBusy as error:
        return _say(error, Exit.DATA_BUSY)
    except StorageError as error:
        return _say(error, Exit.DATA_UNUSABLE)
    except KeyboardInterrupt:  # a second Ctrl-C: nothing is waited for
        return Exit.INTERRUPTED


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd load: {what}\n")
    return code


def _by_option(error: Exception) -> str:
    """The error with the option's name in place of the field's."""
    if isinstance(error, InvalidValue):
        option = next((name for name, field in OPTIONS.items() if field == error.field), None)
        if option is not None:
            return f"--{option.replace('_', '-')}: {error.rule}"
    return str(error)


def _run(options: argparse.Namespace) -> int:
    from mock_ofd.load.files import ReportFile, Unwritable  # noqa: PLC0415 - not for --help
    from mock_ofd.load.result import LoadFailed  # noqa: PLC0415
    from mock_ofd.load.thresholds import parse  # noqa: PLC0415

    given = vars(options)
    thresholds = [parse(each) for each in given.get("fail_if", ())]
    scenarios = _scenarios(given)
    json_to, html_to = given.get("json"), given.get("html")
    if json_to not in (None, STDOUT) and html_to is not None and Path(json_to).resolve() == html_to.resolve():
        raise ConfigurationError("--json and --html name the same file")
    with ExitStack() as kept:
        try:
            json_file = (
                kept.enter_context(ReportFile("--json", Path(json_to))) if json_to not in (None, STDOUT) else None
            )
            html_file = kept.enter_context(ReportFile("--html", html_to)) if html_to is not None else None
        except Unwritable as error:
            return _say(error, Exit.NOT_BEGUN)
        try:
            results, is_stopped = _played(scenarios)
        except LoadFailed as error:
            return _say(error, Exit.NOT_BEGUN)
        report = _reported(results, scenarios, thresholds, is_stopped=is_stopped)
        is_written = _write(report, json_file, html_file, given.get("lang", "en"))
        is_written &= _tell(report, as_json=json_to == STDOUT)
    code = _code(report, is_stopped=is_stopped)
    return Exit.UNWRITTEN if code == Exit.OK and not is_written else code


# ------------------------------------------------------------------------------------------------------ the scenario


def _scenarios(given: Mapping[str, Any]) -> dict[str, Scenario]:
    """What is to be played, by its policy when several are compared."""
    from mock_ofd.load.scenario import Policy, read_scenario, scenario_of  # noqa: PLC0415

    values = {field: given[option] for option, field in OPTIONS.items() if option in given}
    scenario = read_scenario(given["scenario"], values) if "scenario" in given else scenario_of(values)
    if "compare" not in given:
        return {"": scenario}
    words = given["compare"].split(",")
    if unknown := [word for word in words if word not in list(Policy)]:
        raise ConfigurationError(f"--compare: {unknown[0]!r} is no policy; policies: {', '.join(Policy)}")
    if len(words) != len(set(words)) or len(words) == 1:
        raise ConfigurationError(f"--compare: name at least two policies, each once, is {given['compare']!r}")
    if "policy" in given:
        raise ConfigurationError("--compare names the policies, so there is no --policy beside it")
    return {
        word: replace(
            scenario,
            policy=Policy(word),
            # Each has an operator of its own, unless one is there already.
            data=scenario.data if scenario.data is None or scenario.target else str(Path(scenario.data) / word),
        )
        for word in words
    }


def _played(scenarios: Mapping[str, Scenario]) -> tuple[dict[str, Result], bool]:
    """What came of each scenario, and whether somebody has ended it before its time."""
    from mock_ofd.cli.logs import set_up_logs  # noqa: PLC0415
    from mock_ofd.load.engine import run  # noqa: PLC0415
    from mock_ofd.load.telling import Teller  # noqa: PLC0415
    from ofd_server.config import LogFormat, LogLevel  # noqa: PLC0415

    set_up_logs(LogFormat.CONSOLE, LogLevel.ERROR)  # of connections that break every run has thousands

    async def play() -> tuple[dict[str, Result], bool]:
        stop = asyncio.Event()
        on_end(stop.set, once=True)
        results: dict[str, Result] = {}
        for name, scenario in scenarios.items():
            if not stop.is_set():
                with Teller(sys.stderr, time.monotonic, name) as tell:
                    results[name] = await run(scenario, tell=tell, stop=stop)
        return results, stop.is_set()

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(play())


def _loop_factory() -> Any:
    """uvloop where there is one (CPython on Linux and macOS), else asyncio's own loop."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop


# ------------------------------------------------------------------------------------------------------- the outcome


def _reported(
    results: Mapping[str, Result],
    scenarios: Mapping[str, Scenario],
    thresholds: Sequence[Threshold],
    *,
    is_stopped: bool,
) -> Report | Comparison:
    from mock_ofd.load.machine import describe  # noqa: PLC0415
    from mock_ofd.load.report import Comparison, report_of  # noqa: PLC0415
    from mock_ofd.load.thresholds import judged  # noqa: PLC0415
    from ofd_server.config import VERSION  # noqa: PLC0415

    machine = describe()
    reports = {
        name: judged(report_of(result, version=VERSION, machine=machine, is_stopped=is_stopped), thresholds)
        for name, result in results.items()
    }
    if "" in scenarios:
        return reports[""]
    complete = len(reports) == len(scenarios) and all(report.complete for report in reports.values())
    return Comparison(version=VERSION, complete=complete, runs=reports)


def _tell(report: Report | Comparison, *, as_json: bool) -> bool:
    """Print the outcome; whether that could be done."""
    from mock_ofd.load.html import sentence  # noqa: PLC0415
    from mock_ofd.load.report import Comparison  # noqa: PLC0415
    from mock_ofd.load.report import as_json as written  # noqa: PLC0415
    from mock_ofd.load.telling import tell_comparison, tell_report  # noqa: PLC0415
    from mock_ofd.load.words import Tongue  # noqa: PLC0415

    told = io.StringIO() if not sys.stdout.isatty() else sys.stdout
    if as_json:
        told.write(written(report) + "\n")
    elif isinstance(report, Comparison):
        tell_comparison(report, told)
    else:
        tell_report(report, told, sentence(report, Tongue()))
    try:
        if isinstance(told, io.StringIO):
            sys.stdout.write(told.getvalue())
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):  # what is left of it is not tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # `mock-ofd load --json | head` has seen enough
            _say(f"standard output: cannot be written: {error.strerror}", Exit.UNWRITTEN)
        return False
    return True


def _write(report: Report | Comparison, json_file: ReportFile | None, html_file: ReportFile | None, lang: str) -> bool:
    """Write what is to be written; whether all of it could be."""
    from mock_ofd.load.files import Unwritable  # noqa: PLC0415
    from mock_ofd.load.html import page  # noqa: PLC0415
    from mock_ofd.load.report import as_json  # noqa: PLC0415

    is_written = True
    wanted: list[tuple[ReportFile | None, Callable[[], str]]] = [
        (json_file, lambda: as_json(report) + "\n"),
        (html_file, lambda: page(report, lang)),
    ]
    for file, form in wanted:
        if file is not None:
            try:
                file.write(form())
            except Unwritable as error:
                _say(error, Exit.UNWRITTEN)
                is_written = False
    return is_written


def _code(report: Report | Comparison, *, is_stopped: bool) -> Exit:
    from mock_ofd.load.report import Comparison, Verdict, is_sound, runs_of  # noqa: PLC0415

    if is_stopped:
        return Exit.INTERRUPTED
    reports = [each for _, each in runs_of(report)]
    # How late answers come without a policy is what a comparison is to show.
    fine = [
        is_sound(each) if isinstance(report, Comparison) else each.verdict in (Verdict.PROVEN, Verdict.DELIVERED)
        for each in reports
    ]
    if not all(fine):
        return Exit.UNPROVEN
    if any(threshold.exceeded for each in reports for threshold in each.thresholds):
        return Exit.EXCEEDED
    return Exit.OK
