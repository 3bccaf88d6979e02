"""From the words behind ``mock-ofd kkt`` to an exit code.

The rule: whatever goes wrong on purpose is one line on standard error and a row of :data:`CODES`; a traceback is a
defect of this program.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from fiscal.domain.receipt import Operation
from fiscal.errors import (
    ConfigurationError,
    FiscalError,
    InvalidValue,
    NotDelivered,
    StorageBusy,
    StorageCorrupt,
    StorageError,
)
from fiscal.rendering.files import ExtraMissing
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    NotEnoughCash,
    NothingToResolve,
    RegisterBlocked,
    ShiftExpired,
    ShiftNotOpen,
)
from kkt_client.core.views import error_json, word_of
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt import issuing, looking, operating
from mock_ofd.cli.kkt.call import Call, NotFound
from mock_ofd.cli.kkt.options import parser
from mock_ofd.cli.kkt.output import Output, Unwritten, standard
from mock_ofd.cli.kkt.serve import serve
from mock_ofd.kkt_service.listening import AddressUnavailable

Command = Callable[[Call], Awaitable[Exit | None]]
"""What is wrong with the options may be said when it is called, the rest when it is awaited."""

COMMANDS: Final[Mapping[str, Command]] = {
    "sell": partial(issuing.trade, operation=Operation.SELL),
    "buy": partial(issuing.trade, operation=Operation.BUY),
    "return": issuing.take_back,
    "deposit": issuing.move_cash,
    "withdraw": issuing.move_cash,
    "z": issuing.close_shift,
    "x": looking.x,
    "status": looking.status,
    "list": looking.list_documents,
    "show": looking.show,
    "verify": looking.verify,
    "setup": operating.setup,
    "sync": operating.sync,
    "unfinished": operating.unfinished,
    "resolve": operating.resolve,
    "token": operating.set_token,
    "events": operating.events,
    "serve": serve,
}

CODES: Final[Sequence[tuple[type[FiscalError], Exit]]] = (
    (InvalidValue, Exit.USAGE),
    (ConfigurationError, Exit.USAGE),
    (StorageBusy, Exit.DATA_BUSY),
    (StorageCorrupt, Exit.DATA_CORRUPT),
    (StorageError, Exit.DATA_UNUSABLE),
    (NotDelivered, Exit.UNREACHABLE),
    (DocumentRefused, Exit.REFUSED),
    (NotFound, Exit.NOT_FOUND),
    (Unwritten, Exit.UNWRITTEN),
    (ExtraMissing, Exit.NOT_INSTALLED),
    (AddressUnavailable, Exit.ADDRESS),
    (RegisterBlocked, Exit.BLOCKED),
    (ShiftExpired, Exit.SHIFT_EXPIRED),
    (ShiftNotOpen, Exit.SHIFT_NOT_OPEN),
    (NotEnoughCash, Exit.NOT_ENOUGH_CASH),
    (KeyReused, Exit.KEY_REUSED),
    (NothingToResolve, Exit.NOTHING_TO_RESOLVE),
)
"""The first row whose class the error has gives the exit code; what has no row is a defect."""


def exit_of(error: FiscalError) -> Exit:
    """The exit code of an error."""
    return next((code for class_, code in CODES if isinstance(error, class_)), Exit.FAILED)


_CUT_SHORT: Final = (
    "mock-ofd kkt: interrupted; a document that was issued meanwhile is listed by: mock-ofd kkt unfinished"
)


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or has printed its help
        return int(end.code or 0)
    output = standard(as_json=getattr(options, "json", False))
    try:
        work = COMMANDS[options.command](Call(options, output))
        with asyncio.Runner() as runner:
            return runner.run(_run(work))
    except FiscalError as error:
        return _fail(error, output)
    except KeyboardInterrupt:
        output.say(_CUT_SHORT)
        return Exit.INTERRUPTED
    except asyncio.CancelledError:
        output.say(_CUT_SHORT)
        return Exit.TERMINATED


async def _run(work: Awaitable[Exit | None]) -> int:
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    with suppress(NotImplementedError, RuntimeError):  # Windows, or not the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work or Exit.OK


def _fail(error: FiscalError, output: Output) -> int:
    code = exit_of(error)
    if output.as_json:
        output.say(json.dumps(error_json(error, word_of(error)), ensure_ascii=False))
    else:
        output.say(f"mock-ofd kkt: {error}")
    return code
