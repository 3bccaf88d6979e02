"""Where log lines go: standard error, one line each, for people or as JSON for programs.

The rule: a library logs through structlog or through the standard library; both come out here in the same form. No
secret is ever given to a log line, so none has to be taken out.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from ofd_server.config import LogFormat, LogLevel


def set_up_logs(form: LogFormat, level: LogLevel) -> None:
    """Send every line of this process to standard error; call once, before anything logs."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    stamps: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form is LogFormat.JSON:
        # Without the values of variables: a token may be among them.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last: list[Any] = [
            structlog.processors.ExceptionRenderer(frames),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        # Tracebacks as Python writes them: the other way would import a library of terminal tables at start.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*stamps, *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge()]
    root.setLevel(max(threshold, logging.WARNING))
    # A pool that cannot connect says so with every try and a traceback; that a database is away is a line of ours.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)


class _Bridge(logging.Handler):
    """Hands lines of the standard library's loggers (aiohttp, asyncio) to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)
