"""Expectations as JSON carries them: what :mod:`ofd_server.core.expecting` compares, written in plain values.

The rule: a plain value expects itself. Where a value stands there may stand a test of it instead, an object with names
that begin with ``$``; a name that nobody knows is refused, because a test that tests nothing is always met.

    {"kind": "receipt", "total": {"$at_least": 10000}, "items[0].name": {"$like": "Bread*"}, "sign": {"$any": true},
     "operation": {"$one_of": ["sell", "sell_return"]}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from fiscal.errors import InvalidValue

PATTERN_MAX: Final = 512
"""Characters of a pattern: a longer one is a mistake, or a way to keep the operator busy."""
TESTS: Final = ("$like", "$one_of", "$any", "$at_least", "$at_most")
"""Every name of a test."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number from ``low`` to ``high``, both included; ``None`` is no bound."""

    low: float | None
    high: float | None

    def __call__(self, found: object) -> bool:
        if not _is_number(found):
            return False
        assert isinstance(found, int | float)
        return (self.low is None or self.low <= found) and (self.high is None or found <= self.high)

    def __repr__(self) -> str:
        return " and ".join(f"{name} {bound}" for name, bound in _bounds(self).items())


class Like:
    """A text of this form: ``*`` stands for any characters or none, ``?`` for any one; the rest stands for itself.

    It costs at most the length of the text times that of the pattern, whatever they are: every part between two stars is
    taken where it is found first, and nothing is tried again.
    """

    __slots__ = ("_begin", "_end", "_end_size", "_middle", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        first, *others = pattern.split("*")
        self._begin = _part(first)
        self._end = _part(others[-1]) if others else None
        self._end_size = len(others[-1]) if others else 0
        self._middle = tuple(_part(part) for part in others[:-1] if part)

    def __call__(self, found: object) -> bool:
        if not isinstance(found, str):
            return False
        if self._end is None:
            return self._begin.fullmatch(found) is not None
        begin = self._begin.match(found)
        if begin is None:
            return False
        place = begin.end()
        for part in self._middle:
            here = part.search(found, place)
            if here is None:
                return False
            place = here.end()
        last = len(found) - self._end_size
        return last >= place and self._end.match(found, last) is not None

    def __repr__(self) -> str:
        return f"$like {self.pattern!r}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Like) and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)


def _part(text: str) -> re.Pattern[str]:
    """What stands between two stars: as many characters as it has, so nothing in it can be tried in two ways."""
    return re.compile("".join("." if each == "?" else re.escape(each) for each in text), re.DOTALL)


def _bounds(numbers: Range) -> dict[str, float]:
    given = {"$at_least": numbers.low, "$at_most": numbers.high}
    return {name: bound for name, bound in given.items() if bound is not None}


def expected_from_dict(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is expected; :class:`InvalidValue` names the path of a test that is none."""
    return {name: _read(name, value) for name, value in data.items()}


def _read(path: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_read(f"{path}[{place}]", each) for place, each in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    names = [name for name in value if name.startswith("$")]
    if not names:
        return {name: _read(f"{path}.{name}", each) for name, each in value.items()}
    return _test(path, value)


def _test(path: str, value: Mapping[str, Any]) -> Any:
    for name in value:
        if name not in TESTS:
            raise InvalidValue(f"{path}.{name}", f"is no test, tests are {', '.join(TESTS)}", "unknown_test")
    if set(value) <= {"$at_least", "$at_most"}:
        for name, bound in value.items():
            if not _is_number(bound):
                raise InvalidValue(f"{path}.{name}", "must be a number")
        return Range(value.get("$at_least"), value.get("$at_most"))
    if len(value) > 1:
        raise InvalidValue(path, f"can be only one of {', '.join(value)}")
    ((name, given),) = value.items()
    match name:
        case "$like":
            return _pattern(f"{path}.{name}", given)
        case "$one_of":
            if not isinstance(given, list) or not all(isinstance(each, str | int) for each in given):
                raise InvalidValue(f"{path}.{name}", "must be a list of texts and whole numbers")
            return frozenset(given)
    if given is not True:
        raise InvalidValue(f"{path}.{name}", "must be true")
    return ...


def _pattern(path: str, given: Any) -> Like:
    if not isinstance(given, str) or len(given) > PATTERN_MAX:
        raise InvalidValue(path, f"must be a text of at most {PATTERN_MAX} characters")
    if given.startswith("^") or given.endswith("$") or "\\" in given:
        text = "* stands for any characters and ? for one, and the whole text has to be like it"
        raise InvalidValue(path, f"must be no regular expression: {text}", "regular_expression")
    return Like(given)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def expected_to_plain(value: Any) -> Any:
    """A value that was expected, as it was written."""
    match value:
        case Like():
            return {"$like": value.pattern}
        case AbstractSet():
            return {"$one_of": sorted(value, key=lambda each: (str(type(each)), each))}
        case Range():
            return _bounds(value)
        case Mapping():
            return {name: expected_to_plain(each) for name, each in value.items()}
        case list():
            return [expected_to_plain(each) for each in value]
    return {"$any": True} if value is ... else value
