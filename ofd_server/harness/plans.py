"""What a test may say for a plan of faults.

The rule: a plan is said in the shortest way there is: a plan, one fault or several, a dictionary or the text of a TOML
file as :mod:`fiscal.faults.notation` reads them, or a path to such a file; a text without an equals sign is the name of
a misfortune of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.faults.misfortunes import misfortune
from fiscal.faults.notation import plan_from_dict, plan_from_toml
from fiscal.faults.plan import NO_FAULTS, PLAN_SIZE_MAX, Fault, FaultPlan
from fiscal.time import Instant
from fiscal.wire.given import read_within

Faults = FaultPlan | Fault | Iterable[Fault] | Mapping[str, Any] | str | Path | None
"""What :func:`plan_of` takes."""


def plan_of(faults: Faults, now: Instant, seed: int | None = None) -> FaultPlan:
    """The plan that is meant, with another seed if one is given; "+90s" in it counts from ``now``.

    :class:`ConfigurationError` or :class:`InvalidValue` when it is none.
    """
    plan = _plan(faults, now)
    return plan if seed is None else replace(plan, seed=seed)


def _plan(faults: Faults, now: Instant) -> FaultPlan:
    match faults:
        case None:
            return NO_FAULTS
        case FaultPlan():
            return faults
        case Fault():
            return FaultPlan((faults,))
        case Mapping():
            return plan_from_dict(faults, now)
        case Path():
            return _from_file(faults, now)
        case str():
            return plan_from_toml(faults, now) if "=" in faults else misfortune(faults).plan(now)
    return FaultPlan(tuple(faults))


def _from_file(path: Path, now: Instant) -> FaultPlan:
    try:
        with path.open("rb") as file:
            text = read_within(file, PLAN_SIZE_MAX).decode()
    except OSError as error:
        raise ConfigurationError(f"faults: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidValue("toml", f"is no UTF-8: {error.reason}", "not_toml") from None
    return plan_from_toml(text, now)


def plan_of_setting(text: str, now: Instant) -> FaultPlan:
    """The plan of a file, or of a misfortune that has this name; :class:`ConfigurationError` says why there is none."""
    path = Path(text)
    is_file = path.is_file() or path.suffix == ".toml" or path.name != text
    try:
        return plan_of(path if is_file else text, now)
    except InvalidValue as error:
        raise ConfigurationError(f"faults: {text}: {error}" if is_file else str(error)) from None
