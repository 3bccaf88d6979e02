"""What stands beside a command: who the register is, how long it was alone, and what the operator tells it.

The rule: what a profile does not hold is written as the plainest value that the other side's checks accept, and read
over: catalogue numbers, the number and terminal of the point of payment, OKED, addresses in Kazakh, positions. A profile
that a message brings is completed, field by field, from the generated one of the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fiscal.domain.identifiers import bin_with_check
from fiscal.domain.limits import CODE_MAX, NAME_MAX
from fiscal.domain.register import Country, RegisterProfile, Taxation, Taxpayer
from fiscal.errors import InvalidValue
from fiscal.protocols.kz.codes import AdType, TaxationType, TaxType
from fiscal.protocols.kz.reading import instant_of
from fiscal.protocols.kz.rules import Unfit
from fiscal.protocols.kz.writing import Fields, date_time_fields
from fiscal.time import Instant

_V203: Final = 203
OKED: Final = "47190"
"""Trade in shops that sell everything: a profile knows no OKED."""
_POINT: Final = "1"
_POSITION: Final[Fields] = {"latitude": 0, "longitude": 0}
_SOURCE: Final = "NONE"
"""A register of ours does not know where it stands and says so."""

TAXATIONS: Final[Mapping[Taxation, int]] = {
    Taxation.GENERAL: int(TaxationType.RTS),
    Taxation.SIMPLIFIED: int(TaxationType.STS),
    Taxation.SIMPLIFIED_NET: int(TaxationType.STS),
    Taxation.FARM: int(TaxationType.TRFF),
    Taxation.PATENT: int(TaxationType.TRBP),
}
"""Taxation regimes by their number; the simplified regime on net income is Russian and written as the simplified one."""
_REGIMES: Final[Mapping[int, Taxation]] = {
    int(TaxationType.RTS): Taxation.GENERAL,
    int(TaxationType.STS): Taxation.SIMPLIFIED,
    int(TaxationType.TRFF): Taxation.FARM,
    int(TaxationType.TRBP): Taxation.PATENT,
}


# ------------------------------------------------------------------------------------------------------- profiles


def generated_profile(device: int, zone: str) -> RegisterProfile:
    """The profile of a device that says nothing of itself: always the same for the same id, every number well-formed."""
    body = f"240140{device % 10_000:04d}"
    try:
        tax_id = bin_with_check(body + "0")
    except InvalidValue:  # such a number is never issued; one that differs in the last digit is
        tax_id = bin_with_check(body + "1")
    return RegisterProfile(
        taxpayer=Taxpayer(name=f"ТОО «Касса {device}»", tax_id=tax_id),
        place="Алматы",
        rnm=f"0101{device % 100_000_000:08d}",
        serial=f"MOCK{device:010d}",
        zone=zone,
    )


def profile_of(reg_info: Any, device: int, zone: str) -> RegisterProfile:
    """The profile in the RegInfo of a request or a response; what it leaves out is generated. Raises nothing."""
    made = generated_profile(device, zone)
    kkm, org = reg_info.kkm, reg_info.org
    regime = _REGIMES.get(org.taxation_type, Taxation.GENERAL)
    return RegisterProfile(
        taxpayer=Taxpayer(
            name=org.title[:NAME_MAX] or made.taxpayer.name,
            tax_id=org.inn[:CODE_MAX] or made.taxpayer.tax_id,
            taxation=regime,
        ),
        place=org.address[:NAME_MAX] or made.place,
        rnm=kkm.fns_kkm_id[:CODE_MAX] or made.rnm,
        serial=kkm.serial_number[:CODE_MAX] or made.serial,
        country=Country.KZ,
        zone=zone,
    )


def _kkm(profile: RegisterProfile, device: int) -> Fields:
    return {
        "point_of_payment_number": _POINT,
        "terminal_number": _POINT,
        "fns_kkm_id": profile.rnm,
        "serial_number": profile.serial,
        "kkm_id": str(device),
    }


def _org(profile: RegisterProfile, version: int) -> Fields:
    fields: Fields = {
        "title": profile.taxpayer.name,
        "address": profile.place,
        "inn": profile.taxpayer.tax_id,
        "taxation_type": TAXATIONS[profile.taxpayer.taxation],
        "okved": OKED,
    }
    if version >= _V203:
        fields["address_kz"] = profile.place
    return fields


def request_reg_info(profile: RegisterProfile, device: int, version: int) -> Fields:
    """The reg_info of a ServiceRequest."""
    return {"kkm": _kkm(profile, device), "org": _org(profile, version)}


def response_reg_info(profile: RegisterProfile, device: int, version: int) -> Fields:
    """The reg_info of a ServiceResponse, which also has the point of sale."""
    pos: Fields = {"title": profile.taxpayer.name, "address": profile.place}
    if version >= _V203:
        pos |= {"address_kz": profile.place, **_POSITION}
    return {"kkm": _kkm(profile, device), "pos": pos, "org": _org(profile, version)}


# -------------------------------------------------------------------------------------------------------- requests


def service_request_fields(
    profile: RegisterProfile,
    device: int,
    version: int,
    now: Instant,
    period: tuple[Instant, Instant] | None = None,
    get_reg_info: bool = False,
) -> Fields:
    """The ServiceRequest of a register: ``period`` is how long it was without the operator, ``None`` for not at all.

    A register that was not writes a period of no length, at ``now``.
    """
    begin, end = period or (now, now)
    position = {**_POSITION, "source": _SOURCE} if version >= _V203 else _POSITION
    return {
        "security_stats": {"geo_position": position},
        "offline_period": {
            "begin_time": date_time_fields(begin, profile.zone),
            "end_time": date_time_fields(end, profile.zone),
        },
        "get_reg_info": get_reg_info,
        "reg_info": request_reg_info(profile, device, version),
    }


def offline_period_of(service: Any, zone: str) -> tuple[Instant, Instant] | None:
    """Begin and end of the time without the operator that a ServiceRequest tells of; ``None`` when there was none.

    Registers that were never without it send a period of no length, or of dates that are none; one that ends before it
    begins is none either.
    """
    if not service.HasField("offline_period"):
        return None
    period = service.offline_period
    try:
        begin = instant_of(period.begin_time, zone, "begin_time")
        end = instant_of(period.end_time, zone, "end_time")
    except Unfit:
        return None
    return (begin, end) if begin < end else None


# -------------------------------------------------------------------------------------------------------- responses


def ad(kind: AdType, text: str, version: int = 1) -> Fields:
    """A TicketAd; a blocked register shows the one of the kind INFO."""
    return {"info": {"type": int(kind), "version": version}, "text": text}


def ad_text(service: Any, kind: AdType = AdType.INFO) -> str | None:
    """The last text of this kind in a ServiceResponse."""
    found = None
    for row in service.ticket_ads:
        if row.info.type == kind:
            found = row.text
    return found


def binded_taxation(profile: RegisterProfile, rates: Iterable[int]) -> Fields:
    """The BindedTaxation of the taxpayer: its regime, and the rates of VAT that the law knows."""
    return {
        "taxation_type": TAXATIONS[profile.taxpayer.taxation],
        "taxes": [{"tax_type": TaxType.VAT.value, "percent": rate} for rate in sorted(rates)],
    }


def last_document(shift: int, number: int) -> Fields:
    """The LastDocumentInfo: the shift and the number of the last document that was accepted."""
    return {"fr_shift_number": shift, "printed_document_number": number}
