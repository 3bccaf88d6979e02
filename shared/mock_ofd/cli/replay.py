"""``mock-ofd replay``: plays the registers' side of a recording against an operator, and says whose answers differ.

The rule: standard output carries the outcome, one JSON object with ``--json``. Code 0 only if there was a request and
every answer is the same, but for what says when and what follows from the operator's keys.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fiscal.errors import ConfigurationError
from mock_ofd.cli.addresses import host_and_port
from mock_ofd.cli.exits import Exit

if TYPE_CHECKING:
    from mock_ofd.traffic.recording import Recording
    from mock_ofd.traffic.replaying import Exchange

TOKEN_VARIABLE: Final = "MOCK_OFD_REPLAY_TOKEN"  # noqa: S105 - the name of a variable
WAIT_MAX_S: Final = 3600.0
SHOWN: Final = 200
"""Characters of an unexpected answer that the text shows."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd replay",
        description="Play the registers' side of a recording again, and compare the answers, field by field.",
        epilog=f"A token is better in {TOKEN_VARIABLE}: lists of processes show command lines. "
        "Code 0: every answer is the same, 23: some are not, 27: there was no request.",
        allow_abbrev=False,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="what `mock-ofd record` has written")
    made.add_argument("--to", metavar="HOST:PORT", help="where the operator is (default: the one of the recording)")
    made.add_argument(
        "--token",
        action="append",
        default=[],
        metavar="[REGISTER=]TOKEN",
        help="the token of a register, or of all that none is given for; needed unless the recording has kept them",
    )
    made.add_argument(
        "--wait", type=_seconds, default=6.0, metavar="S", help="how long to wait for an answer (default: 6)"
    )
    made.add_argument("--time", action="store_true", help="compare fields that say when, too")
    made.add_argument("--sign", action="store_true", help="compare fiscal signs and what is made of them, too")
    made.add_argument(
        "--allow-empty", action="store_true", help="code 0, too, when there was nothing to replay (otherwise 27)"
    )
    made.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    return made


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= WAIT_MAX_S:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {WAIT_MAX_S:g}, is {text}")
    return value


def main(arguments: Sequence[str]) -> int:
    """Play; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    from mock_ofd.traffic.recording import read_recording  # noqa: PLC0415 - not for --help
    from mock_ofd.traffic.replaying import Unreachable  # noqa: PLC0415

    try:
        exchanges = asyncio.run(_play(options, read_recording(options.file)))
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    except Unreachable as error:
        return _say(error, Exit.UNREACHABLE)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    if options.json:
        sys.stdout.write(json.dumps(_plain(exchanges), ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(line + "\n" for line in _text(exchanges))
    if not exchanges and not options.allow_empty:
        return Exit.NOTHING
    return Exit.OK if all(exchange.is_same for exchange in exchanges) else Exit.DIFFERENT


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd replay: {what}\n")
    return code


async def _play(options: argparse.Namespace, recording: Recording) -> list[Exchange]:
    from mock_ofd.traffic.replaying import Replay  # noqa: PLC0415 - not for --help

    transcript = recording.transcript
    ignored = frozenset() if options.time else transcript.times
    if not options.sign:
        ignored |= transcript.signs
    to = host_and_port(options.to or recording.to, "--to", transcript.name)
    return await Replay(recording, to, _tokens(options.token), ignored, options.wait).run()


def _tokens(given: Sequence[str]) -> dict[str, str]:
    """Tokens by register; under no name the one of all others."""
    tokens = {}
    said = os.environ.get(TOKEN_VARIABLE)
    if said:
        tokens[""] = said
    for text in given:
        register, equals, token = text.partition("=")
        if not equals:
            register, token = "", text
        tokens[register] = token
    return tokens


# ------------------------------------------------------------------------------------------------------------- telling


def _text(exchanges: Sequence[Exchange]) -> Iterator[str]:
    for exchange in exchanges:
        if exchange.is_same:
            continue
        whose = "" if exchange.register is None else f" of {exchange.register}"
        request = exchange.request
        yield f"line {exchange.place}: {request.what}, request {request.number}{whose}, connection {exchange.connection}"
        if exchange.recorded is None or exchange.came is None:
            recorded, came = _word(exchange.recorded), _word(exchange.came)
            yield f"  {recorded} recorded, {came} now"
        for each in exchange.differences:
            yield f"  {each.field or 'answer'}: {_shown(each.recorded)} recorded, {_shown(each.came)} now"
        if exchange.came is not None and (exchange.recorded is None or exchange.recorded.what != exchange.came.what):
            yield f"  now: {_cut(json.dumps(exchange.came.fields, ensure_ascii=False))}"
    if not exchanges:
        yield "nothing to replay: there is no request"
        return
    same = sum(exchange.is_same for exchange in exchanges)
    differ = len(exchanges) - same
    requests = "1 request" if len(exchanges) == 1 else f"{len(exchanges)} requests"
    yield f"{requests}: {same} answered the same, {differ} not"


def _word(told: Any) -> str:
    return "no answer" if told is None else told.what


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _plain(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    differing = [
        {
            "line": exchange.place,
            "connection": exchange.connection,
            "register": exchange.register,
            "request": exchange.request.what,
            "number": exchange.request.number,
            "recorded": None if exchange.recorded is None else exchange.recorded.what,
            "came": None if exchange.came is None else exchange.came.what,
            "differences": [asdict(each) for each in exchange.differences],
        }
        for exchange in exchanges
        if not exchange.is_same
    ]
    return {
        "verdict": "different" if differing else "same" if exchanges else "nothing",
        "requests": len(exchanges),
        "same": len(exchanges) - len(differing),
        "differing": differing,
    }
