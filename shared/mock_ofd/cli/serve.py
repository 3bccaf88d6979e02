"""``mock-ofd serve``: the operator as a process.

The rule: standard output carries one line, the ready line, and nothing else ever; everything for people goes to
standard error. Whatever is wrong at the start is one line there and an exit code of its own, never a traceback. The
options are made from the settings, so each setting is an option and no option is forgotten.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fiscal.errors import ConfigurationError, FiscalError, StorageBusy, StorageCorrupt, StorageError
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.signals import on_end
from ofd_server.config import ENV_PREFIX, ServerSettings, load_settings, unknown_variables

if TYPE_CHECKING:
    from ofd_server.siblings import Siblings

GC_THRESHOLDS: Final = (50_000, 20, 50)
"""Every document makes some forty objects that live until its commit; with Python's own 700 (2,000 since 3.14) the
collector would run a thousand times a second and find nothing, because the values of the domain know no cycles."""

_HIDDEN: Final = frozenset(("api_token",))
"""Settings that are no options: whoever lists the processes of a machine reads command lines."""


def parser() -> argparse.ArgumentParser:
    """The options, one for each setting."""
    made = argparse.ArgumentParser(
        prog="mock-ofd serve",
        description="Run the operator. When it is ready it prints one line of JSON.",
        epilog=f"Each setting is also a variable ({ENV_PREFIX}ANSWER_TIMEOUT) and a name in the file (answer_timeout); "
        f"an option goes before the variable, the variable before the file. The API token is {ENV_PREFIX}API_TOKEN, no option.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    made.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    for name, info in ServerSettings.model_fields.items():
        if name in _HIDDEN:
            continue
        option = f"--{name.replace('_', '-')}"
        text = (info.description or "").replace("%", "%%")
        if info.annotation is bool:
            made.add_argument(option, action=argparse.BooleanOptionalAction, help=text)
            continue
        default = "" if info.default in (None, ()) else f" (default: {info.default})"
        made.add_argument(option, metavar=_metavar(name), help=text + default)
    return made


def _metavar(name: str) -> str:
    if name in ("http", "native", "kz"):
        return "HOST:PORT"
    if name == "data":
        return "DIR"
    if name == "storage":
        return "URL"
    if name == "faults":
        return "FILE|NAME"
    if name.endswith(("_cert", "_key", "_keys", "_catalogue", "_cashiers")):
        return "FILE"
    return name.rpartition("_")[2].upper()


def main(arguments: Sequence[str]) -> int:
    """Run until a signal comes; the exit code."""
    # What starting makes lives until the end: nothing of it is garbage, so nobody has to look for any.
    gc.disable()
    try:
        return _main(arguments)
    finally:
        gc.enable()


def _main(arguments: Sequence[str]) -> int:
    try:
        flags = vars(parser().parse_args(arguments))
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    named = flags.pop("config", None) or os.environ.get(ENV_PREFIX + "CONFIG") or None
    try:
        settings = load_settings(flags, None if named is None else Path(named))
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    return run(settings)


def _say(error: BaseException, code: Exit) -> int:
    sys.stderr.write(f"mock-ofd serve: {error}\n")
    return code


def run(
    settings: ServerSettings,
    siblings: Siblings | None = None,
    on_orphaned: Callable[[Callable[[], None]], None] | None = None,
) -> int:
    """Run an operator, or several when the settings say so, until a signal comes; the exit code.

    ``siblings`` are other processes at the same addresses; ``on_orphaned`` has its argument called when nobody is left who
    would send a signal.
    """
    from mock_ofd.cli.logs import set_up_logs  # noqa: PLC0415 - not for --help
    from ofd_server.app import AddressUnavailable  # noqa: PLC0415
    from ofd_server.ports import Unreachable  # noqa: PLC0415
    from ofd_server.storage.opening import ExtraMissing  # noqa: PLC0415

    set_up_logs(settings.log_format, settings.log_level)
    try:
        if settings.processes > 1:
            from mock_ofd.cli.processes import supervise  # noqa: PLC0415 - one process needs none of it

            return asyncio.run(supervise(settings))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(settings, siblings, on_orphaned))
    except ExtraMissing as error:
        return _say(error, Exit.NOT_INSTALLED)
    except ConfigurationError as error:
        return _say(error, Exit.USAGE)
    except AddressUnavailable as error:
        return _say(error, Exit.ADDRESS)
    except StorageBusy as error:
        return _say(error, Exit.DATA_BUSY)
    except StorageCorrupt as error:
        return _say(error, Exit.DATA_CORRUPT)
    except Unreachable as error:
        return _say(error, Exit.UNREACHABLE)
    except StorageError as error:
        return _say(error, Exit.DATA_UNUSABLE)
    except FiscalError as error:
        return _say(error, Exit.FAILED)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one (CPython on Linux and macOS), else asyncio's own loop."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(
    settings: ServerSettings,
    siblings: Siblings | None,
    on_orphaned: Callable[[Callable[[], None]], None] | None,
) -> int:
    from ofd_server.app import OfdServer  # noqa: PLC0415 - not for --help

    stop = asyncio.Event()
    on_end(stop.set)
    if on_orphaned is not None:
        on_orphaned(stop.set)
    server = OfdServer(settings, crash=_crash, siblings=siblings)
    await server.start()
    try:
        _warn_of_variables()
        _print_line(server.ready_line())
        _tune_collector()
        waiting = {asyncio.ensure_future(stop.wait()), asyncio.ensure_future(server.broken())}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
    finally:
        await server.stop()
    if server.is_stuck:
        # A thread waits for a disk that does not answer; Python would wait for the thread.
        sys.stderr.flush()
        os._exit(Exit.LEDGER_BROKEN)
    return Exit.OK if server.service.broken is None else Exit.LEDGER_BROKEN


def _crash() -> None:
    """A plan of faults wants this process to die, as by a power cut: nobody is told, and nothing is finished."""
    os._exit(Exit.CRASHED)


def _tune_collector() -> None:
    """Everything that lives now lives until the end: take it out of the collector's sight, and let it run seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def _warn_of_variables() -> None:
    import structlog  # noqa: PLC0415

    for name in unknown_variables():
        structlog.get_logger(__name__).warning("this variable is no setting", variable=name)


def _print_line(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
