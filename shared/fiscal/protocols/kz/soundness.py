"""What protobuf lets through and the protocol does not: gaps, numbers out of range, texts that are no UTF-8.

The rule: a whole message is looked at by the C code of protobuf alone, which takes microseconds; only when that finds
something suspicious is the message walked field by field, in order to name the field. Three tricks carry it.

* Writing a message checks in passing that no required field is missing.
* In written bytes every number has its shortest form, so one beyond 31 bits ends a run of four high bytes with 08 .. 0F
  and one beyond 63 bits a run of nine with 01; where no run of four ends like that, no number is out of range.
* The same schema under the rules of proto3, with nothing left in it but texts, refuses texts that are no UTF-8.

(Kazakhstan protocol 2.0.2, 1: uint32 carries 0 .. 2^31-1 and uint64 0 .. 2^63-1 unless a field says otherwise; UTF-8.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, NamedTuple, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

UINT32_MAX: Final = 2**31 - 1
"""The largest number of a uint32 field: some peers keep it in a signed one."""
UINT64_MAX: Final = 2**63 - 1
"""The largest number of a uint64 field, likewise."""
LOOKED_INTO_MAX: Final = 4096
"""Bytes of a message in which we look for the value that a missing enum may have had: listing unknown fields costs a
fifth of a microsecond each, and a hostile message has room for 500,000."""

MessageT = TypeVar("MessageT", bound=Message)


class Fault(NamedTuple):
    """What is wrong with a message."""

    field: str
    """The path of the field: "ticket.items[2].commodity.price.bills"; "body" when there is none."""
    rule: str
    unknown_value: bool = False
    """Whether the field is a required enum with a value that the version does not know."""


class Reader(Generic[MessageT]):
    """Reads messages of one type."""

    __slots__ = ("_is_utf8", "_parse", "type")

    def __init__(self, type_: type[MessageT]) -> None:
        self.type = type_
        self._parse = type_.FromString
        self._is_utf8 = text_check(type_.DESCRIPTOR)

    def read(self, body: bytes) -> MessageT | Fault:
        """The message in these bytes, or what is wrong with it. Raises nothing."""
        try:
            message = self._parse(body)  # where protobuf has no C code, it looks for UTF-8 here, and names no field
        except (DecodeError, UnicodeDecodeError):
            return Fault("body", f"is no {self.type.DESCRIPTOR.full_name}")
        written = write(message)
        if isinstance(written, Fault):
            return written
        if not self._is_utf8(written):
            return no_utf8_in(message)
        return message


def write(message: Message) -> bytes | Fault:
    """The bytes of a message, or the field that it lacks, or a number in it that is out of range. Raises nothing."""
    try:
        written = message.SerializeToString()
    except EncodeError:
        return missing_in(message)
    if may_be_out_of_range(written):
        return out_of_range_in(message) or written
    return written


# ------------------------------------------------------------------------------------------------------ the fast look


_CLASSES: Final = b"".join((b".T......", b"T" * 8, b"." * 112, b"H" * 128))
"""Which class a byte is of: one that may end a number out of range (01, 08 .. 0F), high, other."""


def may_be_out_of_range(written: bytes) -> bool:
    """Whether a number in these bytes, as protobuf wrote them, may be out of range; ``False`` is certain."""
    return b"HHHHT" in written.translate(_CLASSES)


def text_check(message_type: Any) -> Callable[[bytes], bool]:
    """A function that tells whether all texts in a written message of this type are UTF-8."""
    file = FileDescriptorProto()
    message_type.file.CopyToProto(file)
    file.syntax = "proto3"
    file.ClearField("enum_type")
    with_text = _with_text(dict(_by_name(file.message_type, f".{file.package}")))
    for message in file.message_type:
        _leave_only_texts(message, with_text)
    pool = DescriptorPool()
    pool.Add(file)
    parse = GetMessageClass(pool.FindMessageTypeByName(message_type.full_name)).FromString

    def is_utf8(written: bytes) -> bool:
        try:
            parse(written)
        except (DecodeError, UnicodeDecodeError):
            return False
        return True

    return is_utf8


def _by_name(messages: Iterable[DescriptorProto], prefix: str) -> Iterator[tuple[str, DescriptorProto]]:
    for message in messages:
        name = f"{prefix}.{message.name}"
        yield name, message
        yield from _by_name(message.nested_type, name)


def _with_text(messages: dict[str, DescriptorProto]) -> set[str]:
    """The names of the messages that hold a text, or a message that does."""
    found: set[str] = set()
    size = -1
    while size < len(found):
        size = len(found)
        found |= {name for name, message in messages.items() if any(_leads_to_text(f, found) for f in message.field)}
    return found


def _leads_to_text(field: FieldDescriptorProto, with_text: set[str]) -> bool:
    return field.type == FieldDescriptorProto.TYPE_STRING or field.type_name in with_text


def _leave_only_texts(message: DescriptorProto, with_text: set[str]) -> None:
    kept = [field for field in message.field if _leads_to_text(field, with_text)]
    for field in kept:
        field.ClearField("options")
        if field.label == FieldDescriptorProto.LABEL_REQUIRED:
            field.label = FieldDescriptorProto.LABEL_OPTIONAL
    del message.field[:]
    message.field.extend(kept)
    message.ClearField("enum_type")
    for nested in message.nested_type:
        _leave_only_texts(nested, with_text)


# ------------------------------------------------------------------------------------------------------ the long look

_RANGE_MAX: Final = {FieldDescriptor.TYPE_UINT32: UINT32_MAX, FieldDescriptor.TYPE_UINT64: UINT64_MAX}
_VARINT: Final = 0


def missing_in(message: Message) -> Fault:
    """The first required field that is missing; the caller knows that there is one."""
    for place, part in _messages(message, ""):
        for field in part.DESCRIPTOR.fields:
            if field.is_required and not part.HasField(field.name):
                return _missing(f"{place}{field.name}", part, field)
    raise AssertionError(message.DESCRIPTOR.full_name)


def _missing(place: str, message: Message, field: FieldDescriptor) -> Fault:
    if field.enum_type is not None and len(message.SerializePartialToString()) <= LOOKED_INTO_MAX:
        unknown: Any = UnknownFieldSet(message)  # its type does not say that it is a sequence
        values = [entry.data for entry in unknown if (entry.field_number, entry.wire_type) == (field.number, _VARINT)]
        if values:
            rule = f"is {values[-1]}, which {field.enum_type.name} does not have"
            return Fault(place, rule, unknown_value=True)
    return Fault(place, "is required and missing")


def out_of_range_in(message: Message) -> Fault | None:
    """The first number that is out of range; ``None``: there is none."""
    for place, part in _messages(message, ""):
        for field, value in part.ListFields():
            limit = _RANGE_MAX.get(field.type)
            if limit is not None and value > limit:
                return Fault(f"{place}{field.name}", f"must be at most {limit}, is {value}")
    return None


def no_utf8_in(message: Message) -> Fault:
    """The first text that is no UTF-8, which protobuf hands out as bytes; the caller knows that there is one."""
    for place, part in _messages(message, ""):
        for field, value in part.ListFields():
            if field.type == FieldDescriptor.TYPE_STRING:
                texts = value if field.is_repeated else (value,)
                if any(isinstance(text, bytes) for text in texts):
                    return Fault(f"{place}{field.name}", "is no UTF-8")
    raise AssertionError(message.DESCRIPTOR.full_name)


def _messages(message: Message, path: str) -> Iterator[tuple[str, Any]]:
    """The message and every message in it, outer ones first, each with what its fields' paths begin with."""
    yield path, message
    for field, value in message.ListFields():
        if field.message_type is not None:
            if field.is_repeated:
                for index, element in enumerate(value):
                    yield from _messages(element, f"{path}{field.name}[{index}].")
            else:
                yield from _messages(value, f"{path}{field.name}.")
