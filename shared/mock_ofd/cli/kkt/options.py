"""The options of ``mock-ofd kkt``, and nothing else: what they mean is decided where they are used.

The rule: an option stands before or behind the name of the command, as its writer likes. Amounts and quantities stay
text here, because a wrong one has to be named by its field and its rule.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from fiscal.domain.document import DocumentKind
from fiscal.domain.receipt import PaymentKind, TradeDomain
from fiscal.domain.register import Country, Taxation
from fiscal.rendering.text import WIDTHS
from kkt_client.core.records import Decision

DATA_VARIABLE: Final = "MOCK_KKT_DATA"
HTTP_VARIABLE: Final = "MOCK_KKT_HTTP"
OPERATOR_VARIABLE: Final = "MOCK_KKT_OPERATOR"
"""For who does not want a token in the list of processes."""

DRAIN_S: Final = 2.0
"""Seconds that a selling command goes on sending what waits, after the paper is out; an outage ends it at once."""
SYNC_S: Final = 60.0
"""Seconds that ``sync`` tries: long enough for an operator that is restarted, and for a day's queue."""
SERVE_HTTP: Final = "127.0.0.1:7795"
"""Where ``serve`` listens; the operator's own listeners are 7790 and 7777."""
LIST_MAX: Final = 20
"""Documents that ``list`` shows when nobody says how many: a screen."""

_EPILOG: Final = """\
The first call founds the register: it needs --operator native://HOST:PORT?id=ID&token=TOKEN (http://, https:// and kz://
do as well) and says whose register it is, by options or by --profile FILE. Everything is kept in DIR; later calls need
only --data. The exit codes and the forms of --item and of basket files are in docs/reference/kkt-cli.md.
"""

PARTICULARS: Final = ("taxpayer", "tax_id", "taxation", "place", "rnm", "serial", "country", "zone", "fn_serial")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    made = argparse.ArgumentParser(
        prog="mock-ofd kkt",
        description="A cash register with its fiscal memory in a folder.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    _common(made, shown=True)
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _selling(commands)
    _reading(commands)
    _operating(commands)
    return made


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for what add_subparsers returns


def _command(commands: _Commands[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    _common(made, shown=False)
    return made


def _common(made: argparse.ArgumentParser, *, shown: bool) -> None:
    """What every command knows; behind the command's name these are understood and not listed again."""

    def text(said: str) -> str:
        return said if shown else argparse.SUPPRESS

    made.add_argument(
        "--data", type=Path, metavar="DIR", help=text(f"folder of the fiscal memory (or {DATA_VARIABLE})")
    )
    made.add_argument(
        "--operator",
        metavar="ADDRESS",
        help=text(f"where the operator is; kept (or {OPERATOR_VARIABLE}, which shows no token)"),
    )
    made.add_argument("--json", action="store_true", help=text("one JSON object on standard output instead of text"))
    made.add_argument("--cashier", metavar="CODE:NAME", help=text("who sits at the register (7:Айгуль)"))
    group = made.add_argument_group("whose register it is, kept in the memory") if shown else made
    group.add_argument(
        "--profile", type=Path, metavar="FILE", help=text("TOML file with these particulars and settings")
    )
    group.add_argument("--taxpayer", metavar="NAME", help=text("name of the seller"))
    group.add_argument("--bin", "--tax-id", dest="tax_id", metavar="DIGITS", help=text("BIN or IIN, in Russia INN"))
    group.add_argument("--taxation", choices=list(map(str, Taxation)), help=text("taxation regime"))
    group.add_argument("--place", metavar="ADDRESS", help=text("where the register stands"))
    group.add_argument("--rnm", metavar="NUMBER", help=text("registration number"))
    group.add_argument("--serial", metavar="NUMBER", help=text("factory number"))
    group.add_argument("--fn-serial", metavar="DIGITS", help=text("fiscal drive, in Russia"))
    group.add_argument("--country", choices=list(map(str, Country)), help=text("whose rules hold"))
    group.add_argument("--zone", metavar="NAME", help=text("time zone, like Asia/Almaty"))


# ------------------------------------------------------------------------------------------------- documents


def _selling(commands: _Commands[argparse.ArgumentParser]) -> None:
    for name, text in (("sell", "sell goods"), ("buy", "buy goods from somebody")):
        made = _command(commands, name, text)
        _basket(made)
        _issuing(made)
    made = _command(commands, "return", "take back a receipt, or some of its lines")
    made.add_argument(
        "number", nargs="?", type=int, default=None, metavar="NUMBER", help="document number of the receipt"
    )
    made.add_argument("--sign", help="the receipt by its fiscal sign, the operator's or the autonomous one")
    made.add_argument(
        "--line", action="append", metavar="N[:QUANTITY]", help="only this line, or so much of it; may be repeated"
    )
    made.add_argument("--purchase", action="store_true", help="with --item or --basket: goods that were bought go back")
    _basket(made)
    _issuing(made)
    for name, text in (("deposit", "put cash into the drawer"), ("withdraw", "take cash out of the drawer")):
        made = _command(commands, name, text)
        made.add_argument("sum", metavar="SUM", help="like 15000.00")
        _issuing(made)
    made = _command(commands, "z", "close the shift with its Z-report")
    made.add_argument("--withdraw-cash", action="store_true", help="empty the drawer with it")
    _issuing(made)


def _basket(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("what is on the receipt")
    group.add_argument(
        "--item",
        action="append",
        metavar="NAME;PRICE;QUANTITY;VAT;SECTION",
        help="one position; parts may be left out or named (barcode=...); may be repeated",
    )
    group.add_argument("--basket", metavar="FILE", help="the receipt as JSON; - reads standard input")
    for kind in PaymentKind:
        group.add_argument(f"--{kind}", metavar="SUM", help=_PAYMENTS[kind])
    group.add_argument("--discount", metavar="SUM", help="from the whole receipt")
    group.add_argument("--markup", metavar="SUM", help="on the whole receipt")
    group.add_argument("--vat", metavar="RATE", help="one tax on the whole receipt: standard, 12, +12 for on top")
    group.add_argument("--domain", choices=list(map(str, TradeDomain)), help="field of trade")
    group.add_argument("--buyer-email", metavar="ADDRESS", help="where the receipt is sent")
    group.add_argument("--buyer-phone", metavar="NUMBER", help="likewise")
    group.add_argument("--buyer-id", metavar="DIGITS", help="the buyer's BIN, IIN or INN")


_PAYMENTS: Final = {
    PaymentKind.CASH: "cash that was handed over, the change is computed; without payments all is paid in cash",
    PaymentKind.CARD: "paid by card",
    PaymentKind.MOBILE: "paid by telephone",
    PaymentKind.CREDIT: "on credit",
    PaymentKind.TARE: "in returnable packaging",
    PaymentKind.ADVANCE: "from an advance",
}


def _issuing(made: argparse.ArgumentParser) -> None:
    made.add_argument("--key", help="your own name for this document: said again, it gives the same document again")
    made.add_argument(
        "--drain",
        type=float,
        metavar="SECONDS",
        help=f"go on sending what waits for so long, after the paper is out (default {DRAIN_S:g}; 0 leaves at once)",
    )
    made.add_argument(
        "--low-power", action="store_true", help="there is no power for talking to the operator: issue it autonomously"
    )
    _paper(made)


def _paper(made: argparse.ArgumentParser) -> None:
    made.add_argument("--columns", type=int, choices=WIDTHS, help=f"width of the paper (default {WIDTHS[-1]})")
    made.add_argument("--qr", action="store_true", help="draw the QR code")
    made.add_argument("--html", type=Path, metavar="FILE", help="write the paper as a page, too")
    made.add_argument(
        "--file", type=Path, metavar="FILE", help="write the paper as a file, too: .txt, .html, .png or .pdf"
    )


# --------------------------------------------------------------------------------------------------- reading


def _reading(commands: _Commands[argparse.ArgumentParser]) -> None:
    _paper(_command(commands, "x", "print the X-report: the figures of the shift so far"))
    _command(commands, "status", "tell how the register is doing, as its memory knows it")
    made = _command(commands, "list", "list documents with their marks, newest first")
    made.add_argument("--limit", type=int, metavar="N", help=f"at most so many (default {LIST_MAX}, 0 for all)")
    made.add_argument("--oldest-first", action="store_true")
    made.add_argument("--shift", type=int, metavar="N", help="of this shift")
    made.add_argument("--day", metavar="YYYY-MM-DD", help="of this day in the register's time")
    made.add_argument("--kind", choices=list(map(str, DocumentKind)), help="of this kind")
    made.add_argument("--unsent", action="store_true", help="that the operator does not have yet")
    made.add_argument("--autonomous", action="store_true", help="that were issued autonomously")
    made.add_argument("--refused", action="store_true", help="that the operator refused")
    made = _command(commands, "show", "print a document again")
    made.add_argument("number", nargs="?", type=int, default=None, metavar="NUMBER", help="document number")
    made.add_argument("--sign", help="the document by its fiscal sign")
    made.add_argument("--copy", action="store_true", help="print ДУБЛИКАТ on it")
    _paper(made)
    _command(commands, "verify", "walk the chain of the fiscal memory and name the first damaged record")


# ------------------------------------------------------------------------------------------------- operating


def _operating(commands: _Commands[argparse.ArgumentParser]) -> None:
    _command(commands, "setup", "found the register, or change its operator or particulars, and sell nothing")
    made = _command(commands, "sync", "send everything that waits")
    made.add_argument("--timeout", type=float, metavar="SECONDS", help=f"give up after so long (default {SYNC_S:g})")
    made = _command(commands, "unfinished", "list documents that were issued and never handed out")
    made.add_argument("--acknowledge", action="store_true", help="these are dealt with: list them no more")
    made = _command(commands, "resolve", "decide about what stands still; the decision stays in the memory")
    made.add_argument(
        "decision", choices=list(map(str, Decision)), help="retry or void a refused document; adopt, resend"
    )
    made.add_argument("--number", type=int, metavar="N", help="the document, to be sure that it is this one")
    made.add_argument("--by", required=True, metavar="NAME", help="who decides")
    made.add_argument("--why", required=True, metavar="TEXT", help="why")
    token = _command(commands, "token", "change the register's token")
    inner = token.add_subparsers(dest="token_command", metavar="set", required=True)
    _command(inner, "set", "read a new token from the terminal, hidden, or from standard input")
    made = _command(commands, "events", "stay, send what waits, and tell what happens, until interrupted")
    made.add_argument("--seconds", type=float, metavar="N", help="leave after so long")
    made = _command(commands, "serve", "stay, and sell for programs in any language over local HTTP")
    made.add_argument(
        "--http",
        metavar="HOST:PORT",
        help=f"where to listen (or {HTTP_VARIABLE}; default {SERVE_HTTP}, port 0 is a free one)",
    )
    made.add_argument("--require-key", action="store_true", help="refuse an order that has no Idempotency-Key")
