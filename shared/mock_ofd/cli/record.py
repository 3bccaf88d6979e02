"""``mock-ofd record``: stands between any register and any operator, and writes down every frame.

The rule: standard output carries one line, the ready line. Every byte goes on as it came; what is written is
:mod:`mock_ofd.traffic.recording`'s business. It ends with a signal, and what was recorded until then is in the file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from fiscal.errors import ConfigurationError
from mock_ofd.cli.addresses import host_and_port
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.signals import on_end


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd record",
        description="Stand between registers and an operator, pass every byte on, and write down every frame in words.",
        epilog="Point the registers at --listen. Ctrl-C or SIGTERM ends it. `mock-ofd replay` plays the file again.",
        allow_abbrev=False,
    )
    made.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:0", help="for registers (default: a free port)"
    )
    made.add_argument("--to", metavar="HOST:PORT", required=True, help="where the operator is")
    made.add_argument("--protocol", metavar="NAME", default="native", help="what they speak: native (default) or kz")
    made.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="where to write; an older file is replaced"
    )
    made.add_argument("--secrets", action="store_true", help="keep tokens and passwords in the file")
    return made


def main(arguments: Sequence[str]) -> int:
    """Record until a signal comes; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    try:
        with options.out.open("w", encoding="utf-8") as file:
            return asyncio.run(_record(options, file))
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    except OSError as error:
        return _say(f"--out: {options.out}: {error.strerror}", Exit.DATA_UNUSABLE)


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd record: {what}\n")
    return code


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _record(options: argparse.Namespace, file: TextIO) -> int:
    from fiscal.protocols.catalogue import transcript_named  # noqa: PLC0415 - not for --help
    from mock_ofd.traffic.proxy import Proxy  # noqa: PLC0415
    from mock_ofd.traffic.recording import Recorder  # noqa: PLC0415

    stop = asyncio.Event()
    on_end(stop.set)
    transcript = transcript_named(options.protocol)
    to = host_and_port(options.to, "--to", transcript.name)
    listen = host_and_port(options.listen, "--listen", transcript.name)
    recorder = Recorder(file, transcript, to=f"{to[0]}:{to[1]}", at=_now(), secrets=options.secrets)
    proxy = Proxy(transcript, recorder, to, _now)
    try:
        host, port = await proxy.start(*listen)
    except OSError as error:
        return _say(f"--listen: {options.listen}: {error.strerror}", Exit.ADDRESS)
    ready = {"event": "ready", "listen": f"{host}:{port}", "to": f"{to[0]}:{to[1]}", "protocol": transcript.name}
    sys.stdout.write(json.dumps({**ready, "out": str(options.out)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await proxy.stop()
    return Exit.OK
