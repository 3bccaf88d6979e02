"""Values are frozen, and what pydantic makes of a map is what the class says."""

from typing import Annotated, Any

import pytest
from annotated_types import Ge
from msgspec import field
from pydantic import TypeAdapter, ValidationError

from fiscal.domain.value import Value


class Part(Value, frozen=True, kw_only=True):
    """What a value holds."""

    size: Annotated[int, Ge(1)]
    mark: bytes = b""


NO_PART = Part(size=1)


class Whole(Value, frozen=True, kw_only=True):
    """A value with everything that one can have."""

    name: str
    part: Part = NO_PART
    parts: tuple[Part, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)


ADAPTER = TypeAdapter(Whole)


def test_a_map_becomes_the_value_all_the_way_down():
    assert ADAPTER.validate_python({"name": "a"}) == Whole(name="a", part=NO_PART, parts=(), notes={})
    given: dict[str, Any] = {"name": "a", "part": {"size": 2}, "parts": [{"size": 3, "mark": b"m"}], "notes": {"n": 1}}
    assert ADAPTER.validate_python(given) == Whole(
        name="a", part=Part(size=2), parts=(Part(size=3, mark=b"m"),), notes={"n": 1}
    )


def test_the_value_itself_is_taken_as_it_is():
    whole = Whole(name="a")
    assert ADAPTER.validate_python(whole) is whole
    assert ADAPTER.validate_python({"name": "a", "part": NO_PART}).part is NO_PART


def test_what_is_made_anew_is_not_shared():
    one, other = (ADAPTER.validate_python({"name": "a"}) for _ in range(2))
    assert one.notes is not other.notes


@pytest.mark.parametrize(
    ("wrong", "kind", "path"),
    [
        ({}, "missing", ("name",)),
        ({"name": "a", "colour": 1}, "extra_forbidden", ("colour",)),
        ({"name": "a", "part": {"size": 0}}, "greater_than_equal", ("part", "size")),
        ({"name": "a", "parts": [{"size": 1}, {}]}, "missing", ("parts", 1, "size")),
        ({"name": "a", "part": []}, "dict_type", ("part",)),
    ],
)
def test_what_is_wrong_is_told_with_its_path(wrong: Any, kind: str, path: tuple[Any, ...]):
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(wrong)
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [(kind, path)]


def test_the_json_schema_names_the_classes_and_their_defaults():
    schema = ADAPTER.json_schema()
    assert list(schema["$defs"]) == ["Part"]
    assert schema["title"] == "Whole"
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["part"]["default"] == {"size": 1}


def test_a_value_is_frozen_and_equal_by_its_fields():
    assert Whole(name="a") == Whole(name="a", notes={})
    assert Part(size=1) != Part(size=2)
    with pytest.raises(AttributeError):
        NO_PART.size = 2  # type: ignore[misc]  # that is the point
