"""``mock-ofd receipt``: a receipt or a report to keep, as text, page, picture or PDF.

The rule: standard output carries the file and nothing else. A paper is the ledger's: a document that is still in its
register's memory is printed by the register (``mock-ofd kkt show``), which alone has it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fiscal.errors import ConfigurationError, StorageBusy, StorageCorrupt, StorageError
from mock_ofd.cli.api import DEFAULT_URL, URL_VARIABLE, Api, ApiError
from mock_ofd.cli.exits import Exit

if TYPE_CHECKING:
    from mock_ofd.cli.papers import Papers, Place

KINDS: Final = ("text", "html", "png", "pdf")
WIDTHS: Final = (32, 42, 48)
_STDOUT: Final = "-"


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd receipt",
        description="A receipt, an X-report or a Z-report as a file, as the operator's ledger holds it.",
        epilog="PNG and PDF need the extra `files`: pip install 'mock-ofd[files]', where the operator runs.",
        allow_abbrev=False,
    )
    made.add_argument("sign", nargs="?", metavar="SIGN", help="the fiscal sign, the operator's or an autonomous one")
    made.add_argument("--register", metavar="ID", help="the register; needed where no sign is given")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--number", type=int, metavar="N", help="the document of this number")
    which.add_argument("--z", type=int, metavar="SHIFT", help="the Z-report of this shift")
    which.add_argument("--x", action="store_true", help="the X-report of the shift so far")
    made.add_argument("--format", choices=KINDS, help="the kind of file (default: as --out ends, else text)")
    made.add_argument("--width", type=int, choices=WIDTHS, default=48, help="columns of the paper (default: 48)")
    made.add_argument("--copy", action="store_true", help="mark it as a copy")
    made.add_argument("--out", metavar="FILE", default=_STDOUT, help="where to (default: standard output)")
    made.add_argument("--url", metavar="URL", help=f"where the operator is (default: {DEFAULT_URL}, or {URL_VARIABLE})")
    made.add_argument("--data", type=Path, metavar="DIR", help="the data folder of an operator that does not run")
    made.add_argument("--config", type=Path, metavar="FILE", help="its settings, for its name and its address (--data)")
    return made


def main(arguments: Sequence[str]) -> int:
    """Make one file; the exit code."""
    options_of = parser()
    try:
        options = options_of.parse_args(arguments)
        _check(options_of, options)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    try:
        with _papers(options) as papers:
            made = _made(papers, options)
        _write(made, options.out)
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    except ApiError as error:
        return _say(error, error.code)
    except StorageBusy as error:
        return _say(f"{error}; ask the operator that runs: --url", Exit.DATA_BUSY)
    except StorageCorrupt as error:
        return _say(error, Exit.DATA_CORRUPT)
    except StorageError as error:
        return _say(error, Exit.DATA_UNUSABLE)
    return Exit.OK


def _say(what: object, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd receipt: {what}\n")
    return code


def _check(options_of: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Whether it is said which paper is wanted, and where from."""
    by_place = options.number is not None or options.z is not None or options.x
    if (options.sign is not None) == by_place:
        options_of.error("give a SIGN, or --register ID with --number, --z or --x")
    if by_place and options.register is None:
        options_of.error("--number, --z and --x need --register")
    if options.sign is not None and not (options.sign.isascii() and options.sign.isdigit()):
        options_of.error("a SIGN consists of digits")
    if options.url is not None and options.data is not None:
        options_of.error("give --url or --data, not both")
    if options.copy and options.x:
        options_of.error("an X-report is taken anew each time: there are no copies of it")
    if options.format is None:
        options.format = {".htm": "html", ".html": "html", ".png": "png", ".pdf": "pdf"}.get(
            Path(options.out).suffix.lower(), "text"
        )


def _papers(options: argparse.Namespace) -> Papers:
    from mock_ofd.cli.papers import AskedPapers, KeptPapers  # noqa: PLC0415 - not for --help

    if options.data is None:
        return AskedPapers(Api(options.url))
    from ofd_server.config import ENV_PREFIX, load_settings  # noqa: PLC0415
    from ofd_server.core.rules import Rules  # noqa: PLC0415

    named = options.config or os.environ.get(ENV_PREFIX + "CONFIG") or None
    settings = load_settings({}, None if named is None else Path(named))
    rules = Rules(operator_name=settings.operator_name, receipt_url=settings.receipt_url or Rules().receipt_url)
    return KeptPapers(options.data, rules, time.time_ns() // 1_000_000)


def _made(papers: Papers, options: argparse.Namespace) -> bytes:
    from fiscal.rendering.files import FileKind  # noqa: PLC0415
    from mock_ofd.cli.papers import Form  # noqa: PLC0415

    form = Form(FileKind(options.format), options.width, options.copy)
    if options.x:
        return papers.draw_x_report(options.register, form)
    return papers.draw(_place(papers, options), form)


def _place(papers: Papers, options: argparse.Namespace) -> Place:
    from mock_ofd.cli.papers import Place  # noqa: PLC0415

    if options.number is not None:
        return Place(options.register, options.number)
    if options.z is not None:
        found = papers.z_report(options.register, options.z)
        if found is None:
            text = f"the ledger holds no Z-report of shift {options.z} of register {options.register!r}"
            raise ApiError(Exit.NOT_FOUND, text)
        return found
    places = papers.signed(options.sign, options.register)
    if not places:
        raise ApiError(Exit.NOT_FOUND, f"the ledger holds no document with the sign {options.sign}")
    if len(places) > 1:
        which = ", ".join(f"{place.number} of {place.register}" for place in places)
        raise ApiError(Exit.USAGE, f"several documents have the sign {options.sign}: {which}; say --register")
    return places[0]


def _write(made: bytes, out: str) -> None:
    """To the file, or to standard output; a picture is not written to a terminal."""
    try:
        if out != _STDOUT:
            Path(out).write_bytes(made)
            return
        if sys.stdout.isatty() and b"\0" in made:
            raise ApiError(Exit.USAGE, "this is nothing for a terminal: give --out FILE")
        sys.stdout.buffer.write(made)
        sys.stdout.flush()
    except OSError as error:
        where = "standard output" if out == _STDOUT else out
        raise ApiError(Exit.UNWRITTEN, f"{where} cannot be written: {error.strerror}") from None
