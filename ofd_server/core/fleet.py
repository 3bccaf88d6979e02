"""One lamp for each register: what the operator can say of it at a glance.

The rule: the operator's own knowledge goes before the register's word, and the later before the earlier. A lamp never
says more than somebody knows: a register that is not heard of is silent, whatever it may be doing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.time import MINUTE, Instant
from ofd_server.core.entries import Standing

HEARD_MS: Final = MINUTE
"""A register that holds no connection counts as heard of for so long after it last said something: a till sells more
often while its shop is open."""

_BLOCKED: Final = frozenset((RegisterMode.BLOCKED, RegisterMode.BLOCKED_AUTONOMOUS))
_AUTONOMOUS: Final = frozenset((RegisterMode.AUTONOMOUS, RegisterMode.BLOCKED_AUTONOMOUS))


class Lamp(StrEnum):
    """What a lamp shows."""

    ONLINE = "online"
    """It is heard of, and nothing speaks against its working online."""
    AUTONOMOUS = "autonomous"
    """It works without the operator: it said so last, or it is unpaid and gets no answer."""
    SENDING = "sending"
    """It is connected and sends what it issued without the operator."""
    BLOCKED = "blocked"
    """It sells nothing: the operator has blocked it, or it says so itself."""
    SILENT = "silent"
    """Nothing is heard of it, and nobody knows more."""
    REMOVED = "removed"
    """A person has removed it; it has no lamp any more."""


class Heard(NamedTuple):
    """What was heard of a register: its last ``report`` and when, its last document's arrival and whether that was
    issued autonomously, whether a session is open, and when anything was last heard. 0 is never.
    """

    connected: bool = False
    at: Instant = 0
    report: ReportStatus | None = None
    reported_at: Instant = 0
    document_at: Instant = 0
    document_autonomous: bool = False


def lamp_of(standing: Standing, heard: Heard, now: Instant) -> Lamp:
    """The lamp of a register with this standing, of which this was heard."""
    report = heard.report
    if standing is Standing.REMOVED:
        return Lamp.REMOVED
    if standing is Standing.BLOCKED or (report is not None and report.mode in _BLOCKED):
        return Lamp.BLOCKED
    if not is_heard(heard, now):
        said_so = report is not None and report.mode in _AUTONOMOUS
        return Lamp.AUTONOMOUS if said_so or standing is Standing.UNPAID else Lamp.SILENT
    if standing is Standing.UNPAID:
        return Lamp.AUTONOMOUS
    if report is not None and report.mode in _AUTONOMOUS:
        has_sold_online = heard.document_at > heard.reported_at and not heard.document_autonomous
        return Lamp.ONLINE if has_sold_online else Lamp.SENDING
    is_newer = report is None or heard.document_at > heard.reported_at
    return Lamp.SENDING if heard.document_autonomous and is_newer else Lamp.ONLINE


def is_heard(heard: Heard, now: Instant) -> bool:
    """Whether the register is there, as far as anybody can tell."""
    return heard.connected or (heard.at > 0 and now - heard.at <= HEARD_MS)
