"""``mock-ofd faults``: what can go wrong on purpose.

The rule: what is printed for one misfortune is a file that ``mock-ofd serve --faults`` takes; a file of one's own is read
to the last key, and its first mistake is named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fiscal.errors import InvalidValue
from fiscal.faults.misfortunes import MISFORTUNES, Misfortune
from fiscal.faults.notation import fault_to_dict, plan_from_toml, plan_to_dict
from fiscal.faults.plan import PLAN_SIZE_MAX
from fiscal.wire.given import read_within
from mock_ofd.cli.exits import Exit


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="mock-ofd faults",
        description="List the misfortunes that have a name; print one as a plan of faults; or check a plan of yours.",
        epilog="`mock-ofd serve --faults NAME` or `--faults FILE` puts one to work.",
        allow_abbrev=False,
    )
    made.add_argument("name", nargs="?", metavar="NAME|FILE", help="a misfortune, or a TOML file with a plan to check")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def main(arguments: Sequence[str]) -> int:
    """List, print or check; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    if options.name is None:
        _print(json.dumps([_told(one) for one in MISFORTUNES.values()], indent=2) if options.json else _list())
        return Exit.OK
    one = MISFORTUNES.get(options.name)
    if one is not None:
        _print(json.dumps(_told(one), indent=2) if options.json else one.toml)
        return Exit.OK
    return _check(Path(options.name), as_json=options.json)


def _list() -> str:
    width = max(map(len, MISFORTUNES)) + 2
    return "\n".join(f"{one.name:<{width}}{one.happens}" for one in MISFORTUNES.values())


def _told(one: Misfortune) -> dict[str, Any]:
    return {
        "name": one.name,
        "happens": one.happens,
        "register": one.register,
        "needs_person": one.needs_person,
        "faults": [fault_to_dict(fault) for fault in one.plan()],
        "toml": one.toml,
    }


def _check(path: Path, *, as_json: bool) -> int:
    try:
        with path.open("rb") as file:
            plan = plan_from_toml(read_within(file, PLAN_SIZE_MAX).decode())
    except FileNotFoundError:
        return _say(
            f"there is no misfortune and no file {str(path)!r}; mock-ofd faults lists the misfortunes", Exit.NOT_FOUND
        )
    except (OSError, UnicodeDecodeError) as error:
        return _say(f"{path} cannot be read: {error}", Exit.USAGE)
    except InvalidValue as error:
        return _say(f"{path}: {error}", Exit.USAGE)
    if as_json:
        _print(json.dumps(plan_to_dict(plan), indent=2, ensure_ascii=False))
    else:
        names = ", ".join(fault.name for fault in plan) or "none"
        _print(f"{path}: a plan of faults: {names}")
    return Exit.OK


def _print(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")


def _say(text: str, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd faults: {text}\n")
    return code
