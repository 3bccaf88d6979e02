"""Reads the dialogues with nothing but README.md, the standard library and a ``.proto`` file as text.

The rule: no import of the product and none of protobuf. What this file understands of a dialogue, anybody can.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

PROTO: Final = Path(__file__).parents[2] / "interop/kz-jvm/src/main/proto"
TOKEN: Final = re.compile(r"[A-Za-z_][\w.]*|\d+|[{}=;]")
SCALARS: Final = frozenset(("uint32", "uint64", "int32", "bool", "string", "bytes"))
VARINT, LENGTH = 0, 2


class Field(NamedTuple):
    number: int
    kind: str
    is_list: bool


class Schema:
    """Messages of one ``.proto`` file: path of the message to its fields; whatever is no message is an enum."""

    def __init__(self, version: int) -> None:
        self.messages: dict[str, dict[str, Field]] = {}
        text = re.sub(r"//.*", "", (PROTO / f"kz{version}.proto").read_text(encoding="utf-8"))
        tokens = iter(TOKEN.findall(text[text.index("enum CommandTypeEnum") :]))
        for word in tokens:
            if word in {"message", "enum"}:
                self._read(tokens, word, next(tokens))

    def _read(self, tokens: Iterator[str], kind: str, path: str) -> None:
        assert next(tokens) == "{"
        fields: dict[str, Field] = {}
        if kind == "message":
            self.messages[path] = fields
        for word in tokens:
            if word == "}":
                return
            if kind == "enum":
                for _ in range(3):  # = number ;
                    next(tokens)
            elif word in {"message", "enum"}:
                self._read(tokens, word, f"{path}.{next(tokens)}")
            else:
                type_name, name, _, number, _ = (next(tokens) for _ in range(5))
                fields[name] = Field(int(number), type_name, word == "repeated")

    def find(self, path: str, name: str) -> str | None:
        """The message that a field's type names, seen from inside the message at this path; None for an enum."""
        while True:
            candidate = f"{path}.{name}" if path else name
            if candidate in self.messages:
                return candidate
            if not path:
                return None
            path = path.rpartition(".")[0]


def frame(data: bytes) -> tuple[dict[str, int], bytes]:
    """Header and body of a frame, which has to be whole."""
    appcode, version, size, device, token, number = struct.unpack("<HHIIIH", data[:18])
    assert appcode == 0x81A2, hex(appcode)
    assert size == len(data), (size, len(data))
    return {"version": version, "device": device, "token": token, "number": number}, data[18:]


def wire(body: bytes) -> dict[int, list[int | bytes]]:
    """Field numbers to the values that stand under them."""
    found: dict[int, list[int | bytes]] = {}
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            octet = body[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(body):
        key = varint()
        if key & 7 == VARINT:
            found.setdefault(key >> 3, []).append(varint())
        else:
            assert key & 7 == LENGTH, f"wire type {key & 7}"
            size = varint()
            assert at + size <= len(body), "a field longer than its message"
            found.setdefault(key >> 3, []).append(body[at : at + size])
            at += size
    return found


class Reader:
    """The answer to a path, as :data:`tests.vectors.kz.meaning.Look` has it."""

    def __init__(self, schema: Schema, body: bytes, root: str = "Response") -> None:
        self.schema = schema
        self.body = body
        self.root = root

    def __call__(self, path: str) -> Any:
        message, values = self.root, wire(self.body)
        *way, last = path.split(".")
        for name in way:
            row = int(name.partition("[")[2].rstrip("]") or 0)
            field = self.schema.messages[message][name.partition("[")[0]]
            rows = values.get(field.number, [])
            inner = self.schema.find(message, field.kind)
            if row >= len(rows):
                return None
            assert inner is not None, f"{name} is no message"
            part = rows[row]
            assert isinstance(part, bytes)
            message, values = inner, wire(part)
        return self._value(message, values, last)

    def _value(self, message: str, values: dict[int, list[int | bytes]], name: str) -> Any:
        field = self.schema.messages[message][name.rstrip("#")]
        rows = values.get(field.number, [])
        if name.endswith("#"):
            return len(rows)
        if not rows:
            return None
        value = rows[-1]
        if isinstance(value, bytes):
            return value.decode("utf-8")
        return bool(value) if field.kind == "bool" else value
