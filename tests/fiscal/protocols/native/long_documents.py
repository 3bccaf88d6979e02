"""The longest documents that a shop makes."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from fiscal.domain.limits import ITEMS_MAX
from fiscal.domain.receipt import Receipt
from tests.fiscal.protocols.samples import RECEIPT

_ITEM = replace(RECEIPT.items[0], name="Хлеб бородинский нарезной 350 г", barcode="4870000000017")

PLAIN: Final[Receipt] = replace(RECEIPT, items=(_ITEM,) * ITEMS_MAX)
MARKED: Final[Receipt] = replace(RECEIPT, items=(replace(_ITEM, marking_code="m" * 150),) * ITEMS_MAX)
