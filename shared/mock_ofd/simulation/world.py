"""A world: one operator, some tills, their links and stores, and the trouble that a seed brings over them.

The rule: the world knows everything and the parts know nothing of it. It starts processes, kills and restarts them,
cuts and mends links; after :data:`PEACE_S` the trouble stops, and everything must come to rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.faults.misfortunes import misfortune as misfortune_named
from fiscal.faults.plan import NO_FAULTS
from fiscal.faults.run import FaultRun
from fiscal.retry import Backoff
from fiscal.time import Instant
from kkt_client.config import RegisterSettings
from kkt_client.core.events import DocumentMoved, Event
from kkt_client.core.registration import Registration
from kkt_client.ports import Transport
from kkt_client.register import Ports, Register
from kkt_client.storage.memory import MemoryDisk
from kkt_client.transports.kz import KzTransport
from kkt_client.transports.tcp import TcpTransport
from mock_ofd.simulation.checker import Papers, check, digest
from mock_ofd.simulation.clocks import WORLD_BEGINS, SimulatedClock
from mock_ofd.simulation.kz import KZ_PORT
from mock_ofd.simulation.loop import Process
from mock_ofd.simulation.network import SimulatedLoop
from mock_ofd.simulation.operator import HOST, PORT, run_operator
from mock_ofd.simulation.stores import Doom, JournalTrouble, SimulatedFiscalMemory
from mock_ofd.simulation.till import Till, draw_list
from mock_ofd.simulation.trouble import NO_TROUBLE, Trouble, draw_trouble, plan_of
from ofd_server.storage.memory import MemoryJournal

TILLS: Final = 20
WISHES: Final = 6
"""What each cashier wants on a short day; with both Z-reports some eight documents a till."""
PAUSE_S: Final = (0.1, 25.0)
"""From one customer to the next."""
PEACE_S: Final = 150.0
"""When the trouble stops."""
REST_S: Final = 900.0
"""How long after that everything must have come to rest: some rounds of the longest back-off."""
DOWN_S_MAX: Final = 120.0
"""A process that died is back after so long at the latest."""
CLOCK_ERROR_MS: Final = 2_000
"""How wrong a till's clock may be."""


SETTINGS: Final = RegisterSettings(backoff=Backoff(base_ms=1_000, cap_ms=30_000))
"""The product's own limits; only the longest back-off is shorter, so that a world comes to rest sooner."""


class DrawnIds:
    """Document ids from the world's own chance. Implements :class:`kkt_client.ports.Ids`."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def fresh(self, now: Instant) -> bytes:
        """The time, then chance."""
        return now.to_bytes(6, "big") + self._random.randbytes(10)


def _profile(register_id: str) -> RegisterProfile:
    return RegisterProfile(
        taxpayer=Taxpayer(name="ТОО «Проба»", tax_id="240140000011"),
        place="Алматы",
        rnm=f"0101{register_id[1:]:0>8}",
        serial=f"SIM-{register_id}",
    )


def _registration(register_id: str, protocol: str) -> Registration:
    token = "123456789" if protocol == "kz" else "t"
    return Registration(register=register_id, token=token, profile=_profile(register_id), protocol=protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a seed: the broken promises, and a fingerprint of everything."""

    seed: int
    trouble: Trouble
    broken: tuple[str, ...]
    digest: str
    documents: int
    autonomous: int
    virtual_s: float
    protocol: str = "native"
    misfortune: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken

    def report(self) -> str:
        """What came of it in words, and how to see it again."""
        head = f"seed {self.seed}: {self.documents} documents, {self.autonomous} autonomous, {self.virtual_s} s"
        if self.is_clean:
            return f"{head}, clean, digest {self.digest[:16]}"
        broken = "".join(f"\n  - {text}" for text in self.broken[:20])
        over = "" if self.protocol == "native" else f" --protocol {self.protocol}"
        over += "" if self.misfortune is None else f" --misfortune {self.misfortune}"
        again = f"  again: python -m mock_ofd.simulation --seed {self.seed}{over} --story"
        return f"{head}, {len(self.broken)} promises broken:{broken}\n  trouble: {self.trouble}\n{again}"


@dataclass(slots=True)
class _Node:
    """A process that is started again after each death."""

    name: str
    main: Callable[[], Coroutine[Any, Any, None]]
    lives: int = 0
    process: Process | None = None
    index: int | None = None


class World:
    """One simulated world. :meth:`run` it once.

    With the name of a ``misfortune`` that plan is at work, and nothing else goes wrong.
    """

    def __init__(
        self,
        seed: int,
        tills: int = TILLS,
        wishes: int = WISHES,
        protocol: str = "native",
        misfortune: str | None = None,
    ) -> None:
        self.seed = seed
        self.protocol = protocol
        self.misfortune = misfortune
        self.random = Random(seed)
        drawn = draw_trouble(self.random)
        self.trouble = drawn if misfortune is None else NO_TROUBLE
        self.loop = SimulatedLoop(Random(self.random.random()))
        self.network = self.loop.network
        self.ledger = MemoryJournal()
        self.disks = [MemoryDisk() for _ in range(tills)]
        if protocol == "kz":
            ids = [str(1_000 + number) for number in range(tills)]
            self.papers = [Papers(one, _profile(one)) for one in ids]
        else:
            self.papers = [Papers(f"R{number:02}") for number in range(tills)]
        self.lists = [draw_list(self.random, wishes) for _ in range(tills)]
        self.clocks = [
            SimulatedClock(self.loop, self.random.randint(-CLOCK_ERROR_MS, CLOCK_ERROR_MS)) for _ in range(tills)
        ]
        self.faults = FaultRun(
            plan_of(drawn, seed) if misfortune is None else misfortune_named(misfortune).plan(WORLD_BEGINS, seed)
        )
        self.journal_trouble = JournalTrouble(
            self.trouble.commit_slow, self.trouble.commit_fail, self.trouble.commit_unknown
        )
        self.story: list[str] = []
        self.broken: list[str] = []
        self.peace = False
        self._nodes: dict[str, _Node] = {}
        self._dooms: list[Doom] = []
        self._registers: dict[int, Register] = {}

    # ------------------------------------------------------------------------------------------------------ running

    def run(self) -> Outcome:
        """Live through it, and judge."""
        self.loop.set_exception_handler(self._on_error)
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._live())
        finally:
            asyncio.set_event_loop(None)
        ledger = self.ledger.everything()
        self.broken += check(self.papers, self.disks, ledger)
        outcome = Outcome(
            seed=self.seed,
            trouble=self.trouble,
            broken=tuple(self.broken),
            digest=digest(self.disks, self.ledger, self.story),
            documents=sum(len(papers.handed) for papers in self.papers),
            autonomous=sum(bool(getattr(p, "autonomous", 0)) for one in self.papers for p in one.handed.values()),
            virtual_s=round(self.loop.time(), 3),
            protocol=self.protocol,
            misfortune=self.misfortune,
        )
        self.loop.close()
        return outcome

    async def _live(self) -> None:
        self._start(_Node("operator", self._operator))
        for index, papers in enumerate(self.papers):
            self._start(_Node(papers.register_id, partial(self._till, index), index=index))
        troubles = [
            self._repeat(self.trouble.cut_every_s, self._cut),
            self._repeat(self.trouble.slow_every_s, self._slow),
            self._repeat(self.trouble.operator_crash_every_s, self._crash_operator),
            self._repeat(self.trouble.register_crash_every_s, self._crash_register),
            self._repeat(60.0 if self.trouble.clock_back else 0.0, self._turn_clock_back),
        ]
        running = [self.loop.create_task(one) for one in troubles]
        await asyncio.sleep(PEACE_S)
        for task in running:
            task.cancel()
        self._make_peace()
        ends = self.loop.time() + REST_S
        while self.loop.time() < ends and not self._at_rest():  # noqa: ASYNC110 - nobody has an event to set
            await asyncio.sleep(5.0)

    def _make_peace(self) -> None:
        self.peace = True
        self.network.cut.clear()
        self.network.slow_s.clear()
        self.faults.switch_to(NO_FAULTS)
        self.journal_trouble.armed = False
        for doom in self._dooms:
            doom.armed = False
        self._tell("peace")

    def _at_rest(self) -> bool:
        if any(self.lists):
            return False
        handed = sum(len(papers.handed) for papers in self.papers)
        return handed > 0 and not any(self._waiting(index) for index in range(len(self.disks)))

    def _waiting(self, index: int) -> bool:
        register = self._registers.get(index)
        return register is None or bool(register.status().unsent) or register.status().mode != "online"

    def _on_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            self.broken.append(f"{context['message']}: {type(error).__name__}: {error}")

    def _tell(self, text: str) -> None:
        self.story.append(f"{self.loop.time():.6f} {text}")

    # -------------------------------------------------------------------------------------------------- processes

    def _start(self, node: _Node) -> None:
        node.lives += 1
        node.process = Process(node.name, node.lives)
        self._nodes[node.name] = node
        self._tell(f"{node.process} starts")
        self.loop.start(node.process, node.main)

    def _kill(self, name: str) -> None:
        """Kill the process at once; it is started again after a while."""
        node = self._nodes[name]
        process = node.process
        if process is None or not process.alive:
            return
        process.alive = False
        node.process = None
        self._tell(f"{process} dies")
        self.network.killed(process)
        if node.index is not None:
            self._registers.pop(node.index, None)
            self.disks[node.index].holder = None
        down_s = self.random.expovariate(1 / self.trouble.down_s)
        self.network.soon(min(down_s, DOWN_S_MAX), self._start, node)

    def _doom(self, name: str, chance: float) -> Doom:
        doom = Doom(Random(self.random.random()), chance, partial(self._kill, name))
        doom.armed = not self.peace
        self._dooms.append(doom)
        return doom

    async def _operator(self) -> None:
        await run_operator(
            SimulatedClock(self.loop),
            self.ledger,
            Random(self.random.random()),
            self._doom("operator", self.trouble.operator_doom),
            self.journal_trouble,
            self.faults,
            self.protocol,
            partial(self._kill, "operator"),
        )

    async def _till(self, index: int) -> None:
        papers = self.papers[index]
        doom = self._doom(papers.register_id, self.trouble.register_doom)
        chance = Random(self.random.random())
        clock = self.clocks[index]
        ports = Ports(
            memory=SimulatedFiscalMemory(self.disks[index], chance, doom),
            transport=self._transport(clock),
            clock=clock,
            ids=DrawnIds(chance),
            disk=self.disks[index],
            chance=chance,
        )
        register = Register(ports, SETTINGS, partial(self._on_event, index))
        await register.start(lambda _kept: _registration(papers.register_id, self.protocol))
        self._registers[index] = register
        await Till(register, self.lists[index], papers, chance).run(PAUSE_S)
        await asyncio.get_running_loop().create_future()

    def _transport(self, clock: SimulatedClock) -> Transport:
        if self.protocol == "kz":
            return KzTransport(HOST, KZ_PORT, clock, SETTINGS.answer_limit_s)
        return TcpTransport(HOST, PORT, clock, SETTINGS.answer_limit_s)

    def _on_event(self, index: int, event: Event) -> None:
        """The rule behind the two ticks: never shown for a document that the ledger does not hold."""
        if not isinstance(event, DocumentMoved):
            return
        if event.state in (DocumentState.DELIVERED, DocumentState.DELIVERED_AUTONOMOUS):
            register_id = self.papers[index].register_id
            if not self.ledger.holds(register_id, event.number):
                self.broken.append(f"{register_id}: document {event.number} shows two ticks, the ledger has it not")

    # ---------------------------------------------------------------------------------------------------- trouble

    async def _repeat(self, every_s: float, happen: Callable[[], None]) -> None:
        while every_s:
            await asyncio.sleep(self.random.expovariate(1 / every_s))
            happen()

    def _somebody(self) -> str:
        return self.random.choice(self.papers).register_id

    def _cut(self) -> None:
        whom = "*" if self.random.random() < self.trouble.cut_all else self._somebody()
        self._tell(f"the link of {whom} is cut")
        self.network.cut.add(whom)
        self.network.soon(self.random.expovariate(1 / self.trouble.cut_s), self.network.cut.discard, whom)

    def _slow(self) -> None:
        whom = self._somebody() if self.random.random() < 0.7 else "operator"
        self.network.slow_s[whom] = self.trouble.slow_extra_s
        self.network.soon(self.trouble.slow_s, self.network.slow_s.pop, whom, None)

    def _crash_operator(self) -> None:
        self._kill("operator")

    def _crash_register(self) -> None:
        self._kill(self._somebody())

    def _turn_clock_back(self) -> None:
        if self.random.random() < self.trouble.clock_back:
            self.random.choice(self.clocks).offset_ms -= self.random.randint(1_000, 60_000)
