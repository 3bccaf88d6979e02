"""``mock-ofd watch``: the fleet in the terminal.

The rule: the views need the extra ``watch``; without it, or without a terminal, one line says so.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from mock_ofd.cli.api import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE, Api, ApiError
from mock_ofd.cli.exits import Exit


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd watch",
        description="The registers of a running operator in the terminal: fleet, register, receipt.",
        epilog="Needs the extra `watch`: pip install 'mock-ofd[watch]'. Ends with q.",
        allow_abbrev=False,
    )
    made.add_argument("--url", metavar="URL", help=f"where the operator is (default: {DEFAULT_URL}, or {URL_VARIABLE})")
    made.add_argument("--api-token", metavar="TOKEN", help=f"its API token, for the keys; better in {TOKEN_VARIABLE}")
    made.add_argument("--lang", choices=("en", "ru", "kk"), default="en", help="in which language (default: en)")
    return made


def main(arguments: Sequence[str]) -> int:
    """Watch until somebody has seen enough; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    try:
        url = Api(options.url).url
    except ApiError as error:
        return _say(error, error.code)
    try:
        from mock_ofd.watch.app import WatchApp  # noqa: PLC0415 - not for --help, and it may not be there
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "textual":
            raise
        return _say("this needs textual, which is not installed: pip install 'mock-ofd[watch]'", Exit.NOT_INSTALLED)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _say("this needs a terminal", Exit.USAGE)
    from mock_ofd.watch.source import Source  # noqa: PLC0415
    from mock_ofd.watch.tongues import speak  # noqa: PLC0415

    speak(options.lang)
    token = options.api_token or os.environ.get(TOKEN_VARIABLE) or None
    app = WatchApp(Source(url, token))
    app.run()
    return Exit.TERMINATED if app.is_terminated else app.return_code or Exit.OK


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd watch: {what}\n")
    return code
