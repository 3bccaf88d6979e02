"""``python -m tests.mock_ofd.conformance.matrix``: every planted defect in every scenario, against the tables of defects.py.

The rule: a cell is right when the scenario ends as its table has it. One that does not is played twice more, with little
else going on; it differs unless both agree with the table, and those that did are told. Ends with code 1 when anything
differs. With ``--results FILE`` every play is written down as it ends, and a run that was broken off goes on there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mock_ofd.cli.logs import set_up_logs
from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Verdict, play
from mock_ofd.conformance.tongue import TONGUES
from ofd_server.config import LogFormat, LogLevel
from tests.mock_ofd.conformance.defects import TABLES, expected
from tests.mock_ofd.conformance.players import AGAIN, AGAIN_JOBS, CLIENTS, JOBS, options


class Cell(NamedTuple):
    """A client with a defect, in a scenario."""

    protocol: str
    defect: str
    scenario: str

    @property
    def right(self) -> Verdict:
        return expected(*self)


class Seen(NamedTuple):
    """How a cell ended, and why it did not pass."""

    verdict: Verdict
    text: str


class Matrix:
    """The cells and what was seen of them."""

    def __init__(self, cells: Sequence[Cell], results: Path | None) -> None:
        self.cells = cells
        self.seen: dict[Cell, Seen] = {}
        self.again: list[Cell] = []
        self._results = results
        self._tongues = {name: TONGUES[name]() for name in {cell.protocol for cell in cells}}
        if results is not None and results.exists():
            for line in results.read_text("utf-8").splitlines():
                cell, verdict, text = json.loads(line)
                self.seen[Cell(*cell)] = Seen(Verdict(verdict), text)

    def differs(self, cell: Cell) -> bool:
        return self.seen[cell].verdict is not cell.right

    async def play(self, jobs: int) -> None:
        """What was not seen yet; then what differs, again."""
        await self._all([cell for cell in self.cells if cell not in self.seen], jobs, self.tell)
        self.again = agree = [cell for cell in self.cells if self.differs(cell)]
        first = {cell: self.seen[cell] for cell in self.again}
        for _ in range(AGAIN):
            await self._all(agree, AGAIN_JOBS, lambda _protocol, _defect: None)
            agree = [cell for cell in agree if not self.differs(cell)]
        for cell in self.again:
            then = "differs again" if self.differs(cell) else "as the table has it then"
            say(f"played again: {' '.join(cell)}: {first[cell].verdict} {first[cell].text}; {then}")

    async def _all(self, cells: Sequence[Cell], jobs: int, tell: Callable[[str, str], None]) -> None:
        places = asyncio.Semaphore(jobs)
        left = Counter(cell[:2] for cell in cells)

        async def one(cell: Cell) -> None:
            async with places:
                command = (*CLIENTS[cell.protocol], cell.defect)
                outcome = await play(SCENARIOS[cell.scenario], self._tongues[cell.protocol], options(command))
            self.seen[cell] = Seen(outcome.verdict, outcome.text)
            if self._results is not None:
                with self._results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([cell, outcome.verdict, outcome.text], ensure_ascii=False) + "\n")
            left[cell[:2]] -= 1
            if not left[cell[:2]]:
                tell(cell.protocol, cell.defect)

        await asyncio.gather(*map(one, cells))

    def tell(self, protocol: str, defect: str) -> None:
        """The line of a defect: what it fails, and what of that differs from its table."""
        cells = [cell for cell in self.cells if cell[:2] == (protocol, defect)]
        failed = [cell.scenario for cell in cells if self.seen[cell].verdict is Verdict.FAILED]
        wrong = [cell for cell in cells if self.differs(cell)]
        told = "as the table has it" if not wrong else "DIFFERS: " + ", ".join(map(self._difference, wrong))
        say(f"{protocol:<6} {defect:<20} fails {len(failed):>2} of {len(cells)}, {told}")

    def _difference(self, cell: Cell) -> str:
        return f"{cell.scenario} {self.seen[cell].verdict}, not {cell.right}"

    def summary(self, seconds: float) -> int:
        """The last lines; how many cells differ."""
        for protocol in TABLES:
            cells = [cell for cell in self.cells if cell.protocol == protocol]
            if not cells:
                continue
            counts = Counter(self.seen[cell].verdict for cell in cells)
            told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
            defects = len({cell.defect for cell in cells})
            say(f"{protocol}: {defects} defects x {len(SCENARIOS)} scenarios = {len(cells)} plays: {told}")
        differ = sum(map(self.differs, self.cells))
        say(f"{differ} differ from the tables; {len(self.again)} were played again; {seconds:.0f} s")
        return differ


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mock_ofd.conformance.matrix", description=__doc__)
    parser.add_argument("defects", nargs="*", metavar="DEFECT", help="these only")
    parser.add_argument("--protocol", choices=TABLES, help="this one only")
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"plays at a time; default {JOBS}")
    parser.add_argument("--results", type=Path, help="write every play down here, and go on from what is there")
    given = parser.parse_args(arguments)
    protocols = [given.protocol] if given.protocol else list(TABLES)
    known = {defect for protocol in protocols for defect in TABLES[protocol]}
    strange = set(given.defects) - known
    if strange:
        parser.error(f"there is no defect {', '.join(sorted(strange))}")
    cells = [
        Cell(protocol, defect, scenario)
        for protocol in protocols
        for defect in TABLES[protocol]
        if not given.defects or defect in given.defects
        for scenario in SCENARIOS
    ]
    set_up_logs(LogFormat.CONSOLE, LogLevel.ERROR)
    begun = time.monotonic()
    matrix = Matrix(cells, given.results)
    asyncio.run(matrix.play(given.jobs))
    return 1 if matrix.summary(time.monotonic() - begun) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
