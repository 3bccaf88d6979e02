"""One register that sells, and what its sales are measured against: a process of a benchmark.

``python -m tests.benchmarks.seller FOLDER OPERATOR ECHO SALES`` prints the milliseconds of each sale and of each turn of
the reference. Both take turns in blocks, so that a slower moment of the machine hits both. With ECHO ``-`` the operator is
out of reach, which the register finds out before anything is measured, and a turn is one commit; otherwise it is three
commits and one echo of a document's frame.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Final

from kkt_client import Basket, CashRegister, Line
from tests.benchmarks.frames import GOODS, PRICE, receipts
from tests.benchmarks.loops import run

BLOCK: Final = 10
WARM_UP: Final = 30
COMMITS: Final = 3
"""Of a sale online: the register keeps the document, the operator keeps it, the register keeps the answer."""
BASKET: Final = Basket(lines=tuple(Line(name=name, price=PRICE) for name in GOODS))
NO_ECHO: Final = "-"


class Reference:
    """One-row commits, and an echo."""

    def __init__(self, folder: Path, frame: bytes | None = None, commits: int = COMMITS) -> None:
        self._commits = commits
        self._db = sqlite3.connect(folder / "reference.sqlite", isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.execute("create table document (no integer primary key, content blob)")
        self._frame = frame or receipts(1)[0]
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self, address: str) -> None:
        """Have an echo."""
        host, _, port = address.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))

    async def turn(self) -> None:
        """The commits and an echo, or one commit."""
        if self._reader is None or self._writer is None:
            self._commit()
            return
        for _ in range(self._commits):
            self._commit()
        self._writer.write(self._frame)
        await self._reader.readexactly(len(self._frame))

    def _commit(self) -> None:
        self._db.execute("insert into document (content) values (?)", (self._frame,))


async def main(folder: Path, operator: str, echo: str, sales: int) -> None:
    reference = Reference(folder)
    if echo != NO_ECHO:
        await reference.connect(echo)
    sold: list[float] = []
    turns: list[float] = []
    alone = 0
    async with CashRegister.open(folder / "register", operator=operator) as register:
        for _ in range(WARM_UP):
            await register.sell(BASKET)
            await reference.turn()
        gc.collect()
        while len(sold) < sales:
            for _ in range(BLOCK):
                begun = time.perf_counter()
                receipt = await register.sell(BASKET)
                sold.append((time.perf_counter() - begun) * 1e3)
                alone += receipt.autonomous_sign is not None
            for _ in range(BLOCK):
                begun = time.perf_counter()
                await reference.turn()
                turns.append((time.perf_counter() - begun) * 1e3)
    print(json.dumps({"sold": sold, "turns": turns, "autonomous": alone}), flush=True)


if __name__ == "__main__":
    run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
