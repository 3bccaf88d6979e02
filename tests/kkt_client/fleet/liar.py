"""Users of Locust at an operator that says what it is told to say: a process of a test, because Locust changes the
standard library of the process that imports it.

``python -m tests.kkt_client.fleet.liar WHAT...`` lets one register sell three receipts to each such operator and end, and
prints for each what Locust counted: ``{WHAT: {"requests": {name: count}, "failures": {name: text}}}``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust import constant, task
from locust.env import Environment
from locust.exception import StopUser

from fiscal.retry import Backoff
from kkt_client.fleet.locust import RegisterUser
from tests.kkt_client.fleet.green_operator import SALES, Operator


class Shopper(RegisterUser):
    """Sells three receipts."""

    abstract = False
    wait_time = constant(0)
    backoff = Backoff(base_ms=1, cap_ms=10)
    answer_limit_s = 1.0
    sale_budget_s = 2.0
    drain_limit_s = 0.5

    @task
    def shop(self) -> None:
        for _ in range(SALES):
            self.sell()
        raise StopUser


def counted(lie: str) -> dict[str, Any]:
    """What Locust counts when the operator is such a one."""
    operator = Operator(lie)
    environment = Environment(user_classes=[Shopper], host=f"native://127.0.0.1:{operator.server.server_port}")
    runner = environment.create_local_runner()
    with gevent.Timeout(30):
        runner.start(1, spawn_rate=1)
        assert runner.spawning_greenlet is not None
        runner.spawning_greenlet.join()
        runner.user_greenlets.join()
    stats = environment.stats
    return {
        "requests": {name: entry.num_requests for (name, _), entry in stats.entries.items()},
        "failures": {error.name: str(error.to_dict()["error"]) for error in stats.errors.values()},
    }


if __name__ == "__main__":
    print(json.dumps({lie: counted(lie) for lie in sys.argv[1:]}))  # noqa: T201
