"""What people and programs get to see of the ledger: states and entries as plain maps.

The rule: instants are milliseconds UTC, money is minor units, binary is hexadecimal text, and a name means the same
everywhere. Nothing secret is in a view: of a token not even its digest.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any

from fiscal.protocols.values import as_map


def plain(value: Any) -> Any:
    """A value that JSON does not know: a value of the domain becomes a map, binary becomes text."""
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value):
        return as_map(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
