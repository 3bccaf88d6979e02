"""Limits of registers that are users of Locust, with their reasons; here, because their own module is for locustfiles only."""

from __future__ import annotations

from typing import Final

DRAIN_LIMIT_S: Final = 60.0
"""How long a register that is to end goes on delivering what waits: a backlog of an hour is through by then."""
CHECK_LIMIT_S: Final = 30.0
"""How long a register that has ended asks for what the operator has of it: an operator that restarts is back by then."""
MARGIN_S: Final = 10.0
"""What the messages between a master and its workers may take, besides what registers may."""
SILENCE_S: Final = 20.0
"""How long a master waits for the end of a worker that it does not hear of: on a busy machine some seconds mean nothing."""
LINES_MAX: Final = 5
"""Lines of a receipt that chance makes: what most buyers of a grocery have."""
LIST_SIZE_MAX: Final = 64 * 1024**2
"""Bytes of a list of registers, which every worker reads whole: a million lines of an id and a token of usual length."""
