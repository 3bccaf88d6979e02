"""``mock-ofd demo``: a shop's day with a broken link, and at its end the reconciliation of both sides.

The rule: standard output carries the result and nothing else (one JSON object with ``--json``); how it goes is shown on
standard error. It needs a folder and the loopback, no service and no network. The exit code is 0 only if nothing is
lost, doubled, out of order or different.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fiscal.errors import StorageError
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.signals import on_end

if TYPE_CHECKING:
    from mock_ofd.demo.conductor import Outcome

SPEED_MIN: Final = 0.05
SPEED_MAX: Final = 1.5
"""Faster, and five seconds of silence would be half a day."""
INTERRUPTED: Final = 128 + signal.SIGINT
"""What shells expect of a command that Ctrl-C has ended."""

_CODES: Final = {"clean": Exit.OK, "broken": Exit.FAILED, "interrupted": INTERRUPTED}


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd demo",
        description="Five registers and an operator play a shop's day: the link is cut twice, an answer comes late, one is "
        "lost, a register is killed. At the end both sides are compared, document by document.",
        epilog="Exit code 0 only if nothing is lost, doubled, out of order or different.",
        allow_abbrev=False,
    )
    made.add_argument("--json", action="store_true", help="print the verdict as one JSON object")
    made.add_argument("--keep", action="store_true", help="let the operator go on afterwards, and print its addresses")
    made.add_argument(
        "--live",
        action="store_true",
        help="play no day: an operator with five registers in this process, for a person who sells on its page; "
        "with --keep that follows the day",
    )
    made.add_argument(
        "--data", type=Path, metavar="DIR", help="an empty folder for all memories and the ledger, which stays"
    )
    made.add_argument(
        "--seed", type=int, metavar="N", help="another day of the same shop (default: the day that is packaged)"
    )
    made.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help=f"how fast the day goes by, {SPEED_MIN} to {SPEED_MAX} (default: 1, the day in 20 s)",
    )
    return made


def _speed(text: str) -> float:
    value = float(text)
    if not SPEED_MIN <= value <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"must be {SPEED_MIN} to {SPEED_MAX}, is {text}")
    return value


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration; the exit code."""
    began = time.monotonic()
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a stream of somebody's own
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ticks still gets all else
    try:
        return _run_in_folder(options, began)
    except (OSError, StorageError) as error:
        return _say(str(error), Exit.DATA_UNUSABLE)
    except KeyboardInterrupt:  # a second Ctrl-C: the registers see that this process is gone, and end
        return INTERRUPTED


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"mock-ofd demo: {text}\n")
    return code


def _run_in_folder(options: argparse.Namespace, began: float) -> int:
    if options.data is None:
        with tempfile.TemporaryDirectory(prefix="mock-ofd-demo-", ignore_cleanup_errors=True) as folder:
            return asyncio.run(_run(options, Path(folder), began))
    folder = options.data.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return _say(f"--data: {folder} is not empty", Exit.USAGE)
    return asyncio.run(_run(options, folder, began))


async def _live(options: argparse.Namespace, folder: Path) -> int:
    """An operator, its registers, and a person at its page, until Ctrl-C."""
    interrupted = asyncio.Event()
    on_end(interrupted.set, once=True)
    _log_to(folder / "operator.log")
    from mock_ofd.demo.live_shop import live_shop  # noqa: PLC0415 - not for --help

    async with live_shop(folder, options.seed) as addresses:
        if options.json:
            sys.stdout.write(json.dumps({**addresses, "data": str(folder)}, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"The page is at {addresses['page']}, its ledger in {folder}; Ctrl-C ends it.\n")
        sys.stdout.flush()
        await interrupted.wait()
    return Exit.OK


async def _run(options: argparse.Namespace, folder: Path, began: float) -> int:
    if options.live and not options.keep:
        return await _live(options, folder)
    interrupted = asyncio.Event()
    on_end(interrupted.set, once=True)
    _log_to(folder / "operator.log")
    from mock_ofd.demo.conductor import Conductor  # noqa: PLC0415 - not for --help
    from mock_ofd.demo.show import display_for  # noqa: PLC0415

    with display_for(sys.stderr) as display:
        conductor = Conductor(folder, _script(options.seed), options.speed, display.show, began)
        try:
            outcome = await conductor.run(interrupted)
        except BaseException:
            await conductor.close()
            raise
    try:
        goes_on = options.keep and not interrupted.is_set()
        if goes_on and options.live:
            await conductor.go_live()
        _print(outcome, conductor.keep() if goes_on else {}, options, folder)
        if goes_on:
            await interrupted.wait()
    finally:
        await conductor.close()
    return _CODES[outcome.verdict]


def _script(seed: int | None) -> list[str]:
    """The lines of the day: those that come with the package, or others."""
    if seed is None:
        from mock_ofd.demo.script import SHOP_DAY  # noqa: PLC0415

        text = resources.files("mock_ofd.demo").joinpath(SHOP_DAY).read_text(encoding="utf-8")
    else:
        from mock_ofd.demo.generate import generate  # noqa: PLC0415

        text = generate(seed)
    return text.splitlines()


def _print(outcome: Outcome, kept: Mapping[str, str], options: argparse.Namespace, folder: Path) -> None:
    """The result; ``kept`` are the addresses of an operator that goes on."""
    if options.json:
        places = {**kept, "data": str(folder)} if kept or options.data else {}
        sys.stdout.write(json.dumps({**outcome.as_plain(), **places}, ensure_ascii=False) + "\n")
    else:
        from mock_ofd.demo.telling import tell  # noqa: PLC0415

        tell(outcome, sys.stdout)
        if kept:
            sys.stdout.write(
                f"The operator goes on at {kept['native']}, its page at {kept['http']}/, its ledger in {folder}; "
                "Ctrl-C ends it.\n"
            )
    sys.stdout.flush()


def _log_to(path: Path) -> None:
    """The operator's log goes to a file: standard error is for the table."""
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    logging.basicConfig(filename=path, level=logging.WARNING, force=True)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
