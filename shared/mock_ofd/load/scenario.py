"""What a run of load is: who returns, after how long, with how much, how, to whom.

The rule: a scenario is a value that was checked whole. Whatever made it (a file, options, a test), what is wrong with
it is told by the name of the field and the rule (:class:`fiscal.errors.InvalidValue`), before anything is started.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.retry import Backoff, Jitter, obey
from fiscal.session.limits import ANSWER_LIMIT_S
from fiscal.time import SECOND, Instant, to_local
from fiscal.wire.given import TooLarge, read_within
from kkt_client.config import KZ_RECONNECT_S
from ofd_server.storage.addresses import FORM, Address

SCENARIO_SIZE_MAX: Final = 64 * 1024
"""Bytes of a scenario in a file: all names with all values take a thirtieth of it, the rest is for remarks."""
REGISTERS_MAX: Final = 1_000_000
"""As many connections as an operator of ours can be allowed to hold."""
DOCUMENTS_MAX: Final = 1_000_000
"""Documents of one register: five years of a busy till."""
TOTAL_MAX: Final = 100_000_000
"""Documents of a run: some 60 GB of contents, which lie on the disk, and 800 MB of signs beside them."""
OUTAGE_MAX_S: Final = 72 * 3_600
"""A register works without its operator for 72 hours and no longer."""
STEADY_MAX_S: Final = 24 * 3_600
"""A day: a shift ends after it."""
PROCESSES_MAX: Final = 256
"""More than any machine that runs one generator has cores."""
HOURS: Final = 24
ZONE: Final = "Asia/Almaty"
"""Where the shops of a load are: their hours are of this zone."""
FIRST_KNOCK_S: Final = 1.0
"""A register that lets itself be paced knocks within this time at random: nobody has told it another one yet."""
LATE_ATTEMPT: Final = 64
"""The attempt of a register that has knocked in vain through a long outage: its delay has long reached the cap."""


class Every(Backoff):
    """The interval of the Kazakhstan protocol, which has no word for a time: never sooner, and up to a tenth later."""

    def __init__(self, interval_ms: int) -> None:
        super().__init__(interval_ms, interval_ms)

    def delay_ms(self, attempt: int, draw: float, previous_ms: int = 0) -> int:
        return obey(self.ceiling_ms(attempt), previous_ms, draw)


class Policy(StrEnum):
    """How a register spreads its returns."""

    NONE = "none"
    EQUAL = "equal"
    FULL = "full"
    DECORRELATED = "decorrelated"
    PACED = "paced"
    """The operator tells each when to come."""


class Wire(StrEnum):
    """What the registers speak."""

    NATIVE = "native"
    KZ = "kz"
    HTTP = "http"


NOT_YET: Final = ("mqtt", "ru")
"""Protocols that registers will speak one day."""

AT_ONCE: Final = "at_once"
BACKOFF: Final = "backoff"
WINDOW: Final = "window:"

FLAT: Final = (1.0,) * HOURS
SHOP_DAY: Final = (
    *(0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.3, 0.6, 0.8, 1.0, 1.2),
    *(1.5, 1.4, 1.1, 1.0, 1.1, 1.4, 1.9, 2.0, 1.6, 1.1, 0.6, 0.2),
)
"""How busy a grocery is, hour by hour: lunch, the evening, and next to nothing at night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run. :class:`InvalidValue` names the field that is wrong.

    * ``registers``: how many return.
    * ``documents``: how many each of them has; ``None``: as many as follow from ``sales_per_hour``, ``day`` and
      ``outage_s``, which differs from register to register.
    * ``outage_s``: for how long the link was down, 1 s to 72 h. ``day``: 24 weights, how busy the shops are in each
      hour of :data:`ZONE`; 1.0 is ``sales_per_hour``.
    * ``steady_s``: above 0, no storm: the registers sell ``sales_per_hour`` each for so long with the link up.
    * ``returns``: ``at_once``, when the link is back, each as its policy has it; ``window:S``, anywhere within S seconds;
      ``backoff``, when the pause is over that a register makes after a long outage.
    * ``policy``, ``backoff_base_ms``, ``backoff_cap_ms``: how a register that failed comes back.
    * ``target``: ``None`` for an operator that is started for the run, else HOST:PORT of one that runs already.
    * ``data``: the ledger of the operator: where it is to be made, or, of a target on this machine, where it lies.
    * ``storage``: as ``mock-ofd serve --storage`` takes it, for the operator that is started.
    * ``seed``: what is sold, and by which chance registers come. ``processes``: 0 for one less than there are cores.
    * ``answer_limit_s``: how long an answer may take. ``end_after_s``: when the run ends, whatever is left.
    """

    registers: int = 1_000
    documents: int | None = None
    outage_s: float = 7_200.0
    sales_per_hour: float = 50.0
    day: tuple[float, ...] = FLAT
    steady_s: float = 0.0
    returns: str = AT_ONCE
    policy: Policy = Policy.PACED
    backoff_base_ms: int = 1_000
    backoff_cap_ms: int = 60_000
    protocol: Wire = Wire.NATIVE
    target: str | None = None
    data: str | None = None
    storage: str | None = None
    seed: int = 1
    processes: int = 0
    answer_limit_s: float = ANSWER_LIMIT_S
    end_after_s: float = 3_600.0
    reference: bool = True

    def __post_init__(self) -> None:
        whole(self, "registers", 1, REGISTERS_MAX)
        if self.documents is not None:
            whole(self, "documents", 1, DOCUMENTS_MAX)
        number(self, "outage_s", 1, OUTAGE_MAX_S)
        number(self, "sales_per_hour", 0.01, 36_000)
        number(self, "steady_s", 0, STEADY_MAX_S)
        number(self, "answer_limit_s", 0.001, 600)
        number(self, "end_after_s", 1, 7 * 24 * 3_600)
        whole(self, "seed", 0, 2**63 - 1)
        whole(self, "processes", 0, PROCESSES_MAX)
        whole(self, "backoff_cap_ms", 1, 24 * 3_600_000)
        whole(self, "backoff_base_ms", 1, self.backoff_cap_ms)
        object.__setattr__(self, "policy", _word(Policy, "policy", self.policy))
        object.__setattr__(self, "protocol", _protocol(self.protocol))
        object.__setattr__(self, "day", _day(self.day))
        _ = self.window_s
        if self.target is not None:
            _ = self.address
            if self.storage is not None:
                raise InvalidValue("storage", "is for an operator that is started, and target names one that runs")
        if self.storage is not None:
            try:
                Address(self.storage)
            except ConfigurationError:
                raise InvalidValue("storage", FORM) from None
        if self.registers * self.expected_documents > TOTAL_MAX:
            rule = f"the registers would send about {self.registers * self.expected_documents:,.0f}, {TOTAL_MAX:,} are possible"
            raise InvalidValue("documents", rule)

    @property
    def is_steady(self) -> bool:
        """Whether the link is up all the time."""
        return self.steady_s > 0

    @property
    def sells_s(self) -> float:
        """For how long the registers sell."""
        return self.steady_s if self.is_steady else self.outage_s

    @property
    def expected_documents(self) -> float:
        """About how many documents each register has."""
        if self.documents is not None:
            return self.documents
        return self.sales_per_hour * self.sells_s / 3_600 * max(self.day)

    @property
    def window_s(self) -> float | None:
        """Within what time the registers return, when ``returns`` names one."""
        if self.returns in (AT_ONCE, BACKOFF):
            return None
        text = self.returns.removeprefix(WINDOW) if self.returns.startswith(WINDOW) else ""
        try:
            found = float(text)
        except ValueError:
            found = -1.0
        if not 0 <= found <= OUTAGE_MAX_S:
            rule = f"must be {AT_ONCE}, {BACKOFF} or {WINDOW}SECONDS with 0 to {OUTAGE_MAX_S}, is {self.returns!r}"
            raise InvalidValue("returns", rule)
        return found

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the target."""
        assert self.target is not None, "an operator of our own has none yet"
        host, _, port = self.target.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65_535:  # noqa: PLR2004
            raise InvalidValue("target", f"must be HOST:PORT, is {self.target!r}")
        return host.removeprefix("[").removesuffix("]"), int(port)

    @property
    def generators(self) -> int:
        """How many processes make the load."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(self.processes or max(1, cores - 1), self.registers)

    @property
    def backoff(self) -> Backoff:
        """The own back-off of a register; one that is paced has full jitter where it heard nothing."""
        if self.protocol is Wire.KZ and self.policy is Policy.PACED:
            return Every(int(KZ_RECONNECT_S * SECOND))
        jitter = Jitter.FULL if self.policy is Policy.PACED else Jitter(self.policy.value)
        return Backoff(base_ms=self.backoff_base_ms, cap_ms=self.backoff_cap_ms, jitter=jitter)

    def knock_s(self, draw: float) -> float:
        """How long after the link is back a register tries it for the first time; ``draw`` is chance in [0, 1)."""
        if self.window_s is not None:
            return self.window_s * draw
        if self.policy is Policy.PACED:
            return FIRST_KNOCK_S * draw
        if self.returns == BACKOFF:
            return self.backoff.delay_ms(LATE_ATTEMPT, draw, self.backoff_cap_ms) / SECOND
        return 0.0 if self.policy is Policy.NONE else self.backoff.delay_ms(0, draw) / SECOND

    def weight_at(self, instant: Instant) -> float:
        """How busy the shops are then."""
        return self.day[to_local(instant, ZONE).hour]

    def plain(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def told(self) -> dict[str, Any]:
        """The same, as a report has it: the address of a database without its password."""
        storage = None if self.storage is None else str(Address(self.storage))
        return {**self.plain(), "storage": storage}


def scenario_of(values: Mapping[str, object]) -> Scenario:
    """The scenario with these values, defaults for the others; :class:`InvalidValue`, also for an unknown name."""
    known = [field.name for field in fields(Scenario)]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(known)}"
            raise InvalidValue(name, f"is no field of a scenario{hint}", "unknown_field")
    return Scenario(**dict(values))  # type: ignore[arg-type]  # each is judged by the scenario itself


def read_scenario(path: Path, over: Mapping[str, object] | None = None) -> Scenario:
    """The scenario in a TOML file; ``over`` goes before it. :class:`ConfigurationError` names the file."""
    try:
        with path.open("rb") as file:
            values = tomllib.loads(read_within(file, SCENARIO_SIZE_MAX).decode())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except TooLarge as error:
        raise ConfigurationError(f"{path}: {error.rule}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path}: is no TOML: {error}") from None
    try:
        return scenario_of({**values, **(over or {})})
    except InvalidValue as error:
        raise ConfigurationError(f"{path}: {error}") from None


def whole(scenario: Scenario, name: str, least: int, most: int) -> None:
    """:class:`InvalidValue` unless this field is a whole number in this range."""
    value = getattr(scenario, name)
    if type(value) is not int or not least <= value <= most:
        raise InvalidValue(name, f"must be a whole number from {least:,} to {most:,}, is {value!r}")


def number(scenario: Scenario, name: str, least: float, most: float) -> None:
    """:class:`InvalidValue` unless this field is a number in this range."""
    value = getattr(scenario, name)
    if type(value) not in (int, float) or not least <= value <= most:  # also refuses NaN
        raise InvalidValue(name, f"must be a number from {least:g} to {most:g}, is {value!r}")


def _word(words: type[StrEnum], name: str, value: object) -> StrEnum:
    try:
        return words(str(value))
    except ValueError:
        raise InvalidValue(name, f"must be one of {', '.join(words)}, is {value!r}") from None


def _protocol(value: object) -> StrEnum:
    if value in NOT_YET:
        raise InvalidValue("protocol", f"{value} is not there yet: there are {', '.join(Wire)}", "not_there_yet")
    return _word(Wire, "protocol", value)


def _day(value: object) -> tuple[float, ...]:
    """24 weights; a map from hours to weights (what is left out has none), or ``flat`` or ``shop``."""
    if value in ("flat", "shop"):
        return FLAT if value == "flat" else SHOP_DAY
    if isinstance(value, Mapping):
        hours = {str(hour): 0.0 for hour in range(HOURS)}
        for hour, weight in value.items():
            if str(hour) not in hours:
                raise InvalidValue("day", f"has hours from 0 to {HOURS - 1}, not {hour!r}")
            hours[str(hour)] = weight
        value = tuple(hours.values())
    rule = f"must be flat, shop, {HOURS} weights, or a table from hours to weights"
    if not isinstance(value, tuple | list) or len(value) != HOURS:
        raise InvalidValue("day", rule)
    for weight in value:
        if type(weight) not in (int, float) or not 0 <= weight <= 1_000:  # noqa: PLR2004 - a thousand times as busy
            raise InvalidValue("day", f"a weight is a number from 0 to 1000, not {weight!r}")
    if not any(value):
        raise InvalidValue("day", "some hour must have a weight above 0")
    return tuple(float(weight) for weight in value)


__all__ = ["Policy", "Scenario", "Wire", "read_scenario", "scenario_of"]
