"""What a till writes down for itself, so that a crash of its process costs nobody a receipt.

The rule: before something is asked of the register, the till notes what it is about to ask; when it has the answer, it
notes what it handed over. After a crash it asks again for the same things under the same keys. What is noted is what
the person behind the counter knows; what is true stands in the fiscal memory.

The notes are lines of JSON in a file that only grows; a line that a crash has torn was never written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from fiscal.domain.receipt import ParentReceipt
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from mock_ofd.demo.books import Slip

FILE: Final = "till.jsonl"


class Notebook:
    """The notes of the till whose register keeps its memory in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        data = self._path.read_bytes() if self._path.exists() else b""
        self._size = data.rfind(b"\n") + 1
        """Bytes that are whole lines."""
        self._notes: list[dict[str, Any]] = [json.loads(line) for line in data[: self._size].splitlines()]

    def begins(self, key: str, parent: ParentReceipt | None) -> None:
        """The till is about to ask for this; a return keeps how it names the receipt that it takes back."""
        self._note({"begins": key, "parent": None if parent is None else asdict(parent)})

    def handed_out(self, key: str, paper: FiscalPaper) -> None:
        """The customer, or the cashier, has this paper."""
        sign, own = _signs(paper)
        self._note({"handed_out": key, "number": paper.number, "sign": sign, "autonomous_sign": own})

    def has_begun(self, key: str) -> bool:
        """Whether this was asked for before, answered or not."""
        return any(note.get("begins") == key for note in self._notes)

    def parent_of(self, key: str) -> ParentReceipt | None:
        """How the return under this key named its receipt when it was asked for first."""
        for note in self._notes:
            if note.get("begins") == key and note["parent"] is not None:
                return ParentReceipt(**note["parent"])
        return None

    def slip(self, key: str) -> Slip | None:
        """What was handed out under this key."""
        return next((slip for slip in self.slips() if slip.key == key), None)

    def slips(self) -> Iterator[Slip]:
        """Everything that was handed out, in its order."""
        for note in self._notes:
            if "handed_out" in note:
                yield Slip(note["handed_out"], note["number"], note["sign"], note["autonomous_sign"])

    def _note(self, note: dict[str, Any]) -> None:
        self._notes.append(note)
        line = json.dumps(note).encode() + b"\n"
        with self._path.open("ab") as file:
            file.truncate(self._size)
            file.write(line)
        self._size += len(line)


def agrees(slip: Slip, paper: FiscalPaper) -> bool:
    """Whether a paper is the one that was handed out: the same number, and no sign that was printed has changed."""
    sign, own = _signs(paper)
    return slip.number == paper.number and slip.sign in (None, sign) and slip.autonomous_sign in (None, own)


def _signs(paper: FiscalPaper) -> tuple[str | None, int | None]:
    return (paper.sign, paper.autonomous_sign) if isinstance(paper, FiscalReceipt) else (None, None)
