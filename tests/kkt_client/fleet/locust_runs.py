"""Runs of Locust with users that need no operator: a process of a test, because Locust changes the standard library of
the process that imports it.

``python -m tests.kkt_client.fleet.locust_runs runs`` plays every scene and prints what its master (or its only process)
had counted when it was over: ``{scene: {name: count}}``. With ``registers`` it reads cases of options and prints which
registers a process has by them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust import User, task
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner

from fiscal.errors import ConfigurationError
from kkt_client.fleet import locust_run
from tests.ports import free_port

WORKERS = 2
LINGERS_S = 1.5
"""How long a user takes to end: longer than a master of Locust waits for the last figures of its workers."""
FOREVER_S = 1_000.0


class Lingering(User):
    """Has something to tell at its end, and needs a while for it."""

    drain_limit_s = FOREVER_S

    @task
    def nothing(self) -> None:
        gevent.sleep(FOREVER_S)

    def on_stop(self) -> None:
        gevent.sleep(LINGERS_S)
        self.tell()

    def tell(self, failure: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type="end",
            name="end",
            response_time=0.0,
            response_length=0,
            exception=failure,
            context={},
        )


def on_the_second_worker(then: Callable[[Any], None]) -> type[Lingering]:
    """Users that end as the others, but on one worker so."""

    class Other(Lingering):
        def on_stop(self) -> None:
            if getattr(self.environment.runner, "worker_index", 0) == 1:
                then(self)
                gevent.sleep(FOREVER_S)
            super().on_stop()

    return Other


def ruled(**names: Any) -> None:
    """Other limits than those of a real run, and hooks of one process of several."""
    vars(locust_run).update(names)


def environment(*users: type[User]) -> Environment:
    """One of a process of its own, to which :func:`kkt_client.fleet.locust_run.attend` was called there."""
    events = Events()
    ruled(events=events)
    locust_run.attend()
    return Environment(user_classes=list(users), events=events)


def house(*users: type[User]) -> tuple[MasterRunner, list[WorkerRunner]]:
    """A master with its workers, over sockets, as the processes of a run are."""
    port = free_port()
    master = environment(*users)
    runner = master.create_master_runner("127.0.0.1", port)
    master.events.init.fire(environment=master, runner=runner, web_ui=None)
    workers = []
    for _ in range(WORKERS):
        worker = environment(*users)
        workers.append(worker.create_worker_runner("127.0.0.1", port))
        worker.events.init.fire(environment=worker, runner=workers[-1], web_ui=None)
    while len(runner.clients.ready) < WORKERS:
        gevent.sleep(0.05)
    return runner, workers


def counted(runner: Any) -> dict[str, int]:
    return {name: entry.num_requests for (name, _), entry in runner.stats.entries.items()}


def run_of(*users: type[User]) -> dict[str, int]:
    """What a run counts that ends while all users are there."""
    master, _ = house(*users)
    master.start(WORKERS * len(users), spawn_rate=100)
    master.quit()
    return counted(master)


# -------------------------------------------------------------------------------------------------------- the scenes


def everybody_ends() -> dict[str, int]:
    return run_of(Lingering)


def again() -> dict[str, int]:
    master, _ = house(Lingering)
    master.start(WORKERS, spawn_rate=100)
    master.stop()
    master.start(WORKERS, spawn_rate=100)
    master.quit()
    return counted(master)


def one_worker_quits() -> dict[str, int]:
    def leave(user: Any) -> None:
        user.environment.events.quitting.fire(environment=user.environment, reverse=True)

    return run_of(on_the_second_worker(leave))


def one_worker_is_gone() -> dict[str, int]:
    def die(user: Any) -> None:
        user.environment.runner.greenlet.kill(block=False)

    return run_of(on_the_second_worker(die))


def one_worker_never_ends() -> dict[str, int]:
    class Endless(on_the_second_worker(lambda _: None)):  # type: ignore[misc]
        drain_limit_s = 2 * LINGERS_S

    return run_of(Endless)


def only_one_class_takes_its_time() -> dict[str, int]:
    class Quick(User):
        @task
        def nothing(self) -> None:
            gevent.sleep(FOREVER_S)

    class Slow(Lingering):
        drain_limit_s = 2 * LINGERS_S

    return run_of(Slow, Quick)


def nothing_runs() -> dict[str, int]:
    """Nobody is asked to end what has not begun: how many workers have said that they ended."""
    master, _ = house(Lingering)
    master.environment.events.test_stopping.fire(environment=master.environment)
    gevent.sleep(LINGERS_S)
    return {"ended": len(locust_run._ended[master.environment])}


def one_process() -> dict[str, int]:
    """What had failed when Locust looked, which is right after it told everybody that it quits."""

    class Failing(Lingering):
        def on_stop(self) -> None:
            self.tell(ValueError("lost"))

    alone = environment(Failing)
    runner = alone.create_local_runner()
    runner.start(1, spawn_rate=100)
    while runner.user_count < 1:
        gevent.sleep(0.05)
    alone.events.quitting.fire(environment=alone, reverse=True)
    return {error.name: error.occurrences for error in runner.errors.values()}


PATIENT = (
    *(everybody_ends, again, one_worker_quits, one_worker_never_ends, only_one_class_takes_its_time),
    *(nothing_runs, one_process),
)


def play_all() -> dict[str, dict[str, int]]:
    """All scenes at once: they wait most of the time."""
    ruled(CHECK_LIMIT_S=0.1, MARGIN_S=0.1, SILENCE_S=FOREVER_S)
    playing = {scene.__name__: gevent.spawn(scene) for scene in PATIENT}
    gevent.joinall(list(playing.values()), raise_error=True)
    ruled(SILENCE_S=0.5)
    return {name: scene.value for name, scene in playing.items()} | {"one_worker_is_gone": one_worker_is_gone()}


# ------------------------------------------------------------------------------------------------------- the options


def registers(case: dict[str, Any]) -> list[Any]:
    """By ``args`` and ``environ``, for the process that is the ``worker``-th: two of its registers, and the backlog."""
    os.environ.update(case["environ"])
    process = Environment(parsed_options=get_parser().parse_args(case["args"]))
    for name in case["environ"]:
        del os.environ[name]
    if case["worker"] is not None:
        process.runner = SimpleNamespace(worker_index=case["worker"])  # type: ignore[assignment]
    try:
        return [
            *(locust_run.allotment_of(process).take() for _ in range(2)),
            locust_run.backlog_of(process, 7),
        ]
    except ConfigurationError as error:
        return [str(error)]


if __name__ == "__main__":
    if sys.argv[1] == "runs":
        found: Any = play_all()
    else:
        locust_run.attend()
        found = [registers(case) for case in json.load(sys.stdin)]
    print(json.dumps(found), flush=True)  # noqa: T201
    os._exit(0)  # what never ends would be waited for
