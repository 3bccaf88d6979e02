"""One call of ``mock-ofd kkt``: its options, the register that it opens, and the paper that it hands out.

The rule: what the cashier is told (autonomous mode and why, a block, a decision that is needed) goes to standard error
as it happens; with ``--json`` it is part of the result instead. The paper goes out first, then the call spends a
little time on what waits to be sent.
"""

from __future__ import annotations

import asyncio
import math
import os
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.receipt import Cashier
from fiscal.domain.register import RegisterProfile
from fiscal.errors import ConfigurationError, FiscalError, InvalidValue, StorageError
from fiscal.rendering.files import kind_of
from fiscal.time import printed
from kkt_client.app import SAMPLE_PROFILE, CashRegister, read_memory
from kkt_client.config import RegisterSettings, parse_address
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    Event,
    PersonNeeded,
    WasBlocked,
    WasUnblocked,
    WentAutonomous,
    cashier_text,
)
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.rendering import as_file, as_html, as_text
from kkt_client.core.state import AUTONOMOUS_MODES
from kkt_client.core.status import RegisterStatus
from kkt_client.core.views import Json, event_json, paper_json
from kkt_client.reading import MemoryReader
from kkt_client.storage.sqlite import FILE
from mock_ofd.cli.kkt.baskets import cashier_of, checked
from mock_ofd.cli.kkt.options import DATA_VARIABLE, DRAIN_S, OPERATOR_VARIABLE, PARTICULARS
from mock_ofd.cli.kkt.output import Output
from mock_ofd.cli.kkt.setup import GivenProfile, Setup, SetupFile, doubts, keep, read_kept, read_setup
from mock_ofd.cli.kkt.views import footer

WAIT_MAX_S: Final = 86_400.0
"""The longest time that an option may name, a day; for ever is an interrupt's business."""

LOOK_S: Final = 0.02
"""How often a call that sends what waits looks whether it is done."""

_LOUD: Final = (WentAutonomous, WasBlocked, PersonNeeded)
_TOLD: Final = (*_LOUD, CameBack, WasUnblocked, AnomalyNoted)


class NotFound(FiscalError):
    """What was asked for does not exist."""


class Call:
    """The options of one call with what follows from them. Everything else is asked from :meth:`option`."""

    def __init__(self, options: Namespace, output: Output, environment: Mapping[str, str] = os.environ) -> None:
        self._options = options
        self._environment = environment
        self.output = output
        self.events: list[Event] = []
        """What happened to the register during the call."""
        self.folder = self._folder()
        self.file = SetupFile() if self.option("profile") is None else read_setup(self.option("profile"))
        self.kept = read_kept(self.folder)
        self.setup = self._setup()
        self.operator_name = self.setup.operator_name
        """What stands on a paper; the operator's own word for itself wins."""

    def option(self, name: str, default: Any = None) -> Any:
        """What the option says, ``default`` when it was not given."""
        return getattr(self._options, name, default)

    def seconds(self, name: str, default: float) -> float:
        """An option that is a time, 0 .. a day."""
        seconds: float = self.option(name, default)
        if not math.isfinite(seconds) or not 0 <= seconds <= WAIT_MAX_S:
            raise InvalidValue(name, f"must be 0 .. {WAIT_MAX_S:g} seconds, is {seconds:g}", "out_of_range")
        return seconds

    @property
    def cashier(self) -> Cashier | None:
        said = self.option("cashier")
        return None if said is None else cashier_of(said)

    def _folder(self) -> Path:
        said = self.option("data") or self._environment.get(DATA_VARIABLE)
        if not said:
            raise ConfigurationError(f"data: say --data DIR, the folder of the fiscal memory (or {DATA_VARIABLE})")
        return Path(said)

    def _setup(self) -> Setup:
        """An option goes before the variable, the variable before the file, the file before what is kept."""
        operator = self.option("operator") or self._environment.get(OPERATOR_VARIABLE) or self.file.operator
        kept = self.kept
        if operator is not None and parse_address(operator).base_url != kept.operator:
            kept = replace(kept, operator_name=None, operator_phone=None, qr_base_url=None)  # those of another one
        cashier = self.cashier if self.option("command") == "setup" else None
        return Setup(operator=operator, cashier=cashier).over(self.file.over(kept))

    @property
    def settings(self) -> RegisterSettings:
        return self.setup.settings()

    @property
    def address(self) -> str:
        """The operator's address without what it may bring along; empty when it was never said."""
        return "" if self.setup.operator is None else parse_address(self.setup.operator).base_url

    # ------------------------------------------------------------------------------------------------ the register

    @asynccontextmanager
    async def register(self, tell: Callable[[Event], None] | None = None) -> AsyncIterator[CashRegister]:
        """The register, founded if it is new; what this call said of it is kept.

        ``tell`` gets its events instead of :attr:`events`, for a call that stays.
        """
        if self.setup.operator is None:
            raise ConfigurationError(f"operator: {self.folder} knows none yet: say --operator native://HOST:PORT")
        is_new = not (self.folder / FILE).exists()
        profile = await self._profile(is_new)
        opening = CashRegister.open(
            self.folder, self.setup.operator, profile=profile, settings=self.settings, on_event=tell or self._tell
        )
        async with opening as register:
            self._keep(self.setup)
            if is_new:
                sample = " with invented particulars (see --profile)" if profile is None else ""
                self.output.say(f"{self.folder}: founded register {register.registration.register}{sample}")
            self._remind(register.status())
            yield register
            self._remember_operator(register.status())
            await asyncio.sleep(0)  # what happened last is told, too

    async def _profile(self, is_new: bool) -> RegisterProfile | None:
        """The particulars that this call says, over those that are known."""
        said = {name: self.option(name) for name in PARTICULARS if self.option(name) is not None}
        options, file = checked(GivenProfile, said), self.file.profile
        if not (options.is_told or file.is_told):
            return None
        known = SAMPLE_PROFILE
        if not is_new:
            with suppress(StorageError):  # if it cannot be read, opening it says so better
                async with self.reader() as reader:
                    known = reader.registration.profile
        profile = options.over(file.over(known))
        for doubt in doubts(profile):
            self.output.say(f"warning: {doubt}")
        return profile

    def _keep(self, setup: Setup) -> None:
        kept = replace(setup, operator=self.address)
        if kept != Setup().over(self.kept):
            keep(self.folder, kept)

    def _remember_operator(self, status: RegisterStatus) -> None:
        """What the operator said of itself: an unpaid one answers nothing, and then its telephone is needed (S3-03)."""
        if status.operator:
            self.setup = replace(self.setup, operator_name=status.operator, operator_phone=status.operator_phone)
        try:
            self._keep(self.setup)
        except StorageError as error:  # the documents of this call are safe, and it says so with its exit code
            self.output.say(f"warning: not kept for later calls: {error}")

    def remember(self, paper: FiscalPaper) -> None:
        """Where the operator's QR codes lead to, for those of autonomous receipts."""
        base, mark, _ = paper.qr.partition("?i=") if isinstance(paper, FiscalReceipt) and paper.sign else ("", "", "")
        if mark and self.setup.qr_base_url is None:
            self.setup = replace(self.setup, qr_base_url=base)

    def _remind(self, status: RegisterStatus) -> None:
        if status.unfinished and self.option("command") != "unfinished":
            numbers = ", ".join(map(str, status.unfinished))
            self.output.say(f"Оформлены, но не выданы документы: {numbers} (mock-ofd kkt unfinished)")

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        self.say_event(event)

    def say_event(self, event: Event) -> None:
        """Tell the cashier, if it is something for him and nobody reads it as JSON."""
        if self.output.as_json or not isinstance(event, _TOLD):
            return
        if isinstance(event, _LOUD):
            self.output.alarm(event.text)
        else:
            self.output.say(event.text)

    async def told(self) -> list[Json]:
        """What the cashier was told during this call, for a result in JSON."""
        await asyncio.sleep(0)  # the register calls back behind the step that made an event
        return [event_json(event) for event in self.events if isinstance(event, _TOLD)]

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[MemoryReader]:
        """A look at the memory: no lock, nothing written, nothing sent."""
        self.check_memory()
        async with read_memory(self.folder, self.settings.qr_base_url) as reader:
            yield reader

    def check_memory(self) -> None:
        """:class:`NotFound` when there is no memory to look at."""
        if not (self.folder / FILE).is_file():
            raise NotFound(f"{self.folder}: there is no fiscal memory here")

    # --------------------------------------------------------------------------------------------------- the paper

    async def hand_out(self, register: CashRegister, paper: FiscalPaper) -> None:
        """Print what was issued, tell how the register is doing, then go on sending for a while."""
        told = await self.told()
        status = register.status()
        self.operator_name = status.operator
        self.print_paper(paper, mode=status.mode.value, unsent=status.unsent, events=told)
        self.remember(paper)
        if status.mode in AUTONOMOUS_MODES and not self.output.as_json:
            self._tell_mode(status, paper.profile.zone)
        await self.drain(register)

    def print_paper(self, paper: FiscalPaper, *, copy: bool = False, **facts: Any) -> None:
        """The paper as text with its marks, as JSON with these facts beside it, and as a page if one is wanted."""
        operator = self.operator_name
        text = as_text(paper, self.option("columns", 48), copy=copy, qr=self.option("qr", False), operator=operator)
        marks = footer(paper)
        self.output.show({"paper": paper_json(paper), **facts}, f"{text}{marks}\n" if marks else text)
        page: Path | None = self.option("html")
        if page is not None:
            self.output.page(page, as_html(paper, copy=copy, operator=operator))
        file: Path | None = self.option("file")
        if file is not None:
            made = as_file(paper, kind_of(file.name), self.option("columns", 48), copy=copy, operator=operator)
            self.output.file(file, made)

    def _tell_mode(self, status: RegisterStatus, zone: str) -> None:
        """Say that the register is autonomous, if no event has said so in this call, and how much waits (S3-15)."""
        if not any(isinstance(event, WentAutonomous) for event in self.events):
            reason = status.period.reason if status.period else AutonomousReason.QUEUE_NOT_EMPTY
            said = cashier_text(reason, status.operator, status.operator_phone)
            self.output.say(f"С {printed(status.since, zone)}: {said}")
        self.output.say(f"Не передано документов: {status.unsent}.")

    async def drain(self, register: CashRegister) -> None:
        """Send what waits until nothing does, the time is over, or the operator proves to be out of reach."""
        if self.option("low_power"):
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + self.seconds("drain", DRAIN_S)
        with suppress(asyncio.CancelledError):  # an interrupt only says that somebody does not want to wait
            while loop.time() < until:
                if not _is_sending(register.status()):
                    return
                await asyncio.sleep(LOOK_S)


def _is_sending(status: RegisterStatus) -> bool:
    """Whether something waits and nothing is known that keeps it from being sent now."""
    waits = status.unsent or status.unreported or status.period
    return bool(waits) and not status.blocks and status.next_attempt_s is None
