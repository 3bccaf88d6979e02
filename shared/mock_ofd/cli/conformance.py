"""``mock-ofd conformance``: leads any register's software through named scenarios, and prints a report card.

The rule: the card goes to standard output, and the exit code says it too; how far it is, is told on standard error, to a
terminal only. The client under test writes nothing there: its standard error is kept, and shown where it explains.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mock_ofd.cli.exits import Exit

if TYPE_CHECKING:
    from mock_ofd.conformance.running import Outcome
    from mock_ofd.conformance.scenario import Scenario

PROTOCOLS: Final = ("native", "kz", "ru")
NOT_YET: Final = ("ru",)
"""Protocols that are known by name, and that this version does not speak."""
LIMIT_S_MAX: Final = 60.0
LIMIT_S_MIN: Final = 0.5
PATIENCE_S_MAX: Final = 600.0
RETRY_MS_MAX: Final = 60_000
JOBS_MAX: Final = 64


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd conformance",
        usage="mock-ofd conformance --protocol native|kz [OPTIONS] -- COMMAND ...",
        description="Lead any register's software through named scenarios, each with a fresh operator, and print a report "
        "card. COMMAND starts a driver that is asked by lines of JSON on standard input.",
        epilog="Code 0: everything that was run passed, 22: something failed.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--protocol", choices=PROTOCOLS, default="native", help="what the client speaks (default: native)"
    )
    made.add_argument("--only", action="append", metavar="NAME", help="this scenario, or a pattern; may be repeated")
    made.add_argument("--list", action="store_true", help="tell the scenarios, and run nothing")
    made.add_argument(
        "--answer-limit",
        type=_between(LIMIT_S_MIN, LIMIT_S_MAX),
        default=5.0,
        metavar="S",
        help="what the client takes for too late (default: 5.0 s)",
    )
    made.add_argument(
        "--retry-ms",
        type=_whole(1, RETRY_MS_MAX),
        default=500,
        metavar="MS",
        help="how soon the client is asked to come back to an operator that was away (default: 500)",
    )
    made.add_argument(
        "--patience",
        type=_between(1.0, PATIENCE_S_MAX),
        default=30.0,
        metavar="S",
        help="how long is waited for what the client does by itself (default: 30 s)",
    )
    made.add_argument(
        "--jobs", type=_whole(1, JOBS_MAX), default=6, metavar="N", help="scenarios at a time (default: 6)"
    )
    made.add_argument("--json", action="store_true", help="print the card as one JSON object")
    made.add_argument("--story", action="store_true", help="tell whole stories of what failed, not their last lines")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write the card as JUnit XML, too")
    made.add_argument("--badge", type=Path, metavar="FILE", help="write an SVG badge, too")
    made.add_argument("command", nargs="*", metavar="COMMAND", help="what starts the client's driver, behind --")
    return made


def _between(least: float, most: float) -> type[float]:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be {least:g} to {most:g}, is {text}")
        return value

    return read  # type: ignore[return-value]  # argparse takes any callable


def _whole(least: int, most: int) -> type[int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be {least} to {most}, is {text}")
        return value

    return read  # type: ignore[return-value]  # likewise


def main(arguments: Sequence[str]) -> int:
    """Run the scenarios; the exit code."""
    options_of = parser()
    try:
        options = options_of.parse_args(arguments)
        if options.protocol in NOT_YET:
            options_of.error(f"the protocol {options.protocol!r} is not there yet; native and kz are")
        scenarios = _wanted(options_of, options)
        if not options.list and not options.command:
            options_of.error("name the COMMAND that starts the client, behind --")
        if options.command and shutil.which(options.command[0]) is None:
            options_of.error(f"{options.command[0]}: there is no such command")
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    with suppress(AttributeError):  # a stream of somebody's own
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a client may say what a terminal cannot
    if options.list:
        _tell_scenarios(scenarios, as_json=options.json)
        return Exit.OK
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        return _tell(_run(scenarios, options), options)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(_number: int, _frame: object) -> None:
    """As Ctrl-C does: the clients that were started are ended first."""
    raise SystemExit(int(Exit.TERMINATED))


def _wanted(options_of: argparse.ArgumentParser, options: argparse.Namespace) -> list[Scenario]:
    from mock_ofd.conformance.catalogue import SCENARIOS  # noqa: PLC0415 - not for --help

    if options.only is None:
        return list(SCENARIOS.values())
    for pattern in options.only:
        if not any(fnmatchcase(name, pattern) for name in SCENARIOS):
            options_of.error(f"there is no scenario {pattern!r}; --list tells them")
    return [each for name, each in SCENARIOS.items() if any(fnmatchcase(name, pattern) for pattern in options.only)]


def _tell_scenarios(scenarios: Sequence[Scenario], *, as_json: bool) -> None:
    if as_json:
        told = [
            {"name": each.name, "proves": each.proves, "wrong": each.wrong, "source": each.source, "needs": each.needs}
            for each in scenarios
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    sys.stdout.writelines(f"{each.name:<24} {each.proves}\n" for each in scenarios)


def _run(scenarios: Sequence[Scenario], options: argparse.Namespace) -> list[Outcome]:
    import asyncio  # noqa: PLC0415

    from mock_ofd.cli.logs import set_up_logs  # noqa: PLC0415
    from mock_ofd.conformance.running import run  # noqa: PLC0415
    from mock_ofd.conformance.stage import Options  # noqa: PLC0415
    from mock_ofd.conformance.tongue import TONGUES  # noqa: PLC0415
    from ofd_server.config import LogFormat, LogLevel  # noqa: PLC0415

    set_up_logs(
        LogFormat.CONSOLE, LogLevel.ERROR
    )  # operators are made to suffer: what they complain about is in the story
    ended = 0

    def tell(outcome: Outcome) -> None:
        nonlocal ended
        ended += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{ended} of {len(scenarios)}: {outcome.scenario.name} {outcome.verdict}")
            sys.stderr.write("\r\x1b[K" if ended == len(scenarios) else "")
            sys.stderr.flush()

    chosen = Options(
        command=options.command,
        answer_limit_s=options.answer_limit,
        retry_ms=options.retry_ms,
        patience_s=options.patience,
    )
    return asyncio.run(run(scenarios, TONGUES[options.protocol](), chosen, jobs=options.jobs, tell=tell))


def _tell(outcomes: Sequence[Outcome], options: argparse.Namespace) -> int:
    from mock_ofd.conformance.report import SHOWN, as_badge, as_junit, as_plain, as_text, conforms  # noqa: PLC0415
    from mock_ofd.conformance.running import Verdict  # noqa: PLC0415

    code = Exit.OK if conforms(outcomes) else Exit.FOUND
    if any(outcome.verdict is Verdict.BROKEN for outcome in outcomes):
        code = Exit.FAILED
    wanted = ((options.junit, as_junit), (options.badge, lambda *given: as_badge(*given).encode()))
    for path, form in wanted:
        if path is not None:
            try:
                path.write_bytes(form(outcomes, options.protocol))
            except OSError as error:
                sys.stderr.write(f"mock-ofd conformance: {path} cannot be written: {error.strerror}\n")
                code = Exit.UNWRITTEN
    if options.json:  # last: nobody may be there to be told
        sys.stdout.write(json.dumps(as_plain(outcomes, options.protocol), ensure_ascii=False) + "\n")
    else:
        shown = sys.maxsize if options.story else SHOWN
        sys.stdout.writelines(line + "\n" for line in as_text(outcomes, options.protocol, shown))
    sys.stdout.flush()
    return code
