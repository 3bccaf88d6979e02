"""What others have put into a file, and never more of it than a limit: all of it, or line by line.

The rule: at most one byte beyond a limit is asked for, so that a device without an end and a line of a gigabyte are refused
as quickly as anything else. Whoever calls opens and closes the file; nothing is known of it here but that it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fiscal.errors import InvalidValue


class Readable(Protocol):
    """A file of bytes, open to be read."""

    def read(self, size: int, /) -> bytes:
        """So many bytes; fewer only at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """A line with its end, or so many bytes of it; nothing at the end."""
        ...


class TooLarge(InvalidValue):
    """More was given than anybody reads; ``line`` is the first that is too much, 0 for a file that is read as a whole."""

    def __init__(self, rule: str, line: int = 0) -> None:
        super().__init__(f"line {line}" if line else "file", rule, "too_large")
        self.line = line


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a file of lines may have: bytes of a line with its end, lines, and bytes of all of them."""

    line: int
    lines: int
    size: int


def read_within(file: Readable, most: int) -> bytes:
    """Everything in the file; :class:`TooLarge` when that is more than ``most`` bytes."""
    data = file.read(most + 1)
    if len(data) > most:
        raise TooLarge(f"is larger than {most:,} bytes")
    return data


def lines(file: Readable, bounds: Bounds) -> Iterator[tuple[int, bytes]]:
    """The lines with their ends, each with its number; :class:`TooLarge` for the first that is beyond a bound."""
    number = size = 0
    while line := file.readline(bounds.line + 1):
        number += 1
        size += len(line)
        if len(line) > bounds.line:
            raise TooLarge(f"is longer than {bounds.line:,} bytes", number)
        if number > bounds.lines:
            raise TooLarge(f"is one too many: a file may have {bounds.lines:,} lines", number)
        if size > bounds.size:
            raise TooLarge(f"is too much: a file may have {bounds.size:,} bytes", number)
        yield number, line
