"""Plans as plain dictionaries: what JSON and TOML carry.

The rule: what is written reads back as an equal value, defaults are left out, and a dictionary that is not understood
to the last key is refused. Every error is an :class:`InvalidValue` whose field is the path ("faults[0].when.nth").

    seed = 7
    description = "The third receipt of every till is committed, and its answer is lost."

    [[faults]]
    name = "lost-answer"
    at = "after_commit"
    effects = [{ kind = "lose_answer" }]
    when = { register = "till-*", command = "document", nth = 3 }
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from fiscal.errors import InvalidValue
from fiscal.faults.effects import POINTS, Effect, Normal, Point, Uniform, shown
from fiscal.faults.plan import Fault, FaultPlan, Scope, Selection
from fiscal.faults.run import Applied
from fiscal.time import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime

T = TypeVar("T")


def _word(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


KINDS: Final[Mapping[str, type[Effect]]] = {_word(kind.__name__): kind for kind in POINTS}
"""Every kind of effect by its word: "lose_answer" is :class:`~fiscal.faults.effects.LoseAnswer`."""

_RELATIVE: Final = re.compile(r"\+([0-9]{1,12})(ms|s|m|h|d)")
_UNITS: Final[Mapping[str, int]] = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_KEYS: Final[Mapping[str, str]] = {"since": "from"}
"""Fields whose word is a keyword of Python."""


# ---------------------------------------------------------------------------------------------------------- reading


def plan_from_toml(text: str, start: Instant = 0) -> FaultPlan:
    """A plan from the text of a TOML file. ``start`` is the instant from which "+90s" counts; see `plan_from_dict`."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # none, or nested too deep to be read
        raise InvalidValue("toml", str(error), "not_toml") from error
    return plan_from_dict(data, start)


def plan_from_dict(data: object, start: Instant = 0) -> FaultPlan:
    """A plan from {"faults": [...], "seed": 7, "description": "..."}; a fault without a name is called "fault-<n>".

    Instants (``from``, ``until``) are milliseconds, RFC 3339 texts with a zone, dates of TOML with a zone, or "+90s"
    after ``start`` (ms, s, m, h, d): a scenario in a file does not know when it will be used.
    """
    given = _table("", data, ("faults", "seed", "description"))
    if "faults" in given:
        rows = _list("faults", given["faults"])
        given["faults"] = tuple(_fault(f"faults[{i}]", row, start, f"fault-{i + 1}") for i, row in enumerate(rows))
    return _made(FaultPlan, "", given)


def fault_from_dict(data: object, start: Instant = 0) -> Fault:
    """One fault from {"name", "at", "effects", "when"}; the rest as in `plan_from_dict`, but the name is required."""
    return _fault("", data, start, None)


def effect_from_dict(data: object) -> Effect:
    """One effect from {"kind": "delay", "ms": 300}; a distribution is {"uniform": [low, high]} or {"normal": [...]}."""
    return _effect("", data)


def _fault(path: str, data: object, start: Instant, name: str | None) -> Fault:
    given = _table(path, data, ("name", "at", "effects", "when"))
    if name is not None:
        given.setdefault("name", name)
    if "at" in given:
        given["at"] = _member(_join(path, "at"), Point, given["at"])
    if "effects" in given:
        where = _join(path, "effects")
        given["effects"] = tuple(_effect(f"{where}[{i}]", row) for i, row in enumerate(_list(where, given["effects"])))
    if "when" in given:
        given["when"] = _selection(_join(path, "when"), given["when"], start)
    return _made(Fault, path, given)


def _selection(path: str, data: object, start: Instant) -> Selection:
    given = _table(path, data, [_key(field) for field in fields(Selection)])
    if "from" in given:
        given["since"] = _instant(_join(path, "from"), given.pop("from"), start)
    if "until" in given:
        given["until"] = _instant(_join(path, "until"), given["until"], start)
    if "count" in given:
        given["count"] = _member(_join(path, "count"), Scope, given["count"])
    return _made(Selection, path, given)


def _effect(path: str, data: object) -> Effect:
    word = data.get("kind") if isinstance(data, Mapping) else None
    kind = KINDS.get(word) if isinstance(word, str) else None
    if kind is None:
        raise InvalidValue(_join(path, "kind"), f"must be one of {', '.join(KINDS)}, is {shown(word)}", "unknown_kind")
    given = _table(path, data, ["kind", *(field.name for field in fields(kind))])
    del given["kind"]
    if isinstance(given.get("ms"), Mapping):
        given["ms"] = _distribution(_join(path, "ms"), given["ms"])
    make: Callable[..., Effect] = kind
    return _made(make, path, given)


def _distribution(path: str, data: object) -> Uniform | Normal:
    given = _table(path, data, ("uniform", "normal"))
    if len(given) != 1:
        raise InvalidValue(path, 'must have either "uniform" or "normal"')
    ((word, value),) = given.items()
    pair = _list(_join(path, word), value)
    if len(pair) != 2:  # noqa: PLR2004 - a pair
        raise InvalidValue(_join(path, word), f"must be a list of two numbers, is {shown(value)}")
    kind: Callable[..., Uniform | Normal] = Uniform if word == "uniform" else Normal
    return _called(kind, _join(path, word), pair, {})


def _instant(path: str, value: object, start: Instant) -> object:
    """The instant in milliseconds; what is no text and no date is left to the checks of the selection."""
    if isinstance(value, str):
        if relative := _RELATIVE.fullmatch(value):
            return start + int(relative[1]) * _UNITS[relative[2]]
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise InvalidValue(path, f'must be RFC 3339 or like "+90s", is {shown(value)}') from error
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise InvalidValue(path, "a time without a zone names no moment", "naive_time")
    return from_datetime(value)


def _member(path: str, kind: type[StrEnum], value: object) -> StrEnum:
    if not isinstance(value, str) or value not in list(kind):
        raise InvalidValue(path, f"must be one of {', '.join(kind)}, is {shown(value)}")
    return kind(value)


def _table(path: str, data: object, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidValue(path or "plan", f"must be a table, is {shown(data)}")
    known = list(known)
    for key in data:
        if key not in known:
            raise InvalidValue(_join(path, str(key)), f"is unknown, known are {', '.join(known)}", "unknown_key")
    return dict(data)


def _list(path: str, data: object) -> list[Any]:
    if not isinstance(data, list | tuple):
        raise InvalidValue(path, f"must be a list, is {shown(data)}")
    return list(data)


def _made(kind: Callable[..., T], path: str, given: Mapping[str, Any]) -> T:
    for field in fields(kind):  # type: ignore[arg-type]  # every kind here is a dataclass
        if field.default is MISSING and field.name not in given:
            raise InvalidValue(_join(path, _key(field)), "is missing", "missing")
    return _called(kind, path, [], given)


def _called(kind: Callable[..., T], path: str, values: Iterable[Any], given: Mapping[str, Any]) -> T:
    """What ``kind`` makes of it; its complaint gets the path in front."""
    try:
        return kind(*values, **given)
    except InvalidValue as error:
        field = _KEYS.get(error.field, error.field)
        raise InvalidValue(_join(path, field), error.rule, error.code) from error


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _key(field: Field[Any]) -> str:
    return _KEYS.get(field.name, field.name)


# ---------------------------------------------------------------------------------------------------------- writing


def plan_to_dict(plan: FaultPlan) -> dict[str, Any]:
    """The plan in the form that `plan_from_dict` reads; texts, whole numbers, a probability, lists and tables only."""
    written = _without_defaults(plan)
    if plan.faults:
        written["faults"] = [fault_to_dict(fault) for fault in plan.faults]
    return written


def fault_to_dict(fault: Fault) -> dict[str, Any]:
    """One fault in the form that `fault_from_dict` reads."""
    written = _without_defaults(fault)
    written["at"] = fault.at.value
    written["effects"] = [effect_to_dict(effect) for effect in fault.effects]
    if "when" in written:
        written["when"] = _without_defaults(fault.when)
    return written


def effect_to_dict(effect: Effect) -> dict[str, Any]:
    """One effect in the form that `effect_from_dict` reads."""
    written = {"kind": _word(type(effect).__name__), **_without_defaults(effect)}
    match written.get("ms"):
        case Uniform(low, high):
            written["ms"] = {"uniform": [low, high]}
        case Normal(mean, spread):
            written["ms"] = {"normal": [mean, spread]}
        case _:
            pass
    return written


def applied_to_dict(applied: Applied) -> dict[str, Any]:
    """What the recorded traffic keeps of a fault that was applied; ``why`` is for people, the rest for machines."""
    return {
        "fault": applied.fault.name,
        "at": applied.fault.at.value,
        "register": applied.situation.register,
        "protocol": applied.situation.protocol,
        "command": applied.situation.command,
        "peer": applied.situation.peer,
        "request": applied.situation.request,
        "now": applied.situation.now,
        "occurrence": applied.occurrence,
        "application": applied.application,
        "draw": applied.draw,
        "effects": [effect_to_dict(effect) for effect in applied.effects],
        "why": applied.why,
    }


def _without_defaults(value: Effect | Fault | FaultPlan | Selection) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is MISSING or given != field.default:
            written[_key(field)] = given.value if isinstance(given, StrEnum) else given
    return written
