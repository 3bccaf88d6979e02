"""The blocks that requests are written from, as plain values for the classes of either version.

The rule: a block has what the official text demands and no more; what a dialogue is about, it adds by name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fiscal.protocols.kz.codes import Command, ItemType, MoneyPlacementType, OperationType, PaymentType, ReportType

Fields = dict[str, Any]
CASHIER: Final = {"code": 1, "name": "Алия"}
VAT_2026: Final = 16_000
"""Percent of VAT in thousandths, since 2026."""
PARENT: Final = "1234567890"
OWNER_BIN: Final = "180340008219"


def money(tiyn: int) -> Fields:
    return {"bills": tiyn // 100, "coins": tiyn % 100}


def local(at: datetime) -> Fields:
    date = {"year": at.year, "month": at.month, "day": at.day}
    return {"date": date, "time": {"hour": at.hour, "minute": at.minute, "second": at.second}}


def goods(tiyn: int, quantity: int = 1000, name: str = "Хлеб", **more: Any) -> Fields:
    """An item of so many tiyn each."""
    block = {"name": name, "section_code": "1", "quantity": quantity, "price": money(tiyn)}
    sum_ = money(tiyn * quantity // 1000)
    return {"type": ItemType.COMMODITY, "commodity": block | {"sum": sum_, "measure_unit_code": "796"} | more}


def modifier(kind: ItemType, tiyn: int, name: str = "Скидка") -> Fields:
    return {"type": kind, kind.name.lower(): {"name": name, "sum": money(tiyn)}}


def cash(tiyn: int) -> list[Fields]:
    return [{"type": PaymentType.CASH, "sum": money(tiyn)}]


def vat(tiyn: int, percent: int = VAT_2026) -> list[Fields]:
    tax = {"tax_type": 100, "taxation_type": 101, "percent": percent, "sum": money(tiyn), "is_in_total_sum": True}
    return [tax]


def ticket(
    at: datetime,
    tiyn: int = 500_00,
    operation: OperationType = OperationType.SELL,
    *,
    items: list[Fields] | None = None,
    payments: list[Fields] | None = None,
    amounts: Fields | None = None,
    service: Fields | None = None,
    **more: Any,
) -> Fields:
    """A ticket of one item for cash, unless something else is said."""
    paid = cash(tiyn) if payments is None else payments
    taken = {"taken": money(tiyn), "change": money(0)} if paid and paid[0]["type"] == PaymentType.CASH else {}
    block = {
        "operation": operation,
        "date_time": local(at),
        "operator": CASHIER,
        "items": [goods(tiyn)] if items is None else items,
        "payments": paid,
        "amounts": {"total": money(tiyn)} | (taken if amounts is None else amounts),
    }
    return {"command": Command.TICKET, "ticket": block | more} | ({"service": service} if service else {})


def parent(at: datetime, tiyn: int, number: str = PARENT) -> Fields:
    """What a return says of its sale, from 2.0.3 on."""
    return {
        "parent_ticket": {
            "parent_ticket_number": number,
            "parent_ticket_data_time": local(at),
            "kgd_kkm_id": "010100100500",
            "parent_ticket_total": money(tiyn),
            "parent_ticket_is_offline": False,
        }
    }


def placement(at: datetime, kind: MoneyPlacementType, tiyn: int, **more: Any) -> Fields:
    block = {"datetime": local(at), "operation": kind, "sum": money(tiyn), "operator": CASHIER}
    return {"command": Command.MONEY_PLACEMENT, "money_placement": block | more}


def deposit(at: datetime, tiyn: int = 1_000_00, **more: Any) -> Fields:
    return placement(at, MoneyPlacementType.DEPOSIT, tiyn, **more)


def withdrawal(at: datetime, tiyn: int, **more: Any) -> Fields:
    return placement(at, MoneyPlacementType.WITHDRAWAL, tiyn, **more)


def close_shift(at: datetime, **more: Any) -> Fields:
    block = {"close_time": local(at), "operator": CASHIER}
    return {"command": Command.CLOSE_SHIFT, "close_shift": block | more}


def report(at: datetime, kind: ReportType) -> Fields:
    return {"command": Command.REPORT, "report": {"report": kind, "date_time": local(at)}}


def nomenclature(**given: Any) -> Fields:
    return {"command": Command.NOMENCLATURE, "nomenclature": given}


def auth(login: str, password: str) -> Fields:
    return {"command": Command.AUTH, "auth": {"login": login, "password": password}}


SYSTEM: Final[Fields] = {"command": Command.SYSTEM}
INFO: Final[Fields] = {"command": Command.INFO}


def period(begin: datetime, end: datetime) -> Fields:
    return {"begin_time": local(begin), "end_time": local(end)}


def service(begin: datetime, end: datetime, version: int = 203, device: int = 100500, **more: Any) -> Fields:
    """The service block with everything that the strictest public validator wants."""
    org = {"title": "ТОО «Нива»", "address": "Алматы, Абая 1", "inn": OWNER_BIN, "okved": "47111", "taxation_type": 101}
    position: Fields = {"latitude": 43_238_949, "longitude": 76_889_709}
    if version >= 203:
        org["address_kz"] = "Алматы, Абай 1"
        position["source"] = "CELL"
    kkm = {"fns_kkm_id": "010100100500", "serial_number": "SWK00000001", "kkm_id": str(device)}
    return {
        "get_reg_info": True,
        "offline_period": period(begin, end),
        "security_stats": {"geo_position": position},
        "reg_info": {"kkm": kkm, "org": org},
    } | more


def row(path: str, kind: int) -> str:
    """The row of an operation in a list of the report: lists have one row for each value, in the order of values."""
    return f"report.zx_report.{path}[{kind}]"
