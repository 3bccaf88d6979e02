"""A cash register: fiscal memory, autonomous mode, and delivery to the operator.

>>> from kkt_client import Basket, CashRegister, Line
>>> async with CashRegister.open("register-1", operator="native://127.0.0.1:7790") as register:
...     receipt = await register.sell([Line(name="Хлеб", price=250_00)], key="order-17")
...     print(receipt.marks, receipt.fiscal_sign)
"""

from kkt_client.app import CashRegister, read_memory, verify_memory
from kkt_client.blocking import BlockingCashRegister
from kkt_client.config import RegisterSettings
from kkt_client.core.basket import Basket, Line
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    MemoryStopped,
    NotEnoughCash,
    NothingToResolve,
    RegisterBlocked,
    RegisterClosed,
    ShiftExpired,
    ShiftNotOpen,
)
from kkt_client.core.receipts import FiscalReceipt, FiscalReport
from kkt_client.core.records import Decision

__all__ = [
    "Basket",
    "BlockingCashRegister",
    "CashRegister",
    "Decision",
    "DocumentRefused",
    "FiscalReceipt",
    "FiscalReport",
    "KeyReused",
    "Line",
    "MemoryStopped",
    "NotEnoughCash",
    "NothingToResolve",
    "RegisterBlocked",
    "RegisterClosed",
    "RegisterSettings",
    "ShiftExpired",
    "ShiftNotOpen",
    "read_memory",
    "verify_memory",
]
