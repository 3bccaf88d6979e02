"""What differs between two answers, by the names of their fields.

The rule: an answer is compared as it is told, not byte by byte; fields that say when, or that follow from the operator's
keys, are compared on request only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fiscal.protocols.transcript import Told


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its path, what was recorded, and what came now; ``None`` where there is nothing."""

    field: str
    recorded: Any
    came: Any


def differences(recorded: Told, came: Told, ignored: frozenset[str]) -> list[Difference]:
    """Every field that differs, but for those of these names, wherever they stand."""
    if recorded.what != came.what:
        return [Difference("", recorded.what, came.what)]
    return list(_differing("", recorded.fields, came.fields, ignored))


def _differing(path: str, recorded: Any, came: Any, ignored: frozenset[str]) -> Iterator[Difference]:
    if isinstance(recorded, Mapping) and isinstance(came, Mapping):
        for name in dict.fromkeys((*recorded, *came)):
            if name not in ignored:
                inner = f"{path}.{name}" if path else name
                yield from _differing(inner, recorded.get(name), came.get(name), ignored)
    elif isinstance(recorded, list) and isinstance(came, list):
        for place in range(max(len(recorded), len(came))):
            yield from _differing(f"{path}[{place}]", _at(recorded, place), _at(came, place), ignored)
    elif recorded != came:
        yield Difference(path, recorded, came)


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else None
