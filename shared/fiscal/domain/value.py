"""Values that travel: what documents and messages are made of.

The rule: a value is frozen, equal by its fields, and knows no field but its own. Its class is an msgspec Struct, because
those are made three to five times faster than dataclasses, and straight from bytes; making values is most of what an
operator does. Who validates with pydantic at the rim gets its schema from the class as well.
"""

from __future__ import annotations

from typing import Any, get_type_hints

from msgspec import NODEFAULT, Struct, to_builtins
from msgspec.structs import fields


def _plain(value: Value) -> Any:
    return to_builtins(value, builtin_types=(bytes,))


class Value(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,  # no value can hold itself, so the collector has nothing to find here
):
    """A value that travels. A class of its own repeats ``frozen=True, kw_only=True`` for its own fields."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """For pydantic: a map with these fields and no others becomes the value when all of them are right."""
        hints = get_type_hints(cls, include_extras=True)
        rows = {}
        for entry in fields(cls):
            schema = handler.generate_schema(hints[entry.name])
            if entry.default is not NODEFAULT:
                schema = {"type": "default", "schema": schema, "default": entry.default}
            elif entry.default_factory is not NODEFAULT:
                schema = {"type": "default", "schema": schema, "default_factory": entry.default_factory}
            rows[entry.name] = {"type": "typed-dict-field", "schema": schema, "required": entry.required}
        return {
            "type": "function-wrap",
            "schema": {"type": "typed-dict", "fields": rows, "cls": cls, "extra_behavior": "forbid"},
            "function": {"type": "no-info", "function": cls._validated},
            "serialization": {"type": "function-plain", "function": _plain},
            "ref": f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        }

    @classmethod
    def _validated(cls, given: Any, validate: Any) -> Any:
        return given if type(given) is cls else cls(**validate(given))
