"""Values of the domain as maps of plain values, and maps as values: what every protocol of ours is made of.

The rule of writing (the canonical form): fields in the order of the class, fields that have their default value left
out, names inside a free map sorted. So equal values give equal bytes.

The rule of reading: whatever bytes come, :class:`RemoteProtocolError` and nothing else goes out. Types are not
converted, unknown fields and repeated keys are refused, and nothing is built that is larger than the bytes deserve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, TypeVar

from msgpack import UnpackException, packb, unpackb
from msgspec import NODEFAULT, Struct, structs
from pydantic import TypeAdapter, ValidationError

from fiscal.domain.document import COUNTERS_MAX, KIND_OF
from fiscal.domain.limits import ITEMS_MAX
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode

T = TypeVar("T")

ARRAY_MAX: Final = ITEMS_MAX
"""Entries of any array: the items of a receipt are the longest. Room is reserved when an array's size is read, 8 bytes
an entry, so nested arrays that only announce entries cost at most 1,024 x 500 x 8 bytes, 4 MB."""
MAP_MAX: Final = COUNTERS_MAX
"""Entries of any map: the counters of a Z-report are the longest. No room is reserved ahead."""
GIVEN_MAX: Final = 40
"""Characters of a wrong value that are repeated in the text of an error."""
ERRORS_MAX: Final = 100
"""Wrong fields of one message up to which the first is named. Telling one costs as much as telling all, 2 us each, and
a hostile message has room for 30,000; a register that makes so many is not helped by the first."""
FIELD_MAX: Final = 64
"""Characters of one step of the path to a wrong value: a peer chooses the names of unknown fields."""

REQUIRED: Final = object()
"""Stands for the default value of a field that has none."""


# --------------------------------------------------------------------------------------------------------- fields


def is_value(value: Any) -> bool:
    """Whether it is made of named fields: a value of the domain, or another dataclass."""
    return isinstance(value, Struct) or (is_dataclass(value) and not isinstance(value, type))


def fields_of(type_: type[Any]) -> dict[str, Any]:
    """The fields of such a class in their order, each with its default value or :data:`REQUIRED`."""
    entries: Iterable[Any]
    none: Any
    if issubclass(type_, Struct):
        entries, none = structs.fields(type_), NODEFAULT
    else:
        entries, none = fields(type_), MISSING
    found = {}
    for entry in entries:
        default = entry.default
        factory: Any = entry.default_factory
        if factory is not none:
            default = factory()
        found[entry.name] = REQUIRED if default is none else default
    return found


# -------------------------------------------------------------------------------------------------------- writing


_Layout = tuple[dict[str, Any], tuple[tuple[str, Any], ...]]
_LAYOUTS: Final[dict[type, _Layout]] = {}


def _layout(type_: type) -> _Layout:
    """What the map of a class begins with, and its fields with the values that are left out."""
    begin = {"kind": KIND_OF[type_].value} if type_ in KIND_OF else {}
    return _LAYOUTS.setdefault(type_, (begin, tuple(fields_of(type_).items())))


def as_map(value: Any) -> dict[str, Any]:
    """One level of a value of the domain, or of a free map: a document's map begins with its ``kind``."""
    if not is_value(value):
        return dict(sorted(value.items()))
    begin, rows = _LAYOUTS.get(type(value)) or _layout(type(value))
    written = begin.copy()
    for name, default in rows:
        part = getattr(value, name)
        if default is REQUIRED or (part is not default and part != default):
            written[name] = dict(sorted(part.items())) if type(part) is dict else part
    return written


def pack(value: Any) -> bytes:
    """A value of the domain, or a plain map that holds such values, as msgpack in the canonical form."""
    packed: bytes = packb(value, default=as_map)
    return packed


# -------------------------------------------------------------------------------------------------------- reading


def _without_repetition(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a key stands twice in a map")
    return entries


def _no_extension(code: int, _data: bytes) -> Any:
    raise ValueError(f"extension type {code} has no meaning here")


_BOUNDS: Final[Mapping[str, Any]] = {
    "max_array_len": ARRAY_MAX,
    "max_map_len": MAP_MAX,
    "max_ext_len": 0,
    "ext_hook": _no_extension,
}


def unpack(data: bytes, field: str) -> dict[str, Any]:
    """The one msgpack map that ``data`` is; :class:`RemoteProtocolError` bad_request for ``field`` when it is not."""
    try:
        value = unpackb(data, **_BOUNDS)
        # Looking for repeated keys costs as much as unpacking. They are lost on the way, so when the value packs to
        # the same bytes there were none; only bytes that another packer wrote are read again with a look at the keys.
        if packb(value) != data:
            value = unpackb(data, object_pairs_hook=_without_repetition, **_BOUNDS)
    except (ValueError, UnpackException) as error:
        rule = f"cannot be read: {_shortened(str(error) or type(error).__name__, 200)}"
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, field, rule) from None
    if not isinstance(value, dict):
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, field, f"must be a map, is {described(value)}")
    return value


_VALIDATORS: Final[dict[Any, Callable[[Any], Any]]] = {}


def _validator(type_: Any) -> Callable[[Any], Any]:
    """pydantic's validator of a class. Made when first needed: all of them together would delay every start."""
    return _VALIDATORS.setdefault(type_, TypeAdapter(type_).validator.validate_python)


def from_map(type_: type[T], entries: Mapping[str, Any], prefix: str = "") -> T:
    """The value of this class; :class:`RemoteProtocolError` bad_request with the path of the first wrong field.

    ``prefix`` is where the map stands itself ("delivery").
    """
    try:
        value: T = (_VALIDATORS.get(type_) or _validator(type_))(entries)
    except ValidationError as error:
        raise _as_remote(error, prefix) from None
    return value


def refuse_unknown(entries: Mapping[str, Any]) -> None:
    """:class:`RemoteProtocolError` bad_request for the first of the entries that nobody has taken."""
    for name in entries:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, _path((name,), ""), _RULES["invalid_key"])


_RULES: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is no field of this message",
    "extra_forbidden": "is no field of this message",
    "invalid_key": "is no field of this message",
    "dataclass_type": "must be a map",
    "tuple_type": "must be an array",
    "dict_type": "must be a map",
    "int_type": "must be an integer",
    "string_type": "must be text",
    "string_unicode": "must be text of whole characters",
    "bytes_type": "must be binary",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "bytes_too_short": "must have at least {min_length} bytes",
    "bytes_too_long": "must have at most {max_length} bytes",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "enum": "must be one of {expected}",
    "predicate_failed": "must be the name of an IANA time zone",  # the only value that is judged by a function
}
_WITHOUT_VALUE: Final = frozenset(("missing", "unexpected_keyword_argument", "extra_forbidden", "invalid_key"))


def _as_remote(error: ValidationError, prefix: str) -> RemoteProtocolError:
    if error.error_count() > ERRORS_MAX:
        rule = f"{error.error_count()} fields are wrong or missing"
        return RemoteProtocolError(ErrorCode.BAD_REQUEST, prefix or "body", rule)
    first = error.errors(include_url=False)[0]
    kind = first["type"]
    rule = _RULES[kind].format_map(first.get("ctx", {})) if kind in _RULES else first["msg"]
    if kind not in _WITHOUT_VALUE:
        rule += f", is {described(first['input'])}"
    return RemoteProtocolError(ErrorCode.BAD_REQUEST, _path(first["loc"], prefix), rule)


def _path(steps: tuple[int | str, ...], prefix: str) -> str:
    path = prefix
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{_shortened(step, FIELD_MAX)}" if path else _shortened(step, FIELD_MAX)
    return path or "body"


_WORDS: Final[Mapping[type, str]] = {
    dict: "a map",
    list: "an array",
    str: "text",
    bytes: "binary",
    int: "the integer",
    float: "the float",
}


def described(value: Any) -> str:
    """What somebody sent, in words: its type, and the value when it is short and plain."""
    word = _WORDS.get(type(value), type(value).__name__)
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{word} {value}"
        case str() if len(value) <= GIVEN_MAX:
            return f"{word} {value!r}"
        case str():
            return f"{word} {_shortened(repr(value), GIVEN_MAX)} of {len(value)} characters"
        case bytes():
            return f"{word} of {len(value)} bytes"
        case _:
            return f"{word} of {len(value)} entries"


def _shortened(text: str, length: int) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in text[: length + 1])
    return printable if len(printable) <= length else printable[: length - 1] + "…"
