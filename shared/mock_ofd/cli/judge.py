"""``mock-ofd judge``: what went wrong between registers and their operator, each finding with its shortest proof.

The rule: it only looks. Journals are read one after the other, those of registers before ledgers, so that an operator
and registers that are at work may be judged. The verdict goes to standard output, and the exit code says it too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fiscal.errors import ConfigurationError, StorageCorrupt, StorageError
from mock_ofd.cli.exits import Exit

if TYPE_CHECKING:
    from fiscal.judging.events import Event
    from fiscal.judging.findings import Verdict

LIMIT_S_MAX: Final = 3600.0
_CODES: Final = {"right": Exit.OK, "wrong": Exit.FOUND, "nothing": Exit.NOTHING}


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd judge",
        description="Judge registers and their operator by what they wrote: gaps, doubles, overtaking, late and unused "
        "answers, reused signs, missing reports of autonomous work, new content under an old id.",
        epilog="A JOURNAL is an operator's data folder or ledger.sqlite, a register's data folder or fiscal-memory.db, a "
        "folder of either, the address of an operator's database (postgresql://...), a client's journal (.jsonl, .csv), what `mock-ofd record` has written, or - for JSON Lines on "
        "standard input. "
        "Code 0: nothing was found, 22: something was, 27: there was nothing to judge.",
        allow_abbrev=False,
    )
    made.add_argument("journals", nargs="*", metavar="JOURNAL", help="what to judge; several are put together")
    made.add_argument("--data", action="append", default=[], metavar="DIR", help="the same as JOURNAL")
    made.add_argument("--register", action="append", metavar="ID", help="judge this register only; may be repeated")
    made.add_argument(
        "--answer-limit", type=_seconds, default=5.0, metavar="S", help="how late is too late (default: 5.0 s)"
    )
    made.add_argument("--json", action="store_true", help="print the verdict as one JSON object")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write the verdict as JUnit XML, too")
    made.add_argument(
        "--allow-empty", action="store_true", help="code 0, too, when there was nothing to judge (otherwise 27)"
    )
    made.add_argument(
        "--documents-max",
        type=_count,
        metavar="N",
        help="judge so many documents at most, which takes up to 2 KB of memory for each (default: 2,000,000)",
    )
    made.add_argument("--all", action="store_true", help="tell every finding, not the first five of each kind")
    return made


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= LIMIT_S_MAX:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {LIMIT_S_MAX:g}, is {text}")
    return value


def _count(text: str) -> int:
    from mock_ofd.judge.limits import KEPT_MOST  # noqa: PLC0415 - not for --help

    value = int(text)
    if not 1 <= value <= KEPT_MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {KEPT_MOST:,}, is {text}")
    return value


def main(arguments: Sequence[str]) -> int:
    """Judge; the exit code."""
    options_of = parser()
    try:
        options = options_of.parse_args(arguments)
        options.journals += options.data
        if not options.journals:
            options_of.error("name at least one JOURNAL")
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    from ofd_server.ports import Unreachable  # noqa: PLC0415 - not for --help
    from ofd_server.storage.opening import ExtraMissing  # noqa: PLC0415 - likewise

    try:
        verdict = _judge(options)
    except ExtraMissing as error:
        return _say(error, Exit.NOT_INSTALLED)
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    except Unreachable as error:
        return _say(error, Exit.UNREACHABLE)
    except StorageCorrupt as error:
        return _say(error, Exit.DATA_CORRUPT)
    except (StorageError, OSError) as error:
        return _say(error, Exit.DATA_UNUSABLE)
    with suppress(AttributeError):  # a stream of somebody's own
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # journals may say what a terminal cannot
    return _tell(verdict, options)


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd judge: {what}\n")
    return code


def _judge(options: argparse.Namespace) -> Verdict:
    import gc  # noqa: PLC0415

    from fiscal.judging.judgement import Judge  # noqa: PLC0415 - not for --help
    from mock_ofd.judge.limits import KEPT_MAX  # noqa: PLC0415
    from mock_ofd.judge.sources import Sides, is_ledger, journal_of, name_of  # noqa: PLC0415

    wanted = None if options.register is None else frozenset(options.register)
    most = options.documents_max or KEPT_MAX
    judge = Judge(round(options.answer_limit * 1000))
    # What a register was told while we read is in the ledger already, when that is read last.
    paths = sorted(map(journal_of, options.journals), key=is_ledger)
    sides = Sides()
    empty = []
    gc.disable()  # nothing here refers to itself, and there are a million objects to look through
    try:
        for path in paths:
            event = None
            for event in sides.read(path):
                if wanted is None or event.register in wanted:
                    judge.take(event)
                    if judge.kept > most:
                        raise ConfigurationError(_too_many(event, most))
            if event is None:
                empty.append(f"{name_of(path)} holds nothing")
        alone = judge.in_no_ledger() if sides.have_ledger else []
        return _with_missing(judge.verdict(), empty, alone, options.register or ())
    finally:
        gc.enable()


def _too_many(event: Event, most: int) -> str:
    rule = f"more than {most:,} documents and findings are not judged at once"
    return f"{event.place}: {rule}: name some registers (--register ID), or raise --documents-max"


def _with_missing(verdict: Verdict, empty: Sequence[str], alone: Sequence[str], named: Iterable[str]) -> Verdict:
    """What was named and is not there: whoever names it takes it for judged."""
    there = {account.register for account in verdict.accounts if account.documents or account.findings}
    unknown = [f"register {name} has no document" for name in dict.fromkeys(named) if name not in there]
    compared = [f"register {name} is in no ledger" for name in alone]
    return replace(verdict, missing=(*empty, *unknown, *compared))


def _tell(verdict: Verdict, options: argparse.Namespace) -> int:
    from fiscal.judging.report import SHOWN, as_junit, as_plain, as_text  # noqa: PLC0415

    code = _CODES[verdict.word]
    if code is Exit.NOTHING and options.allow_empty:
        code = Exit.OK
    if options.junit is not None:  # first: nobody may be there to be told
        try:
            options.junit.write_bytes(as_junit(verdict, may_be_empty=options.allow_empty))
        except OSError as error:
            code = Exit.UNWRITTEN
            _say(f"--junit: {options.junit} cannot be written: {error.strerror}", code)
    if options.json:
        sys.stdout.write(json.dumps(as_plain(verdict), ensure_ascii=False) + "\n")
    else:
        _print(as_text(verdict, sys.maxsize if options.all else SHOWN))
    sys.stdout.flush()
    return code


def _print(lines: Iterator[str]) -> None:
    """In colours where a person reads: what is wrong in red, its proof pale."""
    if not sys.stdout.isatty():
        sys.stdout.writelines(line + "\n" for line in lines)
        return
    from rich.console import Console  # noqa: PLC0415 - for terminals only
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line, _style(line)))


def _style(line: str) -> str:
    if line.startswith("      "):
        return "dim"
    if line.startswith(("  ", "wrong")):
        return "red"
    if line.startswith(("nothing", "not judged")):
        return "yellow"
    return "green" if line.startswith("right") else "bold"
