"""Errors of ours that cost one register its answer and nobody else anything: written to the log, and told.

The rule: whatever is wrong with one request, the others are served; so a defect is caught where it happens, and would be
a line in a log that a test does not read. Whoever wants to hear of it (a test harness) watches.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog


@dataclass(frozen=True, slots=True)
class Defect:
    """What failed, with which error, and about what."""

    what: str
    error: BaseException | None
    facts: Mapping[str, Any]

    def __str__(self) -> str:
        about = "".join(f" {name}={value}" for name, value in self.facts.items())
        return f"{self.what}:{about} {type(self.error).__name__}: {self.error}" if self.error else self.what + about

    @property
    def trace(self) -> str:
        """Where the error came from, as Python tells it."""
        return "" if self.error is None else "".join(traceback.format_exception(self.error))


Watcher = Callable[[Defect], None]

_watchers: list[Watcher] = []
"""Of the whole process: a defect is one, whichever operator it happens in."""


def report(
    log: structlog.typing.FilteringBoundLogger, what: str, error: BaseException | None = None, **facts: Any
) -> None:
    """A defect: called where its exception is handled, or with the error."""
    caught = error if error is not None else sys.exception()
    log.error(what, **facts, exc_info=caught)
    tell(Defect(what, caught, facts))


def tell(defect: Defect) -> None:
    """Let everybody hear of it who watches."""
    for watcher in tuple(_watchers):
        watcher(defect)


def watch(watcher: Watcher) -> Callable[[], None]:
    """Tell ``watcher`` of every defect from now on, from whatever thread; call what comes back to stop."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)
