"""Which register a user of a load generator is, when there are users in many processes on many machines.

The rule: no two users are the same register at the same time. Without a list, a register is named by its process and its
place in it: ``prefix-worker-place``. With a list, each process has a range of its lines of its own. A place that was
given back is given out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

from fiscal.domain.limits import REGISTER_ID_MAX, TOKEN_MAX
from fiscal.errors import ConfigurationError

COMMENT: Final = "#"


class Named(NamedTuple):
    """A register as the operator knows it."""

    register: str
    token: str


def read_list(text: str, token: str) -> list[Named]:
    """The registers of a list: an id a line, with its token behind it unless it has the common one.

    Empty lines and what stands behind ``#`` are left out. :class:`ConfigurationError` names the line that is wrong.
    """
    found: dict[str, Named] = {}
    for place, line in enumerate(text.splitlines(), 1):
        words = line.partition(COMMENT)[0].split()
        if not words:
            continue
        if len(words) > 2:  # noqa: PLR2004 - an id and a token
            raise ConfigurationError(f"registers: line {place} has more than an id and a token")
        named = Named(words[0], words[1] if len(words) > 1 else token)
        if len(named.register) > REGISTER_ID_MAX or len(named.token) > TOKEN_MAX:
            rule = f"an id has at most {REGISTER_ID_MAX} characters, a token {TOKEN_MAX}"
            raise ConfigurationError(f"registers: line {place} is too long: {rule}")
        if named.register in found:
            raise ConfigurationError(f"registers: line {place} names {named.register!r} once more")
        found[named.register] = named
    if not found:
        raise ConfigurationError("registers: the list names none")
    return list(found.values())


class Allotment:
    """The registers of one process, the ``worker``-th of a run, from 0. Call :meth:`take`, and :meth:`give_back` at the end.

    With a list, ``share`` is how many of its lines belong to each process; without it the only process has them all.
    """

    def __init__(
        self, worker: int, prefix: str, token: str, listed: Sequence[Named] | None = None, share: int | None = None
    ) -> None:
        if listed is None and len(f"{prefix}-{worker}-") >= REGISTER_ID_MAX:
            raise ConfigurationError(f"register prefix: ids have at most {REGISTER_ID_MAX} characters")
        self._worker = worker
        self._prefix = prefix
        self._token = token
        self._own = None if listed is None else _range(listed, worker, share)
        self._free: list[int] = []
        self._next = 0
        self._taken: dict[str, int] = {}

    def take(self) -> Named:
        """A register that nobody else is. :class:`ConfigurationError` when the list has no more for this process."""
        place = heappop(self._free) if self._free else self._next
        if self._own is None:
            named = Named(f"{self._prefix}-{self._worker}-{place}", self._token)
        elif place < len(self._own):
            named = self._own[place]
        else:
            raise ConfigurationError(
                f"registers: worker {self._worker} has {len(self._own)} of the list, and one more user wants one"
            )
        self._next = max(self._next, place + 1)
        self._taken[named.register] = place
        return named

    def give_back(self, named: Named) -> None:
        """Its user has ended."""
        heappush(self._free, self._taken.pop(named.register))


def _range(listed: Sequence[Named], worker: int, share: int | None) -> Sequence[Named]:
    if share is None:
        if worker:
            raise ConfigurationError("registers: with more than one worker, say how many of the list each has")
        return listed
    own = listed[worker * share : (worker + 1) * share]
    if not own:
        rule = f"worker {worker} would have lines {worker * share + 1} and on of {len(listed)}"
        raise ConfigurationError(f"registers: the list is too short: {rule}")
    return own


__all__ = ["Allotment", "Named", "read_list"]
