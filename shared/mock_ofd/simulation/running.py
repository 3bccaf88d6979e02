"""Worlds by their seeds: one here, or many beside each other in processes of their own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import structlog

from mock_ofd.simulation.defects import Defect, planted
from mock_ofd.simulation.world import Outcome, World


def run_world(
    seed: int, defect: Defect | None = None, protocol: str = "native", misfortune: str | None = None
) -> tuple[Outcome, list[str]]:
    """Live through the world of this seed; what came of it, and its story."""
    with planted(defect), _quiet():
        world = World(seed, protocol=protocol, misfortune=misfortune)
        outcome = world.run()
    return outcome, world.story


def run_seed(
    seed: int, defect: Defect | None = None, protocol: str = "native", misfortune: str | None = None
) -> Outcome:
    """What came of the world of this seed."""
    return run_world(seed, defect, protocol, misfortune)[0]


def run_many(
    seeds: Iterable[int],
    defect: Defect | None = None,
    processes: int | None = None,
    protocol: str = "native",
    misfortune: str | None = None,
) -> Iterator[Outcome]:
    """What came of these worlds, in the order of the seeds."""
    workers = processes or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(
            partial(run_seed, defect=defect, protocol=protocol, misfortune=misfortune), seeds, chunksize=4
        )


class _quiet:  # noqa: N801 - used like a function
    """A world has its own story; what the product logs on the way would drown it."""

    def __enter__(self) -> None:
        self._kept = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    def __exit__(self, *error: object) -> None:
        structlog.configure(**self._kept)
