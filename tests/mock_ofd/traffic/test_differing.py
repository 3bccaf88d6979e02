"""Answers beside each other."""

import pytest

from fiscal.protocols.transcript import Told
from mock_ofd.traffic.differing import Difference, differences

LEFT = {"number": 5, "at": 1, "sign": "111", "items": [{"sum": 1, "at": 5}, 2], "none": None}


def differ(fields, ignored=(), what="accepted"):
    recorded, came = Told("accepted", 1, None, LEFT), Told(what, 1, None, fields)
    return [(each.field, each.recorded, each.came) for each in differences(recorded, came, frozenset(ignored))]


@pytest.mark.parametrize(
    ("fields", "ignored", "found"),
    [
        (LEFT, (), []),
        (LEFT | {"number": 6}, (), [("number", 5, 6)]),
        (LEFT | {"at": 2, "sign": "2"}, ("at", "sign"), []),
        (LEFT | {"at": 2, "sign": "2"}, ("at",), [("sign", "111", "2")]),
        (LEFT | {"items": [{"sum": 1, "at": 6}, 3]}, ("at",), [("items[1]", 2, 3)]),
        (LEFT | {"items": [{"sum": 1, "at": 6}, 2]}, (), [("items[0].at", 5, 6)]),
        (LEFT | {"items": [{"sum": 1, "at": 5}]}, (), [("items[1]", 2, None)]),
        (LEFT | {"items": [{"sum": 1, "at": 5}, 2, 3]}, (), [("items[2]", None, 3)]),
        (LEFT | {"new": {"a": 1}}, (), [("new", None, {"a": 1})]),
        ({"number": 5, "at": 1, "sign": "111"}, (), [("items", LEFT["items"], None)]),
    ],
)
def test_fields_that_differ(fields, ignored, found):
    assert differ(fields, ignored) == found


def test_another_kind_of_answer_is_one_difference():
    assert differ({}, what="refused") == [("", "accepted", "refused")]
    assert Difference("", "accepted", "refused").came == "refused"
