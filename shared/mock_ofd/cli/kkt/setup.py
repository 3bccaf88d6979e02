"""Who the register is and whom it talks to, as it is said on the first call and known on every later one.

The rule: id, token and particulars are kept by the fiscal memory itself. What the memory does not hold (the address of
the operator, its name and telephone, the cashier, the limits of a sale) is kept beside it in ``kkt.toml``, in the
form of the file that ``--profile`` reads; a token is never written there. An option goes before the file, the file
before what is kept.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import Strict

from fiscal.domain.identifiers import check_bin, check_iin, check_inn, check_rnm_kz
from fiscal.domain.limits import STRICT, Code, Name
from fiscal.domain.receipt import Cashier
from fiscal.domain.register import Country, RegisterProfile, Taxation
from fiscal.errors import ConfigurationError, InvalidValue, StorageError
from fiscal.time import zone
from fiscal.wire.given import TooLarge, read_within
from kkt_client.config import RegisterSettings, parse_address
from mock_ofd.cli.kkt.baskets import checked

KEPT: Final = "kkt.toml"
"""The file in the folder of the memory."""

SETUP_SIZE_MAX: Final = 64 * 1024
"""Bytes of a settings file: all names at full length take a tenth of it."""

ZONES: Final[Mapping[Country, str]] = {Country.KZ: "Asia/Almaty", Country.RU: "Europe/Moscow"}
"""Where a register stands when only its country is told."""

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}

Address = Annotated[str, MinLen(1), MaxLen(1024), STRICT]
Seconds = Annotated[float, Gt(0), Le(3600), Strict()]
Pause = Annotated[float, Ge(0), Le(3600), Strict()]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenProfile:
    """Particulars of the register, as many as are told."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    taxpayer: Name | None = None
    tax_id: Code | None = None
    taxation: Taxation | None = None
    place: Name | None = None
    rnm: Code | None = None
    serial: Code | None = None
    country: Country | None = None
    zone: Name | None = None
    fn_serial: Annotated[str, MaxLen(16), STRICT] | None = None

    @property
    def is_told(self) -> bool:
        return self != GivenProfile()

    def over(self, known: RegisterProfile) -> RegisterProfile:
        """What is told here, and for the rest what is known; :class:`InvalidValue` (field ``zone``) for no zone."""
        told: dict[str, Any] = {
            part.name: value for part in fields(self) if (value := getattr(self, part.name)) is not None
        }
        payer: dict[str, Any] = {name: told.pop(name) for name in ("tax_id", "taxation") if name in told}
        if "taxpayer" in told:
            payer["name"] = told.pop("taxpayer")
        if self.country not in (None, known.country):
            told.setdefault("zone", ZONES[self.country])
        profile = replace(known, taxpayer=replace(known.taxpayer, **payer), **told)
        zone(profile.zone)
        return profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is kept beside the memory."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    operator: Address | None = None
    operator_name: Annotated[str, MaxLen(256), STRICT] | None = None
    operator_phone: Code | None = None
    qr_base_url: Address | None = None
    answer_limit_s: Seconds | None = None
    sale_budget_s: Seconds | None = None
    retry_in_sale_s: Pause | None = None
    kz_reconnect_s: Seconds | None = None
    cashier: Cashier | None = None

    def over(self, known: Setup) -> Setup:
        """What is said here, and for the rest what is known."""
        return replace(known, **_said(self))

    def settings(self) -> RegisterSettings:
        """The settings of the register; what is not said has its default."""
        said = _said(self)
        said.pop("operator", None)
        return RegisterSettings(**said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupFile(Setup):
    """What ``--profile`` reads: the same, and the particulars of the register in a table of their own."""

    profile: GivenProfile = GivenProfile()


def _said(setup: Setup) -> dict[str, Any]:
    return {part.name: value for part in fields(Setup) if (value := getattr(setup, part.name)) is not None}


def read_setup(path: Path) -> SetupFile:
    """A settings file; :class:`ConfigurationError` that names the file, the setting and the rule."""
    try:
        with path.open("rb") as file:
            data = read_within(file, SETUP_SIZE_MAX)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None
    except TooLarge as error:
        raise ConfigurationError(f"{path}: {error.rule}") from None
    try:
        return checked(SetupFile, tomllib.loads(data.decode()))
    except InvalidValue as error:
        raise ConfigurationError(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or nested too deep
        raise ConfigurationError(f"{path}: {error}") from None


def read_kept(folder: Path) -> Setup:
    """What an earlier call kept in the folder; nothing when there was none."""
    path = folder / KEPT
    return read_setup(path) if path.exists() else Setup()


def keep(folder: Path, setup: Setup) -> None:
    """Keep it for later calls, as a whole or not at all; :class:`StorageError` when it cannot be written."""
    path, new = folder / KEPT, folder / f"{KEPT}.new"
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(as_toml(setup))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error


def as_toml(setup: Setup) -> str:
    """The settings as a file; the address without what it may bring along, for a token is kept in the memory only."""
    said = _said(setup)
    cashier: Cashier | None = said.pop("cashier", None)
    if setup.operator is not None:
        said["operator"] = parse_address(setup.operator).base_url
    lines = ["# Written by mock-ofd kkt: what the fiscal memory does not hold. An option or --profile changes it."]
    lines += [f"{name} = {_toml(value)}" for name, value in said.items()]
    if cashier is not None:
        lines += ["", "[cashier]", f"code = {cashier.code}", f"name = {_toml(cashier.name)}"]
    return "\n".join(lines) + "\n"


def _toml(value: str | float) -> str:
    """A basic string of TOML is one of JSON, but for DEL, which JSON does not escape."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def doubts(profile: RegisterProfile) -> list[str]:
    """What looks wrong with the numbers of a register: worth a warning only, since a test may need exactly that."""
    payer = profile.taxpayer.tax_id
    if profile.country is Country.RU:
        problems = {"tax_id": check_inn(payer)}
    else:
        # A person's number passes as a company's, but for its date.
        problems = {"tax_id": check_iin(payer) and check_bin(payer), "rnm": check_rnm_kz(profile.rnm)}
    return [f"{name}: {problem.text}" for name, problem in problems.items() if problem is not None]
