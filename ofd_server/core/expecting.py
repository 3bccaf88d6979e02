"""Whether documents are as a test expects them, and if none is, which one comes closest and where it differs.

The rule: what is expected names some fields, and a document is like it when these fields are; every other field may be
anything. A list has to have the same length, its places are compared one by one. Where a value stands there may also
stand a test of it: a function that says yes or no, a regular expression, a set of allowed values, or ``...`` for
anything that is there. Fields may be named by their path, as in ``{"payments[0].sum": 45000}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any, Final, get_type_hints

from msgspec.structs import fields as fields_of

from fiscal.domain.document import TYPE_OF
from fiscal.errors import InvalidValue
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.views import DocumentSummary, document_summary, plain_map

MISSES_SHOWN: Final = 3
"""Documents that an explanation shows: who has to look at more of them looks at all."""
DIFFERENCES_SHOWN: Final = 3
"""Differences of one document that it shows."""
_WEIGHTS: Final[Mapping[str, int]] = {"kind": 4, "register": 3, "operation": 2}
"""A receipt with another sum is closer to a receipt than a deposit with the same sum."""
_PATH: Final = re.compile(r"[^.\[\]]+|\[\d+\]")


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()
"""Stands for a field that a document does not have."""

KNOWN: Final = (
    frozenset(get_type_hints(DocumentSummary))
    | {field.name for kind in TYPE_OF.values() for field in fields_of(kind)}
    | {"digest"}
)
"""Every field that a document of some kind has."""


def fields(seq: int, register_id: str, entry: DocumentRecorded) -> dict[str, Any]:
    """A document as it is compared: its content, and what the ledger holds beside it, under one roof."""
    return {
        **plain_map(entry.document),
        **document_summary(seq, register_id, entry),
        "id": entry.document.id.hex(),
        "digest": entry.digest.hex(),
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as expected."""

    path: str
    found: Any
    expected: Any

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.found)}, expected {_shown(self.expected)}"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A document that is not as expected; ``place`` is its place among those that were looked at."""

    place: int
    differences: tuple[Difference, ...]

    @property
    def distance(self) -> int:
        """How far it is off."""
        return sum(_WEIGHTS.get(difference.path, 1) for difference in self.differences)


@dataclass(frozen=True, slots=True)
class Match:
    """What a look at documents gave: the places of those that are as expected, and the others, the closest first."""

    expected: Mapping[str, Any]
    matched: tuple[int, ...]
    misses: tuple[NearMiss, ...]


def check_expected(expected: Mapping[str, Any]) -> None:
    """:class:`InvalidValue` for a field that no document ever has, before anybody waits for it."""
    for path in expected:
        name = next(iter(_PATH.findall(path)), "")
        if name not in KNOWN:
            close = get_close_matches(name, KNOWN, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"they have {', '.join(sorted(KNOWN))}"
            raise InvalidValue(path, f"documents have no field {name!r}; {hint}", "unknown_field")


class Matching:
    """A look at documents, one after another; who has many of them does something else in between.

    :class:`InvalidValue` as in :func:`check_expected`.
    """

    def __init__(self, expected: Mapping[str, Any]) -> None:
        check_expected(expected)
        self._expected = expected
        self._matched: list[int] = []
        self._misses: dict[int, list[NearMiss]] = {}
        self._count = 0

    def take(self, document: Mapping[str, Any]) -> None:
        """The next document."""
        found = tuple(_differences("", document, self._expected))
        if found:
            miss = NearMiss(self._count, found)
            self._misses.setdefault(miss.distance, []).append(miss)
        else:
            self._matched.append(self._count)
        self._count += 1

    def result(self) -> Match:
        """What it gave; of two misses that are equally close the later one comes first."""
        misses = chain.from_iterable(reversed(self._misses[distance]) for distance in sorted(self._misses))
        return Match(self._expected, tuple(self._matched), tuple(misses))


def match(expected: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> Match:
    """Look at these documents. :class:`InvalidValue` as in :func:`check_expected`."""
    matching = Matching(expected)
    for document in documents:
        matching.take(document)
    return matching.result()


def explain(result: Match, names: Sequence[object], wanted: str, *, too_many: bool = False) -> str:
    """The outcome for people. ``names`` are what the documents are called, ``wanted`` how many were expected.

    When there are ``too_many`` already, nobody asks which one came close.
    """
    count, matched = len(names), len(result.matched)
    what = ", ".join(f"{path}={_shown(value)}" for path, value in result.expected.items()) or "anything"
    if matched:
        lines = [f"{_count(matched)} {'is' if matched == 1 else 'are'} like {what}; expected {wanted}"]
        lines += [f"  {names[place]}" for place in result.matched[:MISSES_SHOWN]]
        if matched > MISSES_SHOWN:
            lines.append(f"  and {matched - MISSES_SHOWN} more")
    else:
        lines = [f"no document is like {what}; expected {wanted}"]
    if not count:
        return "\n".join((*lines, "no document came"))
    if result.misses and not too_many:
        closest = result.misses[0]
        lines.append(f"{_count(count)} came; the closest differs in {_told(closest)}")
        lines += [f"  {names[miss.place]}: {_told(miss)}" for miss in result.misses[:MISSES_SHOWN]]
        if len(result.misses) > MISSES_SHOWN:
            lines.append(f"  and {len(result.misses) - MISSES_SHOWN} more")
    return "\n".join(lines)


def at(document: Mapping[str, Any], path: str) -> Any:
    """What stands at a path such as ``payments[0].sum``; :data:`MISSING` where there is nothing."""
    value: Any = document
    for step in _PATH.findall(path):
        if step.startswith("["):
            place = int(step[1:-1])
            value = value[place] if isinstance(value, list) and place < len(value) else MISSING
        else:
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def _differences(path: str, found: Any, expected: Any) -> Iterator[Difference]:
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            yield Difference(path, found, expected)
            return
        for name, value in expected.items():
            yield from _differences(f"{path}.{name}" if path else name, at(found, name), value)
    elif isinstance(expected, list | tuple):
        if not isinstance(found, list):
            yield Difference(path, found, list(expected))
        elif len(found) != len(expected):
            yield Difference(path, _Words(f"{len(found)} of them"), _Words(str(len(expected))))
        else:
            for place, value in enumerate(expected):
                yield from _differences(f"{path}[{place}]", found[place], value)
    elif not _is_like(found, expected):
        yield Difference(path, found, expected)


def _is_like(found: Any, expected: Any) -> bool:
    if found is MISSING:
        return False
    match expected:
        case re.Pattern():
            return isinstance(found, str) and expected.search(found) is not None
        case AbstractSet():
            return any(_is_like(found, each) for each in expected)
        case bytes():
            return bool(found == expected.hex())
        case bool() | int():
            return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)
    if expected is ...:
        return found is not None
    if callable(expected):
        return bool(expected(found))
    return bool(found == expected)


class _Words(str):
    """Shown as it is, without quotes."""

    __slots__ = ()


def _shown(value: Any) -> str:
    match value:
        case _Words():
            return str(value)
        case str():
            return repr(str(value))  # an enum as its word
        case re.Pattern():
            return f"like /{value.pattern}/"
        case AbstractSet():
            return "one of " + ", ".join(sorted(map(_shown, value)))
    if value is ...:
        return "anything"
    if callable(value):
        return f"what {_name(value)} takes"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line


def _name(test: Callable[..., Any]) -> str:
    return getattr(test, "__qualname__", repr(test))


def _told(miss: NearMiss) -> str:
    shown = "; ".join(map(str, miss.differences[:DIFFERENCES_SHOWN]))
    more = len(miss.differences) - DIFFERENCES_SHOWN
    return shown + (f", and in {more} more" if more > 0 else "")


def _count(count: int) -> str:
    return f"{count} document{'' if count == 1 else 's'}"
