"""``mock-ofd COMMAND ...``: finds the command's module and hands it the rest.

The rule: nothing is imported here that the command does not need; the server starts without the tables and codes that
other commands print. A command whose words nobody can take (a full disk, a pipe that was shut) says so in a line, and
ends with a code of its own.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "serve": ("mock_ofd.cli.serve", "run the operator"),
    "registers": ("mock_ofd.cli.registers", "add, show, block and remove registers of a running operator"),
    "watch": ("mock_ofd.cli.watch", "the registers of a running operator in the terminal"),
    "verify": ("mock_ofd.cli.verify", "say of a receipt whether it is genuine, by the text of its QR code"),
    "receipt": ("mock_ofd.cli.receipt", "a receipt or a report to keep, as text, HTML, PNG or PDF"),
    "judge": ("mock_ofd.cli.judge", "say of registers and their operator what went wrong, with the shortest proof"),
    "conformance": (
        "mock_ofd.cli.conformance",
        "lead any register's software through named scenarios, and print a report card",
    ),
    "record": ("mock_ofd.cli.record", "stand between registers and an operator, and write down every frame"),
    "replay": ("mock_ofd.cli.replay", "play the registers' side of a recording again, and compare the answers"),
    "load": (
        "mock_ofd.cli.load",
        "a storm of registers that return after an outage, and what became of every document",
    ),
    "faults": ("mock_ofd.cli.faults", "what can go wrong on purpose: the catalogue of misfortunes, or a plan of yours"),
    "kkt": ("mock_ofd.cli.kkt", "a cash register: sell, return, X and Z reports, and its fiscal memory"),
    "demo": ("mock_ofd.cli.demo", "a day of a shop with a broken link, and the reconciliation of both sides"),
}
"""Each command: the module that has ``main(arguments) -> exit code``, and a line for the list."""

_USAGE: Final = 2


def overview() -> str:
    """The list of commands."""
    rows = "\n".join(f"  {name:<13}{text}" for name, (_, text) in COMMANDS.items())
    return f"usage: mock-ofd COMMAND ...\n\n{rows}\n\nmock-ofd COMMAND --help tells more; mock-ofd --version names the version.\n"


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code."""
    name, *rest = arguments or ["--help"]
    if name in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return 0
    if name in ("--version", "version"):
        from ofd_server.config import VERSION  # noqa: PLC0415 - see the rule

        sys.stdout.write(f"mock-ofd {VERSION}\n")
        return 0
    if name not in COMMANDS:
        sys.stderr.write(f"mock-ofd: there is no command {name!r}\n\n{overview()}")
        return _USAGE
    # What an import makes stays: the collector would look through it again and again, a quarter of the time.
    gc.disable()
    try:
        module = import_module(COMMANDS[name][0])
    finally:
        gc.enable()
    code: int = module.main(rest)
    return code


def main() -> None:
    """The console command."""
    from mock_ofd.cli.standard_output import spoken  # noqa: PLC0415 - see the rule

    out = spoken()
    try:
        code = run(sys.argv[1:])
        out.flush()
    except OSError as error:
        if error is not out.failed:
            raise
        code = out.give_up()
    sys.exit(code)


if __name__ == "__main__":
    main()
