"""An ordinary sale, read from its bytes: what nearly every ticket is.

The rule: :func:`glance` gives what :func:`~fiscal.protocols.kz.messages.parse_request`,
:func:`~fiscal.protocols.kz.tickets.receipt_of`, :func:`~fiscal.protocols.kz.checks.sums_finding` and
:func:`~fiscal.protocols.kz.checks.warnings_of` would give for the same body, or ``None`` for everything that is faulty or
rare. So every fault has its words in one place, and this file has none.

The reason: a message of protobuf costs what it is made of, 0.05 to 0.2 us for each field that anybody asks for and as
much again to see that none is missing, out of range or no text; a ticket of three items has a hundred. But nearly all of
its parts came before: goods, cashier, taxes, the description of the register. So a body is cut into its parts, and a part
is looked up by its bytes. What differs from ticket to ticket, its sums, is read from the bytes.

A writer of protobuf writes fields in the order of their numbers; a body in any other order is right, and not for here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Raw, Struct
from msgspec.msgpack import Encoder

from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.domain.money import MINOR_PER_MAJOR, line_sum
from fiscal.domain.receipt import Cashier, Item, Operation, Payment, Receipt, TradeDomain
from fiscal.protocols.content import encode_part
from fiscal.protocols.kz.checks import NO_DOMAIN, NO_SERVICE, legal_rates_at, reg_info_findings
from fiscal.protocols.kz.codes import ItemType, PaymentType
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.messages import request_type
from fiscal.protocols.kz.reading import Time, cashier_of, instant_at, time_of
from fiscal.protocols.kz.rules import Finding, Unfit
from fiscal.protocols.kz.tickets import DOMAINS, PAYMENTS, item_of
from fiscal.time import Instant

if TYPE_CHECKING:
    from fiscal.protocols.kz.soundness import Reader

LINES_KEPT: Final = 8_192
"""Lines of goods that were read lately, kept as they were read: registers sell the same goods at the same prices all
day, and to look up what 100 bytes mean takes a hundredth of the time of reading them."""
PART_SIZE_MAX: Final = 512
"""Bytes of a line that is kept, and of any other part: all of them together stay within a few megabytes."""
PARTS_KEPT: Final = 4_096
"""Cashiers, and descriptions of registers, that are kept likewise: a few for each register."""
TIMES_KEPT: Final = 8_192
"""Moments that are kept likewise: many registers have the same second, and each may name it three times."""
LINES_MAX: Final = 15
"""Lines of such a sale; a longer one is rare, and reading it takes long either way."""

_V203: Final = 203
_SELL: Final = Operation.SELL
_TRADING: Final = TradeDomain.TRADING
_CASH: Final = int(PaymentType.CASH)
_COMMODITY: Final = int(ItemType.COMMODITY)
_COINS_MAX: Final = MINOR_PER_MAJOR - 1
_MORE: Final = 0x80
"""The bit of a byte that has others of its number behind it."""
_BITS: Final = 7
_UINT32_MAX: Final = 2**31 - 1
"""As of :mod:`~fiscal.protocols.kz.soundness`, which is not loaded before it is needed."""

# How the fields begin that are looked at here: number and wire type in a byte.
_TICKET: Final = b"\x08\x01\x12"
"""The command, and the block of a ticket."""
_SALE: Final = b"\x08\x02\x12"
"""The operation, and the time of a ticket."""
_CASHIER, _DOMAIN, _ITEM, _PAYMENT, _AMOUNTS = 0x1A, 0x22, 0x2A, 0x32, 0x42
_SIGN, _SHIFT, _SHIFT_PLACE, _PRINTED = 0x50, 0x70, 0x78, 0x80
"""``_PRINTED`` goes on with a byte 1, as its number is beyond 15."""
_SERVICE: Final = 0x32
_SECURITY, _PERIOD = 0x1A, 0x22
_NOTHING_WANTED: Final = b"\x38\x00\x62"
"""get_reg_info, false, and the reg_info of the register itself."""
_KIND, _BILLS, _COINS = 0x08, 0x08, 0x10
_FIRST, _SECOND, _THIRD = 0x0A, 0x12, 0x1A


class Line(NamedTuple):
    """A line of goods without a discount, whose sum is right: the same also as a part of a content."""

    item: Item
    written: bytes
    rates: frozenset[int]


class Glanced(Struct, frozen=True, gc=False):
    """A sale without a fault. ``sign`` is that of an autonomous one, ``shift`` the one that it names, or 0; ``findings``
    are warnings, ``period`` is when the register was alone.
    """

    issued: Time
    cashier: Cashier
    domain: TradeDomain
    lines: Sequence[Line]
    payment: Payment
    taken: int | None
    change: int | None
    sign: int | None
    shift: int
    findings: tuple[Finding, ...]
    period: tuple[Time, Time] | None

    def receipt(self, given: Given) -> tuple[Receipt, bytes] | None:
        """The receipt, and the same as a content; ``None`` when its time or its taxes need a closer look."""
        issued_at = moment(self.issued, given.zone)
        if issued_at is None:
            return None
        known = legal_rates_at(issued_at, given.zone)
        lines = self.lines
        for line in lines:
            if not line.rates <= known:
                return None
        next_id, number, shift, _, _ = given
        payments = (self.payment,)
        cashier, total, taken, change, domain = self.cashier, self.payment.sum, self.taken, self.change, self.domain
        receipt = Receipt(
            id=next_id,
            number=number,
            shift=shift,
            issued_at=issued_at,
            cashier=cashier,
            operation=_SELL,
            items=tuple([line.item for line in lines]),
            payments=payments,
            total=total,
            taken=taken,
            change=change,
            domain=domain,
        )
        items = Raw(_ARRAYS[len(lines)] + b"".join([line.written for line in lines]))
        written = _Written(
            next_id, number, shift, issued_at, cashier, _SELL, items, payments, total, taken, change, domain
        )
        return receipt, _encode(written)


class _Written(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind", tag="receipt"):
    """A receipt of which the lines are written already; the fields in the order of the class."""

    id: bytes
    number: int
    shift: int
    issued_at: int
    cashier: Cashier
    operation: Operation
    items: Raw
    payments: tuple[Payment, ...]
    total: int
    taken: int | None = None
    change: int | None = None
    domain: TradeDomain = TradeDomain.TRADING


_encode: Final = Encoder().encode
_ARRAYS: Final = tuple(bytes((0x90 | size,)) for size in range(LINES_MAX + 1))
"""How an array of so many begins in msgpack."""


class _Rare(Exception):
    """It has to be looked at closely; never leaves this module."""


def glance(version: int, body: bytes) -> Glanced | None:
    """The sale in the body of a frame of a version that is served; ``None``: look closer. Raises nothing."""
    try:
        return _sale(version, body)
    except (_Rare, Unfit, IndexError):  # what is cut off has no next byte
        return None


@lru_cache(maxsize=TIMES_KEPT)
def moment(time: Time, zone: str) -> Instant | None:
    """When this was in a zone; ``None`` when it is no time of the calendar."""
    try:
        return instant_at(*time, zone)
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------------------------------------------------- the message


def _sale(version: int, body: bytes) -> Glanced:
    """Field after field; each begins where the one before it ends, and the last one ends with the body."""
    if body[:3] != _TICKET:
        raise _Rare
    at, end = _part(body, 3)
    if body[at : at + 3] != _SALE:
        raise _Rare
    begin, at = _part(body, at + 3)
    issued = _time(body[begin:at], version)
    if body[at] != _CASHIER:
        raise _Rare
    begin, at = _part(body, at + 1)
    cashier = _cashier(body[begin:at], version)
    findings: tuple[Finding, ...] = ()
    domain = _TRADING
    if body[at] == _DOMAIN:
        begin, at = _part(body, at + 1)
        domain = _domain(body[begin:at], version)
    elif version >= _V203:
        findings = (NO_DOMAIN,)
    lines: list[Line] = []
    goods = 0
    while body[at] == _ITEM:
        begin, at = _part(body, at + 1)
        line = _line(body[begin:at], version)
        lines.append(line)
        goods += line.item.sum
    if not 0 < len(lines) <= LINES_MAX or body[at] != _PAYMENT:
        raise _Rare
    begin, at = _part(body, at + 1)
    kind = body[begin + 1]
    if body[begin] != _KIND or kind not in PAYMENTS or body[begin + 2] != _SECOND:
        raise _Rare
    total, to = _money(body, begin + 3)
    if to != at or total != goods or body[at] != _AMOUNTS:
        raise _Rare
    begin, at = _part(body, at + 1)
    taken, change = _amounts(body, begin, at, total, kind == _CASH)
    sign, shift = (None, 0) if at == end else _rest(body, at, end)
    period = None
    if end == len(body):
        findings = (NO_SERVICE, *findings)
    else:
        of_service, period = _service(body, end, version)
        findings = of_service + findings
    payment = Payment(kind=PAYMENTS[kind], sum=total)
    return Glanced(issued, cashier, domain, lines, payment, taken, change, sign, shift, findings, period)


def _amounts(body: bytes, begin: int, end: int, total: int, cash: bool) -> tuple[int | None, int | None]:
    """What was taken and given back for a sale of this total, which has to say the same."""
    if body[begin] != _FIRST:
        raise _Rare
    said, at = _money(body, begin + 1)
    taken = change = None
    if cash:
        if body[at] != _SECOND:
            raise _Rare
        taken, at = _money(body, at + 1)
        if body[at] != _THIRD:
            raise _Rare
        change, at = _money(body, at + 1)
        if taken - change != total:
            raise _Rare
    if said != total or at != end:
        raise _Rare
    return taken, change


def _rest(body: bytes, at: int, end: int) -> tuple[int | None, int]:
    """The autonomous sign and the shift, of the fields that a ticket may end with."""
    sign: int | None = None
    shift = 0
    before = 0
    while at < end:
        tag = body[at]
        if tag < before:
            raise _Rare
        before = tag + 1
        at += 1
        if tag == _SIGN:
            sign, at = _number(body, at)
            if not 0 < sign <= AUTONOMOUS_SIGN_MAX:
                raise _Rare
        elif tag == _SHIFT:
            shift, at = _number(body, at)
        elif tag == _SHIFT_PLACE:
            _, at = _number(body, at)
        elif tag == _PRINTED and body[at] == 1:
            _, at = _number(body, at + 1)
        else:
            raise _Rare
    if at > end:
        raise _Rare
    return sign, shift


def _service(body: bytes, at: int, version: int) -> tuple[tuple[Finding, ...], tuple[Time, Time] | None]:
    """Warnings of a service block that asks for nothing, and when the register was alone."""
    if body[at] != _SERVICE:
        raise _Rare
    at, end = _part(body, at + 1)
    if end != len(body) or body[at] != _SECURITY:
        raise _Rare
    begin, at = _part(body, at + 1)
    _look_at_security(body[begin:at], version)
    if body[at] != _PERIOD:
        raise _Rare
    begin, at = _part(body, at + 1)
    period = _period(body[begin:at], version)
    if body[at : at + 3] != _NOTHING_WANTED:
        raise _Rare
    begin, at = _part(body, at + 3)
    if at != end:
        raise _Rare
    return _reg_info(body[begin:at], version), period


# --------------------------------------------------------------------------------------------------- numbers and sizes


def _part(body: bytes, at: int) -> tuple[int, int]:
    """Where the part begins and ends whose size stands here."""
    size = body[at]
    if size < _MORE:
        return at + 1, at + 1 + size
    more = body[at + 1]
    if more < _MORE:
        at += 2
        return at, at + size - _MORE + (more << _BITS)
    size, at = _number(body, at)
    return at, at + size


def _number(body: bytes, at: int) -> tuple[int, int]:
    """The number that stands here, and where it ends; no larger one than a uint32 may be."""
    number = place = 0
    while True:
        byte = body[at]
        at += 1
        if byte < _MORE:
            number |= byte << place
            if number > _UINT32_MAX:
                raise _Rare
            return number, at
        number |= (byte - _MORE) << place
        place += _BITS
        if place > 4 * _BITS:
            raise _Rare


def _money(body: bytes, at: int) -> tuple[int, int]:
    """The Money whose size stands here, in minor units, and where it ends."""
    end = at + 1 + body[at]
    if body[at + 1] != _BILLS:
        raise _Rare
    bills = body[at + 2]
    at += 3
    if bills >= _MORE:
        more = body[at]
        if more < _MORE:  # two bytes, as _number() does it
            bills += (more << _BITS) - _MORE
            at += 1
        else:
            bills, at = _number(body, at - 1)
    coins = body[at + 1]
    if body[at] != _COINS or coins > _COINS_MAX or at + 2 != end:
        raise _Rare
    return bills * MINOR_PER_MAJOR + coins, end


# ------------------------------------------------------------------------------------- parts that are known by their bytes


class _Readers(NamedTuple):
    """Who reads the parts of the messages of a version, and finds every fault in them."""

    item: Reader[Any]
    cashier: Reader[Any]
    domain: Reader[Any]
    time: Reader[Any]
    security: Reader[Any]
    period: Reader[Any]
    reg_info: Reader[Any]


@cache
def _readers(version: int) -> _Readers:
    from fiscal.protocols.kz.soundness import Reader  # noqa: PLC0415 - loads protobuf, see messages

    request: Any = request_type(version)()
    ticket, service = request.ticket, request.service
    types = (
        type(ticket).Item,
        type(ticket.operator),
        type(ticket.domain),
        type(ticket.date_time),
        type(service.security_stats),
        type(service.offline_period),
        type(service.reg_info),
    )
    return _Readers(*map(Reader, types))


def _read(reader: Reader[Any], data: bytes) -> Any:
    """The part in these bytes, when it is right and short enough to be kept."""
    message = reader.read(data)
    if isinstance(message, tuple) or len(data) > PART_SIZE_MAX:
        raise _Rare
    return message


@lru_cache(maxsize=LINES_KEPT)
def _line(data: bytes, version: int) -> Line:
    row = _read(_readers(version).item, data)
    if row.type != _COMMODITY:
        raise _Rare
    item = item_of(row, version)
    if item.sum != line_sum(item.price, item.quantity) or not all(tax.inside for tax in item.taxes):
        raise _Rare
    return Line(item, encode_part(item), frozenset(tax.rate for tax in item.taxes))


@lru_cache(maxsize=PARTS_KEPT)
def _cashier(data: bytes, version: int) -> Cashier:
    return cashier_of(_read(_readers(version).cashier, data), "operator")


@lru_cache(maxsize=PARTS_KEPT)
def _domain(data: bytes, version: int) -> TradeDomain:
    domain = _read(_readers(version).domain, data)
    if not domain.HasField("type"):
        raise _Rare
    return DOMAINS[domain.type]


@lru_cache(maxsize=TIMES_KEPT)
def _time(data: bytes, version: int) -> Time:
    return time_of(_read(_readers(version).time, data))


@lru_cache(maxsize=PARTS_KEPT)
def _look_at_security(data: bytes, version: int) -> None:
    stats = _read(_readers(version).security, data)
    if version >= _V203 and not stats.geo_position.source:
        raise _Rare


@lru_cache(maxsize=PARTS_KEPT)
def _period(data: bytes, version: int) -> tuple[Time, Time]:
    period = _read(_readers(version).period, data)
    return time_of(period.begin_time), time_of(period.end_time)


@lru_cache(maxsize=PARTS_KEPT)
def _reg_info(data: bytes, version: int) -> tuple[Finding, ...]:
    _read(_readers(version).reg_info, data)
    return reg_info_findings(data, _readers(version).reg_info.type.FromString, version)
