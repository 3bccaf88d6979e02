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


class WatchedLog:
    """A log whose exceptions are defects; everything else goes to structlog as ever."""

    def __init__(self, name: str) -> None:
        self._log = structlog.get_logger(name)

    def __getattr__(self, word: str) -> Any:
        return getattr(self._log, word)

    def exception(self, what: str, /, **facts: Any) -> None:
        """Called where an exception is handled that only a defect of ours can have raised."""
        self._failed(Defect(what, sys.exception(), facts))

    def error(self, what: str, /, *, exc_info: BaseException | None = None, **facts: Any) -> None:
        """The same for an exception that somebody else has caught; without one it is no defect."""
        if exc_info is None:
            self._log.error(what, **facts)
        else:
            self._failed(Defect(what, exc_info, facts))

    def _failed(self, defect: Defect) -> None:
        tell(defect)
        if structlog.is_configured():
            self._log.error(defect.what, exc_info=defect.error, **defect.facts)
        else:  # its own way to show an error takes seconds, with every variable in it
            self._log.error(defect.what, exception=defect.trace.rstrip(), **defect.facts)


def tell(defect: Defect) -> None:
    """Let everybody hear of it who watches."""
    for watcher in tuple(_watchers):
        watcher(defect)


def watch(watcher: Watcher) -> Callable[[], None]:
    """Tell ``watcher`` of every defect from now on, from whatever thread; call what comes back to stop."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)
