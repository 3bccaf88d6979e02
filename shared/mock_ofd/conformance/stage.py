"""Where a scenario plays: a fresh operator, its clock, and the registers that take part.

The rule: every sale of a scenario has a total that no other has, so that a paper is the same for the client, on the wire
and in the ledger, whatever the protocol calls it. What is asked, answered and passed on is told to one story, which is the
proof when something is wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from fiscal.faults.plan import Fault
from fiscal.time import Instant, Moment
from mock_ofd.conformance.client import Client, Said
from mock_ofd.conformance.front import HOST, Front, name_of
from mock_ofd.conformance.ledger import Recorded, recorded_in
from mock_ofd.conformance.tongue import Paper, Tongue
from ofd_server.app import OfdServer
from ofd_server.config import OFF, settings_of
from ofd_server.core.administration import lift, set_standing
from ofd_server.core.entries import Standing
from ofd_server.ports import StoredEntry
from ofd_server.storage.memory import MemoryJournal

FIRST_PRICE: Final = 100_01
"""The first sale is over 100.01, the next over 100.02, and so on."""
OPERATORS_LIMIT_S: Final = 60.0
"""The operator itself is never in a hurry: whatever is late is made so by the front."""
MS: Final = 1_000
STORY_MAX: Final = 2_000
"""Lines of a story: a scenario of 250 sales has more, and then its beginning is enough."""


class Failed(Exception):
    """The client does not conform; the text says what was seen and what should have been."""


class NotRun(Exception):
    """The scenario cannot be played with this client; the text says why."""


def check(holds: object, text: str) -> None:
    """:class:`Failed` unless it holds."""
    if not holds:
        raise Failed(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is tried, and how. ``answer_limit_s`` is what the client takes for too late, and so far from it as ``edge_s`` an
    answer is clearly in time or too late: 4.8 and 5.2 s. ``retry_ms`` is how soon it should
    come back to an operator that was away, if it lets itself be told; ``patience_s`` how long is waited for what a client
    does by itself.
    """

    command: Sequence[str]
    answer_limit_s: float = 5.0
    edge_s: float = 0.2
    retry_ms: int = 500
    patience_s: float = 30.0


class MovableClock:
    """The operator's clocks: the wall one goes with the machine's, ``ahead_ms`` ahead of it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now(self) -> Instant:
        return time.time_ns() // 1_000_000 + self.ahead_ms

    def monotonic(self) -> Moment:
        return time.monotonic()


class Register:
    """One register of a scenario: its front, and the process or the part of one that plays it."""

    def __init__(self, stage: Stage, place: int) -> None:
        self.id = stage.tongue.register(place)
        self.folder = stage.folder / self.id
        self.folder.mkdir()
        self.sold: list[Paper] = []
        """What was issued, as far as the client has said, in its order."""
        self.in_doubt: list[Paper] = []
        """What may have been issued: nobody has heard of it."""
        self.papers: dict[Paper, Said] = {}
        self.name = f"{self.id}: " if place > 1 else ""
        self._stage = stage
        self._count = 0
        self._shares: Register | None = None
        address = stage.address
        assert address is not None, "the operator listens first"
        limit_ms = round(stage.options.answer_limit_s * MS)
        self.front = Front(stage.tongue, address, limit_ms, self._tell)
        self.address = HOST, 0
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The process."""
        if self._shares is not None:
            return self._shares.client
        assert self._client is not None, "start() comes first"
        return self._client

    @property
    def client_is_known(self) -> bool:
        """Whether a process was started for it."""
        return self._client is not None

    # ----------------------------------------------------------------------------------------------- the process

    async def start(self) -> None:
        """Start the client with the address of this register's operator."""
        if not self.address[1]:
            self.address = await self.front.start()
        stage = self._stage
        host, port = self.address
        environment = {
            "OFD_PROTOCOL": stage.tongue.name,
            "OFD_HOST": host,
            "OFD_PORT": str(port),
            "OFD_REGISTER": self.id,
            "OFD_TOKEN": stage.tongue.first_token,
            "OFD_FOLDER": str(self.folder),
            "OFD_ANSWER_LIMIT_MS": str(round(stage.options.answer_limit_s * MS)),
            "OFD_RETRY_MS": str(stage.options.retry_ms),
        }
        log = stage.folder / f"{self.id}.log"
        self._client = Client(stage.options.command, environment, log, stage.options.answer_limit_s)
        self._tell("the client is started")
        await self._client.start()

    async def join(self, other: Register) -> None:
        """Be a second register in the process of another one."""
        self.address = await self.front.start()
        self._shares = other
        host, port = self.address
        asked = {
            "do": "open",
            "register": self.id,
            "token": self._stage.tongue.first_token,
            "host": host,
            "port": port,
            "folder": str(self.folder),
        }
        self._tell("the same process opens a second register")
        said = await self.client.ask(asked)
        check(said.is_ok, f"open was answered with {said.error}: {said.text}")

    def needs(self, *offers: str) -> None:
        """:class:`NotRun` when the client cannot do one of these."""
        for offer in offers:
            if offer not in self.client.offers:
                raise NotRun(f"the client does not offer {offer!r}")

    async def kill(self) -> None:
        """As by a power cut."""
        self._tell("the client is killed")
        await self.client.kill()

    async def restart(self) -> None:
        """End the client in good order, and start it again."""
        self._tell("the client's input ends")
        await self.client.stop()
        await self.start()

    async def close(self) -> None:
        """The end of the scenario."""
        if self._client is not None:
            await self._client.kill()
        await self.front.stop()

    # ------------------------------------------------------------------------------------------- what it is asked

    async def _ask(self, request: dict[str, Any]) -> Said:
        if self._shares is not None:
            request["register"] = self.id
        said = await self.client.ask(request)
        words = " ".join(map(str, request.values()))
        self._tell(f"{words}: {_told(said)} ({said.took_s:.2f} s)")
        return said

    def next_sale(self) -> tuple[Paper, dict[str, Any]]:
        """A sale that was not made yet, and how it is asked for."""
        total = FIRST_PRICE + self._count
        self._count += 1
        return total, {"do": "sell", "key": f"order-{total}", "name": "Хлеб", "price": total}

    async def sell(self) -> Said:
        """Sell; the answer, whatever it is."""
        total, request = self.next_sale()
        try:
            said = await self._ask(request)
        except BaseException:
            self.in_doubt.append(total)
            raise
        (self.sold if said.is_ok else self.in_doubt).append(total)
        self.papers[total] = said
        return said

    async def sells(self) -> Said:
        """Sell; the client has to issue a receipt, this way or that."""
        said = await self.sell()
        check(said.is_ok, f"{self.name}the sale was answered with {said.error}: {said.text}")
        return said

    async def sells_online(self) -> Said:
        """Sell; the receipt has the operator's sign, and the ledger the receipt."""
        said = await self.sells()
        check(not said.is_autonomous, f"{self.name}the receipt is autonomous, though the operator could be asked")
        await self.is_signed(said, self.sold[-1])
        return said

    async def sells_alone(self) -> Said:
        """Sell; the receipt is autonomous, has a sign of the register's own, and came in time."""
        said = await self.sells()
        check(said.is_autonomous, f"{self.name}the receipt is said to be online, though nobody answered it in time")
        check(said.sign is None, f"{self.name}the autonomous receipt has an operator's sign: {said.sign}")
        return said

    async def is_signed(self, said: Said, paper: Paper) -> None:
        """The sign that the client holds is the one that the ledger has for this paper."""
        check(said.sign, f"{self.name}the receipt has no fiscal sign")
        held = [each for each in self.recorded() if each.paper == paper]
        check(held, f"{self.name}the client has a sign for the {name_of(paper)}, and the ledger does not hold it")
        text = (
            f"{self.name}the client has the sign {said.sign} for the {name_of(paper)}, the operator gave {held[0].sign}"
        )
        check(said.sign == held[0].sign, text)

    async def z(self) -> Said:
        """Take the Z-report; the client has to issue it."""
        said = await self._ask({"do": "z"})
        check(said.is_ok, f"{self.name}the Z-report was answered with {said.error}: {said.text}")
        self.sold.append("z")
        return said

    async def status(self) -> Said:
        """How the register is doing."""
        said = await self._ask({"do": "status"})
        check(said.is_ok, f"{self.name}status was answered with {said.error}: {said.text}")
        return said

    async def receipt(self, paper: Paper) -> Said:
        """A receipt as it stands now."""
        said = await self._ask({"do": "receipt", "key": f"order-{paper}"})
        check(said.is_ok, f"{self.name}receipt was answered with {said.error}: {said.text}")
        return said

    async def again(self, paper: Paper) -> Said:
        """The same order under the same key."""
        return await self._ask({"do": "sell", "key": f"order-{paper}", "name": "Хлеб", "price": paper})

    async def hurry(self) -> None:
        """Look for the operator now, if the client lets itself be told; otherwise it comes back by itself."""
        if "sync" in self.client.offers:
            await self._ask({"do": "sync"})

    async def decide(self) -> None:
        """A person has looked at what the operator refused: it is sent again."""
        said = await self._ask({"do": "decide", "what": "retry"})
        check(said.is_ok, f"{self.name}decide was answered with {said.error}: {said.text}")

    async def set_clock(self, now: Instant) -> None:
        """The register's clock is another one from now on."""
        said = await self._ask({"do": "clock", "now": now})
        check(said.is_ok, f"{self.name}clock was answered with {said.error}: {said.text}")

    # --------------------------------------------------------------------------------------------- what is there

    def recorded(self) -> list[Recorded]:
        """The ledger of this register, in its order."""
        return recorded_in(self._stage.entries(self.id))

    async def delivers(self, what: str = "what was issued") -> None:
        """Wait until the ledger holds everything that was issued; :class:`Failed` when nothing more of it comes."""
        limit_s = self._stage.options.patience_s
        missing = self._missing()
        while missing:
            try:
                async with asyncio.timeout(limit_s):
                    while len(self._missing()) >= len(missing):
                        await self._stage.moves()
            except TimeoutError:
                more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""  # noqa: PLR2004 - three are enough
                names = ", ".join(map(name_of, missing[:3])) + more
                raise Failed(f"{self.name}{what} did not reach the operator within {limit_s:g} s: {names}") from None
            missing = self._missing()

    def _missing(self) -> list[Paper]:
        held = [each.paper for each in self.recorded()]
        missing = []
        for paper in self.sold:
            if paper in held:
                held.remove(paper)
            else:
                missing.append(paper)
        return missing

    async def comes_back(self) -> None:
        """The link is mended, the client hurries, and everything reaches the operator."""
        self.front.mend()
        await self.hurry()
        await self.delivers("what was issued without the operator")

    def suffers(self, *faults: Fault) -> None:
        """From now on these faults on the link, and no others."""
        self.front.suffer(*faults)

    def _tell(self, text: str) -> None:
        self._stage.tell(f"{self.name}{text}")


def _told(said: Said) -> str:
    if not said.is_ok:
        return f"{said.error}: {said.text}" if said.text else said.error
    shown = [f"{name} {value}" for name, value in said.fields.items() if name != "ok" and value is not None]
    return ", ".join(shown) or "done"


@dataclass(slots=True)
class Stage:
    """A fresh operator, and whoever talks to it. Enter it, and make registers with :meth:`register`."""

    tongue: Tongue
    options: Options
    folder: Path
    clock: MovableClock = field(default_factory=MovableClock)
    registers: list[Register] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    _server: OfdServer | None = None
    _begun: Moment = 0.0

    async def __aenter__(self) -> Self:
        self._begun = asyncio.get_running_loop().time()
        listens = {"http": OFF, "native": OFF, "kz": OFF, self.tongue.name: f"{HOST}:0"}
        settings = settings_of(answer_timeout=OPERATORS_LIMIT_S, **listens)
        self._server = OfdServer(settings, clock=self.clock)
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "entered"
        try:
            for register in self.registers:
                await register.close()
        finally:
            await self._server.stop()

    @property
    def server(self) -> OfdServer:
        assert self._server is not None, "entered"
        return self._server

    @property
    def address(self) -> tuple[str, int] | None:
        """Where the operator itself listens."""
        address = self.server.native_address if self.tongue.name == "native" else self.server.kz_address
        if address is None:
            return None
        host, _, port = address.rpartition(":")
        return host, int(port)

    async def register(self) -> Register:
        """One more register, in a process of its own that has been started."""
        made = self.actor()
        await made.start()
        return made

    def actor(self) -> Register:
        """One more register that has not been started yet."""
        made = Register(self, len(self.registers) + 1)
        self.registers.append(made)
        return made

    def entries(self, register_id: str) -> list[StoredEntry]:
        """The ledger of a register."""
        journal = self.server.journal
        assert isinstance(journal, MemoryJournal), "a scenario's operator has its ledger in memory"
        return [stored for stored in journal.everything() if stored.register_id == register_id]

    async def moves(self) -> None:
        """Wait a moment for the ledger to change."""
        await asyncio.sleep(0.02)

    async def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.tell(f"{seconds:.1f} s pass")
        await asyncio.sleep(seconds)

    async def stand(self, register: Register, standing: Standing) -> None:
        """The operator blocks a register, or stops or resumes serving it."""
        self.tell(f"the operator's standing of {register.id} is {standing} now")
        await self.server.service.administer(register.id, set_standing(standing, "as the scenario has it"))

    async def lift(self, register: Register, standing: Standing) -> None:
        """The operator takes that back."""
        self.tell(f"{standing} is lifted from {register.id}")
        await self.server.service.administer(register.id, lift(standing))

    def tell(self, text: str) -> None:
        """A line of the story."""
        if len(self.story) < STORY_MAX:
            self.story.append(f"{asyncio.get_running_loop().time() - self._begun:8.3f}  {text}")
