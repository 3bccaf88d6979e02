"""A register of ours, an operator under a fault plan, and three sales: what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fiscal.errors import FiscalError
from fiscal.faults.plan import FaultPlan
from fiscal.faults.run import Applied, FaultRun
from fiscal.retry import Backoff
from kkt_client import CashRegister, Line, RegisterBlocked, RegisterSettings
from kkt_client.core.receipts import FiscalPaper
from ofd_server.app import OfdServer
from ofd_server.config import FREE, OFF
from ofd_server.ports import DocumentFilter

LIMIT_S: Final = 1.0
"""The answer limit of both sides: a fifth of the real one, so that a page of examples does not take minutes."""
REST_S: Final = 20.0
"""How long everything may take to come to rest."""
REGISTER: Final = "1001"
BREAD: Final = [Line(name="Хлеб", price=250_00)]
PROTOCOLS: Final = ("native", "http", "kz")


@dataclass
class Story:
    """What each sale gave, how it ended when nothing waited any more, what the ledger holds, and which faults struck."""

    sold: list[str]
    ended: list[str]
    stop: str
    ledger: list[int]
    applied: list[Applied]

    @property
    def text(self) -> str:
        """As the how-to has it."""
        sales = [
            sold if sold == ended else f"{sold}, then {ended}"
            for sold, ended in zip(self.sold, self.ended, strict=True)
        ]
        told = [applied.why for applied in self.applied]
        return "\n".join((*sales, *([self.stop] if self.stop else []), *told))


async def story(plan: FaultPlan, folder: Path, protocol: str = "native", sales: int = 3) -> Story:
    """Sell under the plan, wait until nothing waits any more, and tell."""
    run = FaultRun(plan)
    applied: list[Applied] = []
    run.watch(applied.append)
    settings = RegisterSettings(
        answer_limit_s=LIMIT_S,
        sale_budget_s=LIMIT_S,
        retry_in_sale_s=0.2,
        kz_reconnect_s=0.05,
        backoff=Backoff(base_ms=20, cap_ms=100),
    )
    operator = OfdServer(
        faults=run,
        answer_timeout=LIMIT_S,
        silence_max=2.0,
        http=FREE if protocol == "http" else OFF,
        native=FREE if protocol == "native" else OFF,
        kz=FREE if protocol == "kz" else OFF,
    )
    async with operator:
        address = f"{protocol}://{getattr(operator, f'{protocol}_address')}?id={REGISTER}&token=123456789"
        sold: list[str] = []
        stop = ""
        async with CashRegister.open(folder, address, settings=settings) as till:
            for _ in range(sales):
                try:
                    sold.append(_told(await till.sell(BREAD)))
                except FiscalError as error:
                    sold.append(type(error).__name__)
            try:
                await till.sync(1.0 if RegisterBlocked.__name__ in sold else REST_S)  # a block may be lifted, or not
            except FiscalError as error:
                stop = f"{type(error).__name__}: {error}"
            ended = [_told(paper) async for paper in till.documents()]
            ended += sold[len(ended) :]
        documents = await operator.journal.documents(DocumentFilter(register_id=REGISTER, after_seq=0))
        return Story(sold, ended, stop, [stored.entry.number for stored in documents], applied)  # type: ignore[union-attr]


def _told(paper: FiscalPaper) -> str:
    return f"{paper.number} {paper.marks}"
