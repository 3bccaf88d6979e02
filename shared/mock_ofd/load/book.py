"""What the registers of a run were told, in a file that the whole run can read while it is written.

The rule: what an operator said is in the file before the register believes it, so that a generator that was killed has
told everything it knew. For each document there are 8 bytes, its **mark**: 0 for nothing, 1 for an acceptance without a
sign, else the sign. For each register three numbers: documents sent, answers that were late, and second signs.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Final, Self

UNTOLD: Final = 0
WITHOUT_SIGN: Final = 1
_DIGITS_MOST: Final = 17
"""Digits of a sign that fit into a mark with a 1 before them, which keeps zeros in front apart from none."""
_HASHED: Final = 1 << 63
_PER_REGISTER: Final = 3
_WORD: Final = 8


def mark_of(sign: str | None) -> int:
    """The mark of a document that was accepted with this sign."""
    if sign is None:
        return WITHOUT_SIGN
    if len(sign) <= _DIGITS_MOST and sign.isascii() and sign.isdigit():
        return int("1" + sign)
    return _HASHED | int.from_bytes(blake2b(sign.encode(), digest_size=_WORD).digest(), "big")


class Book:
    """The marks and figures of the registers of one generator, which have so many documents each."""

    def __init__(self, path: Path, documents: Sequence[int], *, create: bool = False) -> None:
        self.registers = len(documents)
        self.first = array("Q", [0, *accumulate(documents)])
        """Where the documents of a register begin; one more says where those of the last end."""
        words = self.first[-1] + _PER_REGISTER * self.registers
        with path.open("w+b" if create else "rb") as file:
            if create:
                file.truncate(max(words, 1) * _WORD)
            access = mmap.ACCESS_WRITE if create else mmap.ACCESS_READ
            self._map = mmap.mmap(file.fileno(), 0, access=access)
        self._words = memoryview(self._map).cast("Q")
        self.marks = self._words[: self.first[-1]]
        self.sent = self._figures(0)
        self.late = self._figures(1)
        self.second = self._figures(2)

    def _figures(self, row: int) -> memoryview:
        begin = self.first[-1] + row * self.registers
        return self._words[begin : begin + self.registers]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; what was written stays."""
        for view in (self.marks, self.sent, self.late, self.second, self._words):
            view.release()
        self._map.close()


__all__ = ["UNTOLD", "WITHOUT_SIGN", "Book", "mark_of"]
