"""Every limit of a session, with its reason. Times are seconds of the monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ANSWER_LIMIT_S: Final = 5.0
"""S3-13: an answer that takes longer makes the receipt autonomous; exactly 5.0 s is in time."""
GREETING_LIMIT_S: Final = 10.0
"""From the connection to a whole hello: twice the answer limit, after which no honest register still waits."""
FRAME_LIMIT_S: Final = 10.0
"""From the first byte of a frame to its last: 256 KiB at 26 KB/s, slower than any mobile link that works at all."""
IDLE_LIMIT_S: Final = 900.0
"""Without a whole request: longer than the ten minutes for which an operator may silence a register."""
FINISH_LIMIT_S: Final = 10.0
"""From the end of the register's half to our last answer: the longest that a decided request may still take."""
IN_FLIGHT_MAX: Final = 1
"""Requests that a register sends before it has an answer: the order of its documents needs no thought then (S3-24)."""
UNANSWERED_MAX: Final = 64
"""Requests that an operator holds unanswered for one session; a register that pipelines more does not read answers."""
UNANSWERED_SIZE_MAX: Final = 1024 * 1024
"""Bytes of their bodies: four of the largest frames, or 64 of 16 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """The limits of both roles; each role looks at its own."""

    answer_limit_s: float = ANSWER_LIMIT_S
    in_flight_max: int = IN_FLIGHT_MAX
    greeting_limit_s: float = GREETING_LIMIT_S
    frame_limit_s: float = FRAME_LIMIT_S
    idle_limit_s: float = IDLE_LIMIT_S
    finish_limit_s: float = FINISH_LIMIT_S
    unanswered_max: int = UNANSWERED_MAX
    unanswered_size_max: int = UNANSWERED_SIZE_MAX


DEFAULT_LIMITS: Final = SessionLimits()
"""As documented; one object for all sessions."""
