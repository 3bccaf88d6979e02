"""``mock-ofd registers``: the registers of a running operator, at the shell.

The rule: standard output carries the result and nothing else, with ``--json`` as JSON; errors go to standard error, and
the exit code tells their kind. A generated token is printed once; nobody can read it again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fiscal.domain.money import format_minor
from fiscal.wire.given import read_within
from mock_ofd.cli.api import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE, Api, ApiError, register_path
from mock_ofd.cli.exits import Exit

_ORDERS: Final[Mapping[str, str]] = {
    "block": "block a register: it is told so and stops selling",
    "unblock": "let it sell again",
    "unpaid": "answer it no more, so that it works autonomously",
    "paid": "answer it again",
}
PROFILE_SIZE_MAX: Final = 64 * 1024
"""Bytes of a register's particulars: all texts at full length take a twentieth of it."""
_COLUMNS: Final = ("ID", "STANDING", "LINK", "MODE", "UNSENT", "DOCUMENTS", "SHIFT", "STUCK")


def parser() -> argparse.ArgumentParser:
    """The options; those of every command may stand before or behind its name."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument(
        "--url", metavar="URL", help=f"where the operator is (default: {DEFAULT_URL}, or {URL_VARIABLE})"
    )
    shared.add_argument("--api-token", metavar="TOKEN", help=f"the operator's API token; better in {TOKEN_VARIABLE}")
    shared.add_argument("--json", action="store_true", help="print JSON")
    made = argparse.ArgumentParser(
        prog="mock-ofd registers",
        description="The registers of a running operator.",
        parents=[shared],
        allow_abbrev=False,
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[shared], allow_abbrev=False)

    add = command("add", "make a register known")
    add.add_argument("id")
    add.add_argument("--token", help="its token; without one a token is made and printed once")
    add.add_argument("--profile", type=Path, metavar="FILE", help="JSON file with its particulars")
    command("list", "every register, in the order of their registration")
    for name, text in (
        ("show", "one register with all that is known of it"),
        ("kz", "the token that a register over the Kazakhstan protocol has to use next"),
        ("remove", "know it no more; its documents stay"),
    ):
        command(name, text).add_argument("id")
    reset = command("reset-token", "give a register another token")
    reset.add_argument("id")
    reset.add_argument("--token", help="the token; without one a token is made and printed once")
    for name, text in _ORDERS.items():
        order = command(name, text)
        order.add_argument("id")
        if name in ("block", "unpaid"):
            order.add_argument("--reason", default="", help="why")
    return made


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    try:
        api = Api(getattr(options, "url", None), getattr(options, "api_token", None))
        _DO.get(options.command, _order)(api, options)
    except ApiError as error:
        sys.stderr.write(f"mock-ofd registers {options.command}: {error}\n")
        return error.code
    except BrokenPipeError:  # `mock-ofd registers list | head`
        sys.stderr.close()
        return Exit.UNWRITTEN
    return Exit.OK


def _add(api: Api, options: argparse.Namespace) -> None:
    body: dict[str, Any] = {"id": options.id}
    if options.token is not None:
        body["token"] = options.token
    if options.profile is not None:
        body["profile"] = _profile(options.profile)
    _show_change(api.post("registers", body), options)


def _profile(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(read_within(file, PROFILE_SIZE_MAX))
    except (OSError, ValueError, RecursionError) as error:
        raise ApiError(Exit.USAGE, f"--profile: {path} cannot be read: {error}") from None


def _reset_token(api: Api, options: argparse.Namespace) -> None:
    body = {} if options.token is None else {"token": options.token}
    _show_change(api.post(f"{register_path(options.id)}/reset-token", body), options)


def _order(api: Api, options: argparse.Namespace) -> None:
    body = {"reason": options.reason} if getattr(options, "reason", "") else {}
    _show_change(api.post(f"{register_path(options.id)}/{options.command}", body), options)


def _remove(api: Api, options: argparse.Namespace) -> None:
    _show_change(api.delete(register_path(options.id)), options)


def _show_change(changed: Mapping[str, Any], options: argparse.Namespace) -> None:
    if _as_json(options):
        _print_json(changed)
        return
    register = changed["register"]
    _print(f"{register['id']}: {register['standing']}")
    if changed["token"] is not None:
        _print(f"token: {changed['token']}")


def _list(api: Api, options: argparse.Namespace) -> None:
    if _as_json(options):
        for item in api.pages("registers"):
            _print_json(item)
        return
    rows = [_COLUMNS, *(_row(item) for item in api.pages("registers"))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    for row in rows:
        _print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    reported = item["reported"]
    shift = item["shift"]
    return (
        item["id"],
        item["standing"],
        "open" if item["connected"] else "-",
        "-" if reported is None else reported["mode"],
        "-" if reported is None else str(reported["unsent"]),
        str(item["last_number"]),
        f"{shift['number']} {'open' if shift['open'] else 'closed'}",
        "; ".join(reason["code"] for reason in item["stuck"]),
    )


def _show(api: Api, options: argparse.Namespace) -> None:
    found = api.get(register_path(options.id))
    if _as_json(options):
        _print_json(found)
        return
    shift = found["shift"]
    _print(f"register     {found['id']}")
    _print(f"standing     {found['standing']}{': ' + found['reason'] if found['reason'] else ''}")
    _print(f"registered   {_when(found['registered_at'])}")
    _print(f"session      {'open' if found['connected'] else 'none'}")
    _print(f"documents    {found['last_number']}, the last issued {_when(found['last_issued_at'])}")
    _print(
        f"shift        {shift['number']}, {'open since ' + _when(shift['opened_at']) if shift['open'] else 'closed'}"
    )
    _print(f"cash         {format_minor(found['counters'].get('cash_sum', 0))}")
    reported = found["reported"]
    if reported is not None:
        oldest = f", the oldest since {_when(reported['oldest_unsent_at'])}" if reported["oldest_unsent_at"] else ""
        _print(f"reported     {_when(reported['at'])}: {reported['mode']}, {reported['unsent']} unsent{oldest}")
    for period in found["periods"]:
        _print(f"autonomous   {_when(period['begin'])} to {_when(period['end'])}: {period['reason']}")
    for reason in found["stuck"]:
        _print(f"stuck        {reason['text']}")


def _kz(api: Api, options: argparse.Namespace) -> None:
    found = api.get(f"{register_path(options.id)}/kz")
    if _as_json(options):
        _print_json(found)
        return
    _print(f"token        {'the one that was set' if found['token'] is None else found['token']}")
    if found["last_number"] is not None:
        last = f"request {found['last_request_number']} with the token {found['last_token']}"
        _print(f"the last     {last}, document {found['last_number']}")


_DO: Final[Mapping[str, Callable[[Api, argparse.Namespace], None]]] = {
    "add": _add,
    "list": _list,
    "show": _show,
    "kz": _kz,
    "remove": _remove,
    "reset-token": _reset_token,
}


def _as_json(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "json", False))


def _when(instant: int | None) -> str:
    if instant is None:
        return "never"
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _print_json(value: Mapping[str, Any]) -> None:
    _print(json.dumps(value, ensure_ascii=False))
