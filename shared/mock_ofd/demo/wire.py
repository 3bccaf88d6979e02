"""What the demonstration and the processes of its registers say to each other: one line of JSON after the other.

The rule: the parent speaks first, an :class:`Assignment`; then :class:`Begin` when the shop opens and :class:`Stop` at the
end. A process says :class:`Ready`, then :class:`Progress` again and again, :class:`Said` whatever the cashier reads, and
at last :class:`Finished`. When the parent's end of the line is gone, the process ends.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from mock_ofd.demo.clock import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who the process is: its number in the shop, its memory's folder, its operator, its lines of the script.

    ``pace`` is that of a day that has begun, for a process that comes back in the middle of it.
    """

    number: int
    folder: str
    operator: str
    opens_at: int
    lines: tuple[str, ...]
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """The shop opens."""

    pace: Pace


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what has begun, close the register, and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The register is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How the register is doing: the ``mode``, the marks of all its documents, and its queue.

    ``saved`` have one tick, ``delivered`` two, ``clouds`` the crossed cloud as well; ``oldest_ms`` is how long the oldest
    unsent document waits, in shop time; ``waits_ms`` how long the customer at the till does, in real time; ``done`` of
    ``steps`` lines of the script are played.
    """

    mode: str
    saved: int
    delivered: int
    clouds: int
    queue: int
    oldest_ms: int | None
    done: int
    steps: int
    asked_again: int
    waits_ms: int


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the cashier, or a person in charge, was told; ``is_grave`` is what nobody may overlook."""

    text: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The script is played and the operator has everything, or ``error`` says why not."""

    error: str | None = None


Message = Assignment | Begin | Stop | Ready | Progress | Said | Finished

_CLASSES: Final[dict[str, type[Message]]] = {
    kind.__name__: kind for kind in (Assignment, Begin, Stop, Ready, Progress, Said, Finished)
}


def encode(message: Message) -> bytes:
    """The message as a line."""
    return json.dumps({"is": type(message).__name__, **asdict(message)}, ensure_ascii=False).encode() + b"\n"


def decode(line: bytes) -> Message:
    """What :func:`encode` made; a line that is none of ours is a defect of this program, and raises as it likes."""
    values = json.loads(line)
    kind = _CLASSES[values.pop("is")]
    if values.get("pace") is not None:
        values["pace"] = Pace(**values["pace"])
    if kind is Assignment:
        values["lines"] = tuple(values["lines"])
    return kind(**values)
