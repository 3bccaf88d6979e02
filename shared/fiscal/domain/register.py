"""Who a register is: what its owner told the operator once, and what is printed at the head of every receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from annotated_types import MaxLen, Predicate

from fiscal.domain.limits import STRICT, Code, Name
from fiscal.time import is_zone


class Country(StrEnum):
    """Whose rules and whose printed forms a register follows."""

    KZ = "KZ"
    RU = "RU"


class Taxation(StrEnum):
    """Taxation regime of the taxpayer (Kazakhstan protocol 2.0.3: 100 to 103; Russian tag 1055 bits 1, 2, 4, 16, 32)."""

    GENERAL = "general"
    SIMPLIFIED = "simplified"
    SIMPLIFIED_NET = "simplified_net"
    FARM = "farm"
    PATENT = "patent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxpayer:
    """The seller: name and BIN/IIN (Kazakhstan) or INN (Russia)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}

    name: Name
    tax_id: Code
    taxation: Taxation = Taxation.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterProfile:
    """Register as registered with the tax authority; part of no document's digest, printed on every one.

    ``rnm`` is the registration number, ``serial`` the factory number, ``fn_serial`` the fiscal drive (Russia only).
    ``zone`` is the IANA name of the register's local time.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}

    taxpayer: Taxpayer
    place: Name
    rnm: Code
    serial: Code
    country: Country = Country.KZ
    zone: Annotated[Name, Predicate(is_zone)] = "Asia/Almaty"
    fn_serial: Annotated[str, MaxLen(16), STRICT] = ""
