"""Expectations written in JSON: each test says yes and no, comes back as it was written, and a wrong one is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from ofd_server.core.expecting import explain, match
from ofd_server.core.expecting_notation import TESTS, Like, expected_from_dict, expected_to_plain

RECEIPT = {
    "kind": "receipt",
    "total": 25_000,
    "items": [{"name": "Хлеб", "sum": 25_000}],
    "payments": [{"kind": "cash", "sum": 25_000}],
    "sign": "123",
    "autonomous": False,
    "autonomous_sign": None,
}


@pytest.mark.parametrize(
    ("expected", "is_met"),
    [
        ({}, True),
        ({"total": 25_000}, True),
        ({"total": 25_001}, False),
        ({"autonomous": False}, True),
        ({"total": {"$at_least": 25_000}}, True),
        ({"total": {"$at_least": 25_001}}, False),
        ({"total": {"$at_most": 25_000}}, True),
        ({"total": {"$at_most": 24_999}}, False),
        ({"total": {"$at_least": 1, "$at_most": 30_000}}, True),
        ({"total": {"$at_least": 26_000, "$at_most": 30_000}}, False),
        ({"sign": {"$at_least": 1}}, False),
        ({"autonomous": {"$at_most": 1}}, False),
        ({"items[0].name": {"$like": "Хл*"}}, True),
        ({"items[0].name": {"$like": "Хлеб"}}, True),
        ({"items[0].name": {"$like": "*"}}, True),
        ({"items[0].name": {"$like": "Х?*б"}}, True),
        ({"items[0].name": {"$like": "Хл"}}, False),
        ({"items[0].name": {"$like": "*л"}}, False),
        ({"items[0].name": {"$like": "Сыр*"}}, False),
        ({"items[0].name": {"$like": "*ы*"}}, False),
        ({"total": {"$like": "25"}}, False),
        ({"kind": {"$one_of": ["correction", "receipt"]}}, True),
        ({"kind": {"$one_of": ["deposit"]}}, False),
        ({"sign": {"$any": True}}, True),
        ({"autonomous_sign": {"$any": True}}, False),
        ({"items": [{"name": "Хлеб", "sum": {"$at_least": 1}}]}, True),
        ({"items": [{"name": "Хлеб"}, {"name": "Сыр"}]}, False),
        ({"payments": [{"kind": {"$one_of": ["card", "cash"]}}]}, True),
    ],
)
def test_what_is_written_is_compared(expected, is_met):
    read = expected_from_dict(expected)
    result = match(read, [RECEIPT])
    assert bool(result.matched) is is_met
    assert expected_to_plain(read) == expected
    if not is_met:
        assert (
            explain(result, ["a receipt"], "1").splitlines()[1].startswith("1 document came; the closest differs in ")
        )


def test_numbers_are_told_by_their_bounds():
    (miss,) = match(expected_from_dict({"total": {"$at_least": 1, "$at_most": 2}}), [RECEIPT]).misses
    assert "$at_least 1 and $at_most 2" in str(miss.differences[0])


def test_one_of_is_told_in_an_order():
    assert expected_to_plain(frozenset(["b", 2, "a", 1])) == {"$one_of": [1, 2, "a", "b"]}


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ({"total": {"$more": 1}}, "total.$more"),
        ({"total": {"$at_least": "1"}}, "total.$at_least"),
        ({"total": {"$at_least": True}}, "total.$at_least"),
        ({"total": {"$at_least": 1, "$any": True}}, "total"),
        ({"total": {"$any": True, "also": 1}}, "total.also"),
        ({"sign": {"$any": False}}, "sign.$any"),
        ({"sign": {"$like": "^12"}}, "sign.$like"),
        ({"sign": {"$like": "12$"}}, "sign.$like"),
        ({"sign": {"$like": r"\d+"}}, "sign.$like"),
        ({"sign": {"$like": 1}}, "sign.$like"),
        ({"sign": {"$like": "x" * 513}}, "sign.$like"),
        ({"kind": {"$one_of": "receipt"}}, "kind.$one_of"),
        ({"kind": {"$one_of": [["receipt"]]}}, "kind.$one_of"),
        ({"items": [{"name": {"$wrong": 1}}]}, "items[0].name.$wrong"),
    ],
)
def test_a_test_that_is_none_is_refused(expected, path):
    with pytest.raises(InvalidValue) as refused:
        expected_from_dict(expected)
    assert refused.value.field == path


def test_every_test_is_tried_here():
    with pytest.raises(InvalidValue) as refused:
        expected_from_dict({"total": {"$": 1}})
    assert all(name in refused.value.rule for name in TESTS)


@given(st.text("ab*?.\n", max_size=8), st.text("ab.\n*", max_size=12))
def test_a_pattern_means_what_the_same_regular_expression_means(pattern, text):
    translated = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    assert Like(pattern)(text) is (re.fullmatch(translated, text, re.DOTALL) is not None)


def test_patterns_are_equal_by_their_text():
    assert {Like("a*"), Like("a*")} == {Like("a*")}
    assert Like("a*") != Like("a?")
    assert repr(Like("a*")) == "$like 'a*'"


@pytest.mark.parametrize("pattern", ["*a" * 255 + "b", "*" + "a" * 509 + "b*", "*" + "?a" * 255, "*" * 511 + "b"])
def test_a_look_ends_whatever_the_pattern(pattern):
    """Tried in every way, as a regular expression is, the first of these would not end in our lives."""
    assert not Like(pattern)("a" * 2_000 + "c")
