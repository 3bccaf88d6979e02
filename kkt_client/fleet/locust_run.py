"""A whole run of Locust with registers in it: its options, which registers belong to a process, and its end.

The rule: what registers find at their end is part of the result. A master of Locust waits half a second for the last
figures of its workers; one that has registers asks its workers to end theirs first, and waits until they have.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

import gevent  # type: ignore[import-untyped]  # it comes without types
from locust import events
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, MasterRunner, WorkerRunner

from fiscal.errors import ConfigurationError
from fiscal.wire.given import TooLarge, read_within
from kkt_client.fleet.allotment import Allotment, read_list
from kkt_client.fleet.limits import CHECK_LIMIT_S, LIST_SIZE_MAX, MARGIN_S, SILENCE_S

END: Final = "mock-ofd-end"
ENDED: Final = "mock-ofd-ended"
STEP_S: Final = 0.1

_ended: Final[WeakKeyDictionary[Any, set[str]]] = WeakKeyDictionary()
"""The workers of each master that have ended their registers."""
_allotments: Final[WeakKeyDictionary[Any, Allotment]] = WeakKeyDictionary()


def _options(parser: Any) -> None:
    group = parser.add_argument_group("Registers", "of users of kkt_client.fleet.locust")
    group.add_argument(
        "--register-prefix",
        metavar="TEXT",
        default="locust",
        env_var="MOCK_OFD_REGISTER_PREFIX",
        help="Registers are called TEXT-WORKER-PLACE. Default: locust",
    )
    group.add_argument(
        "--register-token",
        metavar="TOKEN",
        default="locust",
        env_var="MOCK_OFD_REGISTER_TOKEN",
        help="The token of every register that has none in the list. Default: locust",
    )
    group.add_argument(
        "--registers",
        metavar="FILE",
        default="",
        env_var="MOCK_OFD_REGISTERS",
        help="A list of registers instead: an id a line, and its token behind it. Every worker reads it",
    )
    group.add_argument(
        "--registers-per-worker",
        metavar="N",
        type=int,
        default=0,
        env_var="MOCK_OFD_REGISTERS_PER_WORKER",
        help="How many lines of the list belong to each worker: the first N to worker 0, and so on",
    )
    group.add_argument(
        "--backlog",
        metavar="N",
        type=int,
        default=-1,
        env_var="MOCK_OFD_BACKLOG",
        help="Documents with which each register comes back. Default: what the user class says",
    )


def backlog_of(environment: Any, otherwise: int) -> int:
    """With how many documents a register comes back."""
    asked: int = getattr(environment.parsed_options, "backlog", -1)
    return otherwise if asked < 0 else asked


def allotment_of(environment: Any) -> Allotment:
    """The registers of this process, for all classes of users; :class:`ConfigurationError` for a list that is wrong."""
    found = _allotments.get(environment)
    if found is None:
        found = _allotments[environment] = _allotment(environment)
    return found


def _allotment(environment: Any) -> Allotment:
    options = environment.parsed_options
    token = getattr(options, "register_token", "locust")
    path = getattr(options, "registers", "")
    listed = None
    if path:
        try:
            with Path(path).open("rb") as file:
                text = read_within(file, LIST_SIZE_MAX).decode()
        except (OSError, UnicodeDecodeError, TooLarge) as error:
            raise ConfigurationError(f"registers: {path} cannot be read: {error}") from None
        listed = read_list(text, token)
    worker = max(0, getattr(environment.runner, "worker_index", 0))
    share = getattr(options, "registers_per_worker", 0) or None
    return Allotment(worker, getattr(options, "register_prefix", "locust"), token, listed, share)


# --------------------------------------------------------------------------------------------------------- the end


def _prepare(environment: Any, runner: Any, **_: Any) -> None:
    if isinstance(runner, MasterRunner):
        _ended[environment] = set()
        runner.register_message(ENDED, _note_ended)
    elif isinstance(runner, WorkerRunner):
        runner.register_message(END, _end_registers, concurrent=True)


def _end_registers(environment: Any, **_: Any) -> None:
    """Worker: let every register end, and say so."""
    environment.runner.stop()
    environment.runner.send_message(ENDED)


def _note_ended(environment: Any, msg: Any, **_: Any) -> None:
    _ended[environment].add(msg.node_id)


def _await_workers(environment: Any, **_: Any) -> None:
    """Master: what workers find at the end of their registers has to come before their last figures are awaited."""
    runner = environment.runner
    if not isinstance(runner, MasterRunner) or runner.state not in (STATE_RUNNING, STATE_SPAWNING):
        return
    ended = _ended[environment]
    ended.clear()
    asked = set(runner.clients)
    runner.send_message(END)
    draining = max((getattr(each, "drain_limit_s", 0.0) for each in environment.user_classes), default=0.0)
    heard = dict.fromkeys(asked, monotonic())
    until = monotonic() + draining + CHECK_LIMIT_S + MARGIN_S
    while (now := monotonic()) < until:
        heard.update((name, now) for name, worker in runner.clients.items() if worker.state != STATE_MISSING)
        if not any(name in runner.clients and now - heard[name] < SILENCE_S for name in asked - ended):
            return
        gevent.sleep(STEP_S)


def _stop_first(environment: Any, **_: Any) -> None:
    """Locust is told to quit, and looks at what failed before it stops its users; so they are stopped now."""
    if not isinstance(environment.runner, WorkerRunner):
        environment.runner.stop()


def attend() -> None:
    """Have a say in every run of this process."""
    for event, listener in (
        (events.init_command_line_parser, _options),
        (events.init, _prepare),
        (events.test_stopping, _await_workers),
        (events.quitting, _stop_first),
    ):
        event.add_listener(listener)  # type: ignore[no-untyped-call]


__all__ = ["allotment_of", "attend", "backlog_of"]
